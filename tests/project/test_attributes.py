import json
from pathlib import Path

import pytest
from reliability.lakes import with_read

from project.conftest import KIND, SETTINGS, lake_of
from shoplake import Lake
from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.feeds import REES46, SEGMENT, SHOPIFY
from shoplake.settings import Settings

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


@pytest.mark.slow
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


# The kinds of shoplake

REES46_CSV = """\
event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session
2019-10-01 00:00:00 UTC,purchase,44,21,,shiseido,35.79,54,s1
"""
ITEM = {"id": 1, "product_id": 7, "variant_id": 8, "quantity": 2, "price": "10.00", "vendor": "Acme", "sku": "I-1"}
ORDER = {"id": 4, "created_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T11:00:00Z", "line_items": [ITEM]}
PRODUCT = {
    "id": 7,
    "title": "Mug",
    "vendor": "Acme",
    "updated_at": "2026-02-01T00:00:00Z",
    "variants": [{"sku": "I-1"}],
}
VIEW = {
    "type": "track",
    "event": "Product Viewed",
    "messageId": "m1",
    "userId": "u1",
    "timestamp": "2026-03-01T10:00:00Z",
    "properties": {"product_id": "p1", "brand": "Acme", "variant": "red"},
}
IDENTIFY = {"type": "identify", "userId": "u1", "timestamp": "2026-03-01T09:00:00Z", "traits": {"plan": "gold"}}
SENT = {
    "rees46/a.csv": REES46_CSV,
    "shopify/orders/a.json": json.dumps({"orders": [ORDER]}),
    "shopify/products/a.json": json.dumps({"products": [PRODUCT]}, indent=1),
    "segment/events/a.json": json.dumps([VIEW]),
    "segment/customers/a.json": json.dumps(IDENTIFY),
}


@pytest.fixture(scope="module")
def silver(tmp_path_factory):
    """What a silver table has of each feed, of a lake of three kinds as their senders write them."""
    folder = tmp_path_factory.mktemp("kinds")
    for name, text in SENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    feeds = [Feed(kind.name, kind, str(folder / kind.name), "UTC", "EUR") for kind in (REES46, SEGMENT, SHOPIFY)]
    lake = Lake(Settings(str(folder / "lake"), tuple(feeds)))
    lake.catalog = Catalog(with_read(lake.catalog, ("order_lines", "events", "products", "customers")))
    lake.run()
    return lambda table: {row.feed: row.attributes for row in lake.table(f"silver.{table}").collect()}


@pytest.mark.slow
def test_brands_and_variants_of_shoplakes_kinds_are_attributes_of_order_lines(silver):
    lines = silver("order_lines")

    assert lines["rees46"] == {"brand": "shiseido", "category_id": "21"}
    assert {name: lines["shopify"][name] for name in ("vendor", "sku", "variant_id")} == {
        "vendor": "Acme",
        "sku": "I-1",
        "variant_id": "8",
    }


@pytest.mark.slow
def test_fields_of_shoplakes_kinds_are_attributes_of_events_products_and_customers(silver):
    assert silver("events")["segment"] == {"brand": "Acme", "variant": "red"}
    assert silver("products") == {"shopify": {"vendor": "Acme", "sku": "I-1"}}
    assert silver("customers") == {"segment": {"plan": "gold"}}
