import json
from pathlib import Path

import pytest

from project.conftest import KIND, SETTINGS, lake_of

IMPORT = "from shoplake.columns.attributes import attributes\n"
BRANDED = IMPORT + KIND.replace("RECORD, type_errors(at", 'attributes(colour="colour"), RECORD, type_errors(at')
PRODUCTS = """\
from shoplake.columns.attributes import attributes
from shoplake.columns.raw_record import RECORD, json_record, parse_as, type_errors
from shoplake.declare import FeedKind, Stream


def known(products_raw, feed):
    return json_record(products_raw, "id string, at string, brand string").selectExpr(
        "feed", "id AS product_id", "brand", "at", "_source"
    ).select(
        "feed", "product_id", parse_as("at", "timestamp").alias("updated_at"), attributes(brand="brand"), RECORD,
        type_errors(at="timestamp"),
    )


SHELF = FeedKind("shelf", "A shelf", (Stream("*.json", "json", "products_raw"),), {"products": {"products_raw": known}})
"""


@pytest.fixture
def shelf(write):
    """A lake of products with a brand."""
    folder = write({"shoplake.toml": SETTINGS.format(kind="shelf"), "feeds/shelf.py": PRODUCTS})
    (folder / "landing").mkdir()
    return lake_of(folder, "products")


def put(lake, name, *products):
    records = [dict(zip(("id", "at", "brand"), product, strict=True)) for product in products]
    path = Path(lake.settings.feeds[0].path, f"{name}.json")
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def versions(lake):
    rows = lake.table("silver.products").orderBy("product_id", "valid_from").collect()
    return [(row.product_id, row.attributes, row.is_current) for row in rows]


def test_attributes_of_order_lines_travel_from_the_kind_to_silver(project, write):
    write({"feeds/stall.py": BRANDED})
    lake = lake_of(project, "order_lines")

    lake.run()

    assert [row.c for row in lake.sql("SELECT attributes['colour'] AS c FROM silver.order_lines").collect()] == [
        "red",
        "red",
    ]
    assert lake.verify() == []


def test_a_change_of_an_attribute_is_a_new_version_and_a_repeat_is_none(shelf):
    first, second = ("P1", "2026-03-01T00:00:00Z", "Acme"), ("P1", "2026-03-03T00:00:00Z", "Acme & Co")
    put(shelf, "a", first, ("P2", "2026-03-01T00:00:00Z", None))
    shelf.run()
    put(shelf, "b", second, first, ("P1", "2026-03-04T00:00:00Z", "Acme & Co"))
    shelf.run()
    built = versions(shelf)

    assert built == [
        ("P1", {"brand": "Acme"}, False),
        ("P1", {"brand": "Acme & Co"}, True),
        ("P2", None, True),
    ]
    shelf.run(full_refresh=True)
    assert versions(shelf) == built
