import json
from datetime import datetime
from decimal import Decimal

import pytest

from shoplake.tables.bronze.product_changes_raw import product_changes_raw
from shoplake.tables.bronze.products_raw import products_raw
from shoplake.tables.silver.products import products
from shoplake.transforms.scd2 import build_scd2

LAMP = {
    "product_id": "p1",
    "product_name": "Lamp",
    "category": "Light",
    "price": 9.99,
    "cost": "4.5000",
    "updated_at": "2026-03-01T09:00:00Z",
}
TYPES = {column.name: column.type for column in products.change_columns}


@pytest.fixture
def changes(arrived, zenith):
    """The changes that records of snapshots tell of, or records of a change feed."""

    def inputs(*records, feed=()):
        snapshots = arrived(products_raw, *[json.dumps(LAMP | record) for record in records])
        return products(snapshots, arrived(product_changes_raw, *map(json.dumps, feed)), feeds=(zenith,))

    return inputs


@pytest.fixture
def versions(changes):
    """The versions of snapshot records, oldest first."""

    def build(*records):
        inputs = changes(*records).drop("_source", "_type_errors")
        return (
            build_scd2(inputs, ["feed", "product_id"], products.write, TYPES)
            .orderBy("product_id", "valid_from")
            .collect()
        )

    return build


def on(day, **values):
    return {"updated_at": f"2026-03-{day:02}T09:00:00Z", **values}


def test_a_record_of_a_snapshot_becomes_a_typed_change(changes, split_rows):
    [lamp], reasons = split_rows(products, changes({}))

    assert reasons == {}
    assert (lamp.feed, lamp.product_id, lamp.product_name, lamp.category) == ("shop", "p1", "Lamp", "Light")
    assert (lamp.price, lamp.cost, lamp.updated_at) == (Decimal("9.9900"), Decimal("4.5000"), datetime(2026, 3, 1, 9))


def test_a_product_in_a_snapshot_is_available_without_a_category_tree(changes, split_rows):
    [lamp], _ = split_rows(products, changes({}))

    assert (lamp.is_available, lamp.parent_category) == (True, None)


def test_a_new_price_is_a_new_version_and_a_repeat_is_none(versions):
    inputs = versions(on(3, price=12), on(1), on(2), on(3, price=12), on(4, price="12.0000"))

    assert [(version.price, version.valid_from.day, version.is_current) for version in inputs] == [
        (Decimal("9.9900"), 1, False),
        (Decimal("12.0000"), 3, True),
    ]


def test_null_to_a_price_and_back_are_versions(versions):
    inputs = versions(on(1, price=None), on(2, price=1), on(3, price=None))

    assert [version.price for version in inputs] == [None, Decimal("1.0000"), None]


def test_products_have_versions_of_their_own(versions):
    inputs = versions(on(1), on(2, price=12), on(1, product_id="p2"))

    assert [(version.product_id, version.is_current) for version in inputs] == [
        ("p1", False),
        ("p1", True),
        ("p2", True),
    ]


def test_a_price_that_is_none_or_negative_is_quarantined(changes, split_rows):
    _, reasons = split_rows(
        products, changes({"price": "free"}, {"cost": -1}, {"price": "NaN"}, {"product_id": None}, {"price": -1})
    )

    assert reasons == {
        1: ["price_fits_type"],
        2: ["cost_not_negative"],
        3: ["price_fits_type"],
        4: ["product_id_present"],
        5: ["price_not_negative"],
    }


def test_a_record_of_a_change_feed_is_a_change_that_sets_everything(changes, split_rows):
    record = {"op": "update", "sequence": 3, "changed_at": "2026-03-02T09:00:00Z", "product_id": "p1", "price": 12.10}

    [lamp], reasons = split_rows(products, changes(feed=[record]))

    assert reasons == {}
    assert (lamp.operation, lamp.sequence, lamp.price, lamp.sets) == ("update", 3, Decimal("12.1000"), None)
    assert (lamp.product_name, lamp.is_available, lamp.updated_at) == (None, True, datetime(2026, 3, 2, 9))
