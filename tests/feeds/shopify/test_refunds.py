import json
from decimal import Decimal

import pytest

from shoplake.feeds.shopify.orders import ordered_lines
from shoplake.feeds.shopify.refunds import repayments, returned_lines
from shoplake.tables.bronze.refunds_raw import refunds_raw
from shoplake.transforms.expectations import VIOLATIONS

from .sample_order import money
from .test_orders import FEED, MUG, ORDER, REFUND

MONEY_BACK = {"id": 77, "kind": "refund", "amount": "24.75", "status": "success", "created_at": "2026-03-05T11:00:00Z"}


@pytest.fixture
def built(lines_of):
    """The lines of refunds, with the rules they violate."""
    return lambda *refunds: lines_of(returned_lines, FEED, *refunds)


def test_a_refund_returns_goods_at_the_price_paid(built):
    [row] = built(REFUND)

    assert (row.order_id, row.document_id, row.kind, row.quantity) == ("500", "900", "return", -2)
    assert (row.unit_price, row.amount, row.tax, row[VIOLATIONS]) == (9, -18, Decimal("-1.8"), [])


def test_without_a_subtotal_the_list_price_and_a_share_of_the_tax_count(built):
    bare = {"id": 91, "line_item_id": 11, "quantity": 1, "line_item": MUG}

    [row] = built(REFUND | {"refund_line_items": [bare]})

    assert (row.amount, row.tax) == (-10, -1)


def test_shipping_and_what_differs_are_lines_of_their_own(built):
    adjustments = [
        {"kind": "shipping_refund", "amount": "-5.00", "tax_amount": "-0.50"},
        {"kind": "refund_discrepancy", "amount": "-2.00", "tax_amount": "0.00"},
    ]

    rest, shipping, _ = built(REFUND | {"order_adjustments": adjustments})

    assert (shipping.kind, shipping.line_class, shipping.amount, shipping.tax) == (
        "return",
        "shipping",
        -5,
        Decimal("-0.5"),
    )
    assert (rest.kind, rest.line_class, rest.amount, rest[VIOLATIONS]) == ("adjustment", "other", -2, [])


LISTED = {"subtotal_amount_set": money("5.00", "6.00")}
LISTED |= {"shipping_line": {"price": "10.00", "tax_lines": [{"price": "1.01"}]}}


def shipping_of(rows):
    return [(row.amount, row.tax) for row in rows if row.line_class == "shipping"]


def test_shipping_is_paid_back_by_refund_shipping_lines_since_2024_10(built):
    rows = built(REFUND | {"refund_shipping_lines": [LISTED]})

    assert shipping_of(rows) == [(-5, Decimal("-0.51"))]


def test_shipping_that_is_listed_and_adjusted_is_paid_back_once(built):
    adjusted = {"kind": "shipping_refund", "amount": "-5.00", "tax_amount": "-0.50"}

    rows = built(REFUND | {"refund_shipping_lines": [LISTED], "order_adjustments": [adjusted]})

    assert shipping_of(rows) == [(-5, Decimal("-0.5"))]


def test_the_tax_of_what_differs_is_kept(built):
    adjusted = {"kind": "refund_discrepancy", "amount": "2.00", "tax_amount": "0.20"}

    [rest] = built(REFUND | {"refund_line_items": [], "order_adjustments": [adjusted]})

    assert (rest.amount, rest.tax) == (2, Decimal("0.2"))


@pytest.mark.parametrize(
    "duties",
    [{"duties": [{"duty_id": 1, "amount_set": money("9.83", "8.00")}]}, {"total_duties_set": money("9.83", "8.00")}],
    ids=["listed", "added up"],
)
def test_duties_that_are_paid_back_are_a_return_of_class_other(built, duties):
    [row] = built(REFUND | {"refund_line_items": []} | duties)

    assert (row.kind, row.line_class, row.amount, row[VIOLATIONS]) == ("return", "other", Decimal("-9.83"), [])


def test_a_refund_with_a_charge_that_is_no_number_is_quarantined(built):
    bad = {
        "1": {"order_adjustments": [{"kind": "shipping_refund", "amount": "x"}]},
        "2": {"order_adjustments": [{"kind": "refund_discrepancy", "amount": "x"}]},
        "3": {"duties": [{"amount_set": money("x", "1.00")}]},
    }

    rows = built(*[REFUND | {"id": id} | given for id, given in bad.items()])

    assert {row.document_id for row in rows if "amount_fits_type" in row[VIOLATIONS]} == {*bad}


def test_a_refund_of_a_test_is_quarantined(built):
    [row] = built(REFUND | {"transactions": [{"test": True}]})

    assert row[VIOLATIONS] == ["test_order"]


@pytest.mark.slow
def test_a_refund_alone_and_within_its_order_is_one_document(built, lines_of):
    [alone] = built(REFUND)
    order = ORDER | {"updated_at": None, "refunds": [REFUND]}
    [within] = [row for row in lines_of(ordered_lines, FEED, order) if row.document_id == "900"]

    same = ("order_id", "document_id", "line_number", "kind", "ordered_at", "amount", "status", "payload_hash")
    assert [alone[name] for name in same] == [within[name] for name in same]


def test_refunds_that_differ_in_their_money_or_in_what_their_orders_say_are_two_versions(lines_of):
    back = REFUND | {"order_adjustments": [{"kind": "refund_discrepancy", "amount": "-1.00"}]}
    others = (
        {"customer": {"id": 27}},
        {"currency": "GBP"},
        {"shipping_address": {"country_code": "FR"}},
        {"refunds": [back]},
    )
    orders = [ORDER | {"refunds": [REFUND]} | other for other in ({}, *others)]

    rows = lines_of(ordered_lines, FEED, *orders)

    assert len({row.payload_hash for row in rows if row.document_id == "900"}) == len(orders)


@pytest.mark.parametrize(
    "write",
    [
        lambda order: json.dumps(order, separators=(",", ":")),
        lambda order: json.dumps(order, indent=2).replace('"refunds": [', '"refunds"\n:\t[ '),
        lambda order: json.dumps({"order": order}),
        lambda order: json.dumps(order).replace('"refunds"', r'"r\u0065funds"'),
        lambda order: json.dumps({"refunds": [], "note": "refunds: []"} | order),
    ],
    ids=["compact", "spaced", "wrapped", "escaped", "after another text"],
)
def test_the_refunds_within_an_order_are_found_however_it_is_written(lines_of, write):
    rows = lines_of(ordered_lines, FEED, write(ORDER | {"refunds": [REFUND]}))

    assert [row.document_id for row in rows].count("900") == 1


def test_money_of_a_refund_is_a_payment_below_zero(arrived):
    raw = arrived(refunds_raw, json.dumps({"refund": REFUND | {"transactions": [MONEY_BACK]}}))

    [row] = repayments(raw, FEED).collect()

    assert (row.payment_id, row.order_id, row.kind, row.status) == ("77", "500", "refund", "refunded")
    assert (row.amount, row.currency) == (Decimal("-24.75"), "EUR")


@pytest.mark.real_data
def test_a_real_refund_returns_two_items(built, real_data):
    body = json.loads((real_data / "shopify" / "py_refund.json").read_text())

    rows = built(body)

    items = body["refund"]["refund_line_items"]
    assert sum(row.amount for row in rows) == -sum(Decimal(item["line_item"]["price"]) for item in items) == -398
    assert sum(row.tax for row in rows) == Decimal("-7.96")
