import json
from dataclasses import replace
from decimal import Decimal

import pytest

from shoplake.columns.raw_record import TYPE_ERRORS
from shoplake.feeds.segment.orders import order_lines, payments
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.transforms.expectations import VIOLATIONS

from .test_segment import COMPLETED, FEED, PRODUCTS, REFUNDED, VIEW

ORDER = COMPLETED["properties"]


@pytest.fixture
def built(lines_of):
    """The lines of messages, with the rules they violate."""
    return lambda *messages: lines_of(order_lines, FEED, *messages)


def test_an_order_becomes_its_products_and_charges(built):
    rows = built(COMPLETED | {"properties": ORDER | {"discount": 2, "tax": "1.50"}})

    assert [(row.line_number, row.kind, row.line_class, row.amount) for row in rows] == [
        (-3, "sale", "tax", Decimal("1.5")),
        (-2, "adjustment", "discount", -2),
        (-1, "sale", "shipping", Decimal("4.75")),
        (1, "sale", "goods", 21),
        (2, "sale", "goods", Decimal("3.25")),
    ]
    assert {(row.order_id, row.document_id, row.status, row.customer_id) for row in rows} == {
        ("o1", "o1", "paid", "u1")
    }
    assert [row[VIOLATIONS] for row in rows] == [[]] * 5


def test_an_order_with_a_charge_that_is_no_number_is_quarantined(built):
    names = ("shipping", "discount", "tax")
    refund = REFUNDED | {"messageId": "back", "properties": {"order_id": "o1", "total": "1,00"}}

    rows = built(refund, *[COMPLETED | {"properties": ORDER | {"order_id": name, name: "1,00"}} for name in names])

    assert {row.document_id for row in rows if "amount_fits_type" in row[VIOLATIONS]} == {*names, "back"}


def test_an_event_that_the_settings_map_to_a_purchase_completes_an_order(lines_of):
    feed = replace(FEED, events=(("Bought", "purchase"),))

    rows = lines_of(order_lines, feed, COMPLETED | {"event": "Bought"}, COMPLETED | {"event": "Sold"})

    assert [(row.order_id, row.product_id) for row in rows if row.line_class == "goods"] == [("o1", "P1"), ("o1", "P2")]


def test_a_product_without_a_quantity_is_one_piece(built):
    [*_, row] = built(COMPLETED | {"properties": ORDER | {"products": [{"product_id": "P1", "price": 5}]}})

    assert (row.quantity, row.amount) == (1, 5)


def test_a_cancellation_is_the_same_document_with_another_status(built):
    rows = built(COMPLETED | {"event": "Order Cancelled", "messageId": "m4"})

    assert {(row.document_id, row.status) for row in rows} == {("o1", "cancelled")}


def test_a_cancellation_without_products_is_an_adjustment_of_nothing(built):
    [row] = built(COMPLETED | {"event": "Order Cancelled", "properties": {"order_id": "o1", "total": 29}})

    assert (row.kind, row.amount, row.status, row[VIOLATIONS]) == ("adjustment", 0, "cancelled", [])


def test_an_order_that_is_updated_without_products_replaces_no_line(built):
    [row] = built(COMPLETED | {"event": "Order Updated", "properties": {"order_id": "o1", "shipping": 4}})

    assert (row.order_id, row[VIOLATIONS]) == ("o1", ["lines_missing"])


def test_a_refund_returns_its_products(built):
    [row] = built(REFUNDED)

    assert (row.document_id, row.kind, row.quantity, row.amount) == ("m3", "return", -1, Decimal("-3.25"))
    assert row[VIOLATIONS] == []


def test_a_refund_without_products_is_an_adjustment_of_its_total(built):
    [row] = built(REFUNDED | {"properties": {"order_id": "o1", "total": 29}})

    assert (row.kind, row.line_class, row.amount, row[VIOLATIONS]) == ("adjustment", "other", -29, [])


def test_only_what_says_its_money_is_a_payment(arrived):
    bare = COMPLETED | {"messageId": "m5", "properties": {"order_id": "o2", "products": PRODUCTS}}
    records = (COMPLETED, REFUNDED, bare, VIEW, COMPLETED | {"event": "Order Updated"})

    rows = payments(arrived(orders_raw, *map(json.dumps, records)), FEED).orderBy("_source.line").collect()

    assert [(row.payment_id, row.kind, row.amount) for row in rows] == [
        ("o1", "payment", 29),
        ("m3", "refund", Decimal("-3.25")),
    ]


def test_the_revenue_of_an_order_is_paid_with_its_shipping_and_tax(arrived):
    money = {"order_id": "o1", "revenue": 20, "shipping": "4.75", "tax": 1.5, "products": PRODUCTS}
    records = (COMPLETED | {"properties": money}, REFUNDED | {"properties": {"order_id": "o1", "revenue": 20}})

    rows = payments(arrived(orders_raw, *map(json.dumps, records)), FEED).orderBy("_source.line").collect()

    assert [row.amount for row in rows] == [Decimal("26.25"), -20]


def test_an_order_whose_shipping_is_no_number_is_no_payment_of_its_revenue(arrived):
    order = COMPLETED | {"properties": {"order_id": "o1", "revenue": 20, "shipping": "x"}}

    [row] = payments(arrived(orders_raw, json.dumps(order)), FEED).collect()

    assert (row.amount, row[TYPE_ERRORS]) == (None, ["amount_fits_type"])


def test_a_record_that_cannot_be_read_is_quarantined(built):
    [row] = built("garbage")

    assert row[VIOLATIONS] == ["is_json_object"]
