import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from reliability.lakes import content, drop, lake_at, listed

from shoplake.declare import Feed
from shoplake.feeds import WOOCOMMERCE
from shoplake.feeds.woocommerce import ordered_lines, payments
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.transforms.expectations import VIOLATIONS

FEED = Feed("shop", WOOCOMMERCE, "landing", "Europe/Berlin", "EUR")
MUG = {"id": 11, "name": "Mug", "product_id": 7, "variation_id": 0, "quantity": 3, "sku": "MUG", "price": 9}
MUG |= {"subtotal": "30.00", "subtotal_tax": "5.70", "total": "27.00", "total_tax": "5.13"}
CAP = {"id": 12, "name": "Cap", "product_id": 8, "variation_id": 81, "quantity": 1, "sku": "", "price": 12.5}
CAP |= {"subtotal": "12.50", "subtotal_tax": "2.38", "total": "12.50", "total_tax": "2.38"}
ORDER = {
    "id": 727,
    "status": "processing",
    "currency": "EUR",
    "customer_id": 26,
    "date_created_gmt": "2026-03-01T23:30:00",
    "date_modified_gmt": "2026-03-02T08:00:00",
    "date_paid_gmt": "2026-03-01T23:31:00",
    "payment_method": "stripe",
    "discount_total": "3.00",
    "shipping_total": "5.00",
    "shipping_tax": "0.95",
    "total": "55.34",
    "total_tax": "8.84",
    "prices_include_tax": True,
    "billing": {"country": "AT"},
    "shipping": {"country": "DE"},
    "line_items": [MUG, CAP],
    "fee_lines": [{"id": 13, "name": "Gift wrap", "total": "2.00", "total_tax": "0.38"}],
}


@pytest.fixture
def built(lines_of):
    """The lines of orders, with the rules they violate."""
    return lambda *orders: lines_of(ordered_lines, FEED, *orders)


def test_an_order_becomes_its_goods_fees_shipping_and_discount(built):
    rows = built(ORDER)

    assert [(row.line_number, row.kind, row.line_class, row.quantity, str(row.amount)) for row in rows] == [
        (-2, "adjustment", "discount", 1, "-3.0000"),
        (-1, "sale", "shipping", 1, "5.0000"),
        (11, "sale", "goods", 3, "30.0000"),
        (12, "sale", "goods", 1, "12.5000"),
        (13, "sale", "other", 1, "2.0000"),
    ]
    assert [row[VIOLATIONS] for row in rows] == [[]] * 5


def test_amounts_and_taxes_add_up_to_the_orders_total(built):
    rows = built(ORDER)

    taxes = sum(row.tax or 0 for row in rows)
    assert taxes == Decimal(ORDER["total_tax"])
    assert sum(row.amount for row in rows) + taxes == Decimal(ORDER["total"])


@pytest.mark.parametrize(
    ("cents", "line"), [("55.33", ["-0.01"]), ("55.38", ["0.04"]), ("45.34", [])], ids=["less", "more", "no rounding"]
)
def test_cents_between_rounded_amounts_and_the_total_are_an_adjustment(built, cents, line):
    rows = [row for row in built(ORDER | {"total": cents}) if row.line_number == -6]

    assert [row.amount for row in rows] == list(map(Decimal, line))
    assert {(row.kind, row.line_class, *row[VIOLATIONS]) for row in rows} <= {("adjustment", "other")}


def test_a_time_without_an_offset_is_utc_and_the_day_the_shops(built):
    row = built(ORDER)[2]

    assert (row.ordered_at, row.order_date) == (datetime(2026, 3, 1, 23, 30), date(2026, 3, 2))
    assert row.updated_at == datetime(2026, 3, 2, 8)


def test_a_line_says_its_product_variant_and_name(built):
    mug, cap = built(ORDER)[2:4]

    assert (mug.product_id, mug.unit_price, mug.attributes) == ("7", 10, {"name": "Mug", "sku": "MUG"})
    assert (cap.product_id, cap.attributes) == ("8", {"name": "Cap", "variant_id": "81"})
    assert (mug.customer_id, mug.country, mug.currency) == ("26", "DE", "EUR")


def test_an_amount_that_the_unit_price_cannot_give_is_kept(built):
    row = built(ORDER | {"line_items": [MUG | {"subtotal": "10.00"}]})[2]

    assert (row.unit_price, row.amount) == (Decimal("3.3333"), 10)


@pytest.mark.parametrize(
    ("status", "known"),
    [
        *(("pending", "placed"), ("on-hold", "placed"), ("processing", "paid"), ("refunded", "paid")),
        *(("completed", "fulfilled"), ("cancelled", "cancelled"), ("failed", "cancelled"), ("trash", "cancelled")),
        ("in-the-oven", None),
    ],
)
def test_an_orders_status_is_one_of_four_or_unknown(built, status, known):
    assert {row.status for row in built(ORDER | {"status": status})} == {known}


def test_a_guest_has_no_customer_id(built):
    assert {row.customer_id for row in built(ORDER | {"customer_id": 0})} == {None}


def test_a_deleted_product_is_known_by_its_stock_number_or_name(built):
    rows = built(ORDER | {"line_items": [MUG | {"product_id": 0}, CAP | {"product_id": 0}]})

    assert [row.product_id for row in rows[2:4]] == ["MUG", "Cap"]


def test_a_fee_below_zero_is_an_adjustment(built):
    fee = {"id": 13, "name": "Loyalty", "total": "-4.00", "total_tax": "0.00"}

    [row] = [row for row in built(ORDER | {"fee_lines": [fee]}) if row.line_number == 13]

    assert (row.kind, row.line_class, row.amount, row[VIOLATIONS]) == ("adjustment", "other", -4, [])


def test_an_order_with_a_charge_that_is_no_number_is_quarantined(built):
    names = ("shipping_total", "discount_total", "total")

    rows = built(*[ORDER | {"id": name, name: "1,00"} for name in names])

    assert {row.document_id for row in rows if "amount_fits_type" in row[VIOLATIONS]} == {*names}


def test_a_body_in_a_wrapper_is_the_same_order(built):
    wrapped, alone = ([row.asDict() | {"_source": None} for row in built(each)] for each in ({"order": ORDER}, ORDER))

    assert wrapped == alone


def test_numbers_of_18_digits_keep_them_all(built):
    number = 123456789012345678

    row = built(ORDER | {"id": number, "line_items": [MUG | {"id": number, "product_id": number}]})[-1]

    assert (row.order_id, row.line_number, row.product_id) == (str(number), number, str(number))


def test_an_order_of_which_everything_was_removed_is_one_adjustment_of_nothing(built):
    [row] = built({"id": 1, "date_created_gmt": "soon", "line_items": []})

    assert (row.kind, row.line_class, row.line_number, row.quantity, row.amount) == ("adjustment", "other", 0, 0, 0)
    assert row[VIOLATIONS] == ["ordered_at_fits_type", "ordered_at_present"]


def test_a_part_of_an_order_without_items_replaces_no_line(built):
    [row] = built({name: cell for name, cell in ORDER.items() if name != "line_items"})

    assert row[VIOLATIONS] == ["lines_missing"]


def test_only_a_strict_feed_refuses_an_unknown_field(arrived):
    raw = arrived(orders_raw, json.dumps(ORDER | {"loyalty": 3}), json.dumps(ORDER))

    strict, lenient = (
        ordered_lines(raw, feed).select("_source.problem").distinct().orderBy("problem").collect()
        for feed in (replace(FEED, is_strict=True), FEED)
    )

    assert [row.problem for row in strict] == [None, "unknown_fields"]
    assert [row.problem for row in lenient] == [None]


def test_only_a_paid_order_has_a_payment(arrived):
    unpaid = ORDER | {"id": 728, "date_paid_gmt": None}

    [row] = payments(arrived(orders_raw, json.dumps(ORDER), json.dumps(unpaid)), FEED).collect()

    assert (row.payment_id, row.order_id, row.kind, row.status) == ("727", "727", "payment", "paid")
    assert (row.method, row.amount, row.paid_at) == ("stripe", Decimal("55.34"), datetime(2026, 3, 1, 23, 31))


ORDERS = [
    ORDER,
    ORDER | {"id": 800, "customer_id": 0, "line_items": [MUG | {"id": 21}], "fee_lines": [], "status": "completed"},
]
REFUND = {
    "id": 900,
    "parent_id": 727,
    "date_created_gmt": "2026-03-05T12:00:00",
    "amount": "10.71",
    "line_items": [MUG | {"id": 31, "quantity": -1, "subtotal": "-9.00", "total": "-9.00", "total_tax": "-1.71"}],
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    """A lake of two orders, one of them on several lines, and a refund, and its folder."""
    folder = tmp_path_factory.mktemp("woocommerce")
    drop(folder / "landing", "orders/1.json", ORDERS[0])
    drop(folder / "landing", "orders/2.json", json.dumps(ORDERS[1], indent=2))
    drop(folder / "landing", "refunds/1.json", REFUND)
    lake = lake_at(folder / "lake", folder / "landing", "woocommerce", tables=("sales_daily", "payments"))
    lake.run()
    return lake, folder


@pytest.mark.slow
def test_days_of_sales_are_those_of_the_orders(lake):
    days = {str(row["sales_date"]): row for row in listed(lake[1] / "lake", "gold/sales_daily")}

    items = [item for order in ORDERS for item in order["line_items"]]
    sold, returned = days["2026-03-01"], days["2026-03-05"]
    assert (sold["orders"], sold["customers"]) == (len(ORDERS), 1)
    assert sold["units_sold"] == sum(item["quantity"] for item in items)
    assert sold["gross_sales"] == sum(Decimal(item["subtotal"]) for item in items)
    assert sold["discounts"] == sum(Decimal(order["discount_total"]) for order in ORDERS)
    assert sold["shipping"] == sum(Decimal(order["shipping_total"]) for order in ORDERS)
    assert (returned["returns"], returned["net_sales"]) == (Decimal("9.00"), Decimal("-9.00"))


@pytest.mark.slow
def test_payments_and_refunds_are_those_of_the_orders(lake):
    found = Counter((row["payment_id"], str(row["amount"])) for row in listed(lake[1] / "lake", "silver/payments"))

    assert found == Counter({("727", "55.34"): 1, ("800", "55.34"): 1, ("900", "-10.71"): 1})


@pytest.mark.slow
def test_the_same_bodies_sent_again_change_nothing(lake):
    shop, folder = lake
    tables = ("silver/order_lines", "silver/payments", "gold/sales_daily")
    before = content(folder / "lake", tables)

    drop(folder / "landing", "orders/3.json", ORDERS[0])
    drop(folder / "landing", "orders/4.json", json.dumps(ORDERS[1], indent=2))
    drop(folder / "landing", "refunds/2.json", {"refund": REFUND})
    shop.run()

    assert content(folder / "lake", tables) == before
    assert len(before["silver/order_lines"]) == 5 + 3 + 1
