import csv
import io
from datetime import datetime
from decimal import Decimal

import pytest
from reliability.lakes import lake_at, listed

from feeds.shopify.test_export import FIRST as ORDER
from feeds.shopify.test_export import HEADER as ORDER_HEADER
from feeds.shopify.test_export import SECOND as SECOND_ITEM
from feeds.shopify.test_export import row as order_row
from shoplake.declare import Feed
from shoplake.feeds import SHOPIFY
from shoplake.feeds.shopify import customers, products
from shoplake.operations.quarantine.corrections import FixFile
from shoplake.tables.bronze.customers_raw import customers_raw
from shoplake.tables.bronze.products_raw import products_raw

FEED = Feed("shop", SHOPIFY, "landing", "Europe/Berlin", "EUR")
PRODUCT = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Published", "Option1 Name"),
    *("Option1 Value", "Option2 Value", "Variant SKU", "Variant Price", "Image Src", "Cost per item", "Status"),
)
CUSTOMER = (
    *("Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address City"),
    *("Default Address Country Code", "Default Address Phone", "Phone", "Total Spent", "Total Orders", "Tags"),
)
MUG = {"Handle": "mug", "Title": "Mug", "Body (HTML)": '<p>A "big" mug,\nof clay</p>', "Vendor": "Acme"}
MUG |= {"Type": "Kitchen", "Published": "true", "Option1 Name": "Colour", "Option1 Value": "blue"}
MUG |= {"Variant SKU": "MUG-B", "Variant Price": "10.00", "Cost per item": "4.50", "Status": "active"}
RED = {"Handle": "mug", "Option1 Value": "red", "Option2 Value": "XL", "Variant Price": "12.00"}
IMAGE = {"Handle": "mug", "Image Src": "https://cdn.example/2.jpg"}
CAP = {"Handle": "cap", "Title": "Cap", "Option1 Value": "Default Title", "Variant Price": "12.50", "Status": "draft"}
ANN = {"Customer ID": "'7532", "First Name": "Ann", "Email": "Ann@shop.example", "Default Address City": "Graz"}
ANN |= {"Default Address Country Code": "AT", "Phone": "'+43123", "Total Spent": "48.95"}


def written(fields, *rows):
    text = io.StringIO()
    table = csv.DictWriter(text, fields, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def records(fields, *rows):
    return [written(fields, row).removeprefix(f"{','.join(fields)}\n").rstrip("\n") for row in rows]


@pytest.fixture
def sold(arrived):
    """The products of an export, by their ids."""

    def build(*rows):
        same = {"header": ",".join(PRODUCT), "file": "products_export_1.csv"}
        return {
            row.product_id: row
            for row in products(arrived(products_raw, *records(PRODUCT, *rows), **same), FEED).collect()
        }

    return build


def test_each_variant_of_an_export_is_a_product_and_an_image_is_none(sold):
    found = sold(MUG, RED, IMAGE, CAP)

    assert {
        id: (row.product_name, row.category, row.price, row.cost, row.is_available) for id, row in found.items()
    } == {
        "MUG-B": ("Mug - blue", "Kitchen", 10, Decimal("4.50"), True),
        "Mug - red / XL": ("Mug - red / XL", "Kitchen", 12, None, True),
        "Cap": ("Cap", None, Decimal("12.50"), None, False),
    }
    assert found["MUG-B"].updated_at == datetime(2026, 3, 2)
    assert found["Cap"]._source.line == 4


def test_a_price_that_is_no_number_is_named(sold):
    assert sold(MUG | {"Variant Price": "ten"})["MUG-B"]._type_errors == ["price_fits_type"]


def test_a_customer_of_an_export_has_the_id_of_exported_orders(arrived):
    texts = records(CUSTOMER, ANN, {"Customer ID": "7533", "Default Address Phone": "1"}, {"First Name": "Eve"})
    raw = arrived(customers_raw, *texts, header=",".join(CUSTOMER), file="customers_export.csv")

    rows = sorted(customers(raw, FEED).collect(), key=lambda row: row._source.line)

    assert [(row.customer_id, row.location, row.email, row.phone) for row in rows] == [
        ("2ec8d234688f3dbda378bad6769b8835", "Graz, AT", "Ann@shop.example", "+43123"),
        ("7533", None, None, "1"),
        (None, None, None, None),
    ]
    assert rows[0].attributes == {"number": "7532"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("exports")


@pytest.fixture(scope="module")
def lake(folder):
    """A lake of a shop's exports, in which the price of a variant is no number."""
    landing = folder / "landing"
    landing.mkdir()
    (landing / "orders_export_1.csv").write_text("\n".join([ORDER_HEADER, order_row(ORDER), order_row(SECOND_ITEM)]))
    (landing / "products_export_1.csv").write_text(written(PRODUCT, MUG, RED | {"Variant Price": "x"}, CAP))
    (landing / "customers_export.csv").write_text(written(CUSTOMER, ANN))
    lake = lake_at(folder / "lake", landing, "shopify", tables=("order_lines", "products", "customers"))
    lake.run()
    return lake


def test_products_and_customers_of_exports_are_those_of_exported_orders(lake, folder):
    lines = [row for row in listed(folder / "lake", "silver/order_lines") if row["line_class"] == "goods"]
    known = {row["product_id"] for row in listed(folder / "lake", "silver/products")}

    assert {row["product_id"] for row in lines} <= known
    assert {row["customer_id"] for row in lines} == {
        row["customer_id"] for row in listed(folder / "lake", "silver/customers")
    }


def test_a_corrected_variant_has_the_name_of_its_product(lake, folder):
    before = {row["product_id"]: row["valid_from"] for row in listed(folder / "lake", "silver/products")}
    [record] = lake.select_quarantined("silver.products")
    corrections = FixFile.of({record["record_id"]: record["raw"].replace(",x,", ",12.00,")})
    tables = lake.tables_of_fix(corrections)

    with lake.quarantine_life_cycle() as cycle:
        result = cycle.fix(corrections, tables, "ticket 41")

    found = {row["product_id"]: row["valid_from"] for row in listed(folder / "lake", "silver/products")}
    assert (result.passed, result.still_bad) == (1, {})
    assert found == before | {"Mug - red / XL": before["MUG-B"]}
    assert (lake.select_quarantined("silver.products"), lake.verify()) == ([], [])
