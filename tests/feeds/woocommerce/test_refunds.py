import json
from datetime import date
from decimal import Decimal

import pytest
from reliability.lakes import drop, lake_at

from shoplake.declare import Feed
from shoplake.feeds import WOOCOMMERCE
from shoplake.feeds.woocommerce.refunds import repayments, returned_lines
from shoplake.operations.integrity.ties import tie_problems
from shoplake.tables.bronze.refunds_raw import refunds_raw
from shoplake.transforms.expectations import VIOLATIONS

FEED = Feed("shop", WOOCOMMERCE, "landing", "Europe/Berlin", "EUR")
MUG = {"id": 31, "name": "Mug", "product_id": 7, "quantity": -2, "total": "-18.00", "total_tax": "-3.42"}
REFUND = {
    "id": 900,
    "parent_id": 727,
    "date_created_gmt": "2026-03-05T23:00:00",
    "amount": "27.37",
    "line_items": [MUG],
    "shipping_lines": [{"id": 32, "name": "Post", "total": "-5.00", "total_tax": "-0.95"}],
    "fee_lines": [],
}


@pytest.fixture
def built(lines_of):
    """The lines of refunds, with the rules they violate."""
    return lambda *refunds: lines_of(returned_lines, FEED, *refunds)


def test_a_refund_returns_goods_and_shipping_on_its_own_day(built):
    rows = built(REFUND)

    assert [(row.line_number, row.kind, row.line_class, row.quantity, str(row.amount)) for row in rows] == [
        (-1, "return", "shipping", -1, "-5.0000"),
        (31, "return", "goods", -2, "-18.0000"),
    ]
    assert {(row.order_id, row.document_id, row.order_date) for row in rows} == {("727", "900", date(2026, 3, 6))}
    assert (rows[1].unit_price, rows[1].tax, rows[1][VIOLATIONS]) == (9, Decimal("-3.42"), [])


def test_totals_without_a_minus_are_paid_back_all_the_same(built):
    plain = MUG | {"quantity": 2, "total": "18.00", "total_tax": "3.42"}

    row = built(REFUND | {"line_items": [plain]})[1]

    assert (row.quantity, row.amount, row.tax) == (-2, -18, Decimal("-3.42"))


def test_the_order_is_found_in_the_address_where_the_refund_does_not_name_it(built):
    links = {"up": [{"href": "https://shop.example/wp-json/wc/v3/orders/728"}]}

    rows = built({name: cell for name, cell in REFUND.items() if name != "parent_id"} | {"_links": links})

    assert {row.order_id for row in rows} == {"728"}


def test_a_refund_is_in_the_currency_of_the_feed_unless_a_field_was_added_to_it(built):
    assert {row.currency for row in built(REFUND)} == {"EUR"}
    assert {row.currency for row in built(REFUND | {"currency": "usd"})} == {"USD"}


def test_money_back_without_goods_is_an_adjustment(built):
    row = built(REFUND | {"line_items": [MUG | {"quantity": 0, "total": "-4.00", "total_tax": "0.00"}]})[-1]

    assert (row.kind, row.line_class, row.quantity, row.amount, row[VIOLATIONS]) == ("adjustment", "other", 1, -4, [])


def test_what_is_paid_back_beyond_the_lines_is_an_adjustment(built):
    [rest, shipping, goods] = built(REFUND | {"amount": "30.00"})

    assert (rest.line_number, rest.kind, rest.line_class) == (-6, "adjustment", "other")
    taxes = shipping.tax or Decimal("-0.95")
    assert rest.amount + shipping.amount + goods.amount + goods.tax + taxes == Decimal("-30.00")


def test_a_refund_of_money_alone_is_one_adjustment(built):
    [row] = built({"id": 901, "parent_id": 727, "date_created_gmt": "2026-03-05T10:00:00", "amount": "10.00"})

    assert (row.kind, row.line_class, row.amount, row[VIOLATIONS]) == ("adjustment", "other", -10, [])


def test_a_refund_with_a_charge_that_is_no_number_is_quarantined(built):
    shipping = {"shipping_lines": [{"id": 32, "total": "-5,00", "total_tax": "-0.95"}]}

    rows = built(REFUND | {"id": "shipping"} | shipping, REFUND | {"id": "amount", "amount": "x"})

    assert {row.document_id for row in rows if "amount_fits_type" in row[VIOLATIONS]} == {"shipping", "amount"}


def test_a_fee_comes_back_as_a_return(built):
    rows = built(REFUND | {"fee_lines": [{"id": 33, "name": "Wrap", "total": "-2.00", "total_tax": "0.00"}]})

    assert [(row.kind, row.line_class, row.quantity, row.amount) for row in rows if row.line_number == 33] == [
        ("return", "other", -1, -2),
    ]


def test_a_fee_below_zero_is_taken_back(built):
    rebate = {"id": 33, "name": "Rebate", "total": "2.00", "total_tax": "0.38"}

    rows = built(REFUND | {"fee_lines": [rebate], "amount": "24.99"})

    assert [
        (row.line_number, row.kind, row.quantity, row.amount, row.tax) for row in rows if row.line_class == "other"
    ] == [
        (33, "adjustment", 1, 2, Decimal("0.38")),
    ]
    assert [row[VIOLATIONS] for row in rows] == [[], [], []]


def test_a_refund_is_a_payment_below_zero(arrived):
    [row] = repayments(arrived(refunds_raw, json.dumps(REFUND)), FEED).collect()

    assert (row.payment_id, row.order_id, row.kind, row.amount) == ("900", "727", "refund", Decimal("-27.37"))
    assert (row.status, row.currency, row.paid_date) == ("refunded", "EUR", date(2026, 3, 6))


def test_a_refund_in_a_currency_that_its_order_was_not_sold_in_is_a_problem(tmp_path):
    order = {"id": 727, "currency": "USD", "date_created_gmt": "2026-03-01T10:00:00", "total": "9.00"}
    order |= {"line_items": [MUG | {"quantity": 1, "subtotal": "9.00"}]}
    landing = tmp_path / "landing"
    drop(landing, "orders/1.json", order, order | {"id": 728})
    drop(landing, "refunds/1.json", REFUND, REFUND | {"id": 901, "parent_id": 728, "currency": "USD"})
    lake = lake_at(tmp_path / "lake", landing, "woocommerce", tables=("order_lines",))

    lake.run()

    tie = "a return or adjustment is in a currency that its order was not sold in: feed shop, order_id 727: orders"
    assert [each.problem for each in tie_problems(lake.engine, lake.catalog)] == [f"{tie} differs by +1"]
