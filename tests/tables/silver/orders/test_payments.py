import json
from datetime import date
from decimal import Decimal

import pytest
from pyspark.sql import functions as F

from shoplake.declare import Action
from shoplake.tables.bronze.orders_raw import orders_raw
from shoplake.tables.bronze.refunds_raw import refunds_raw
from shoplake.tables.silver.orders.payments import payments

PAID = {
    "payment_id": "m1",
    "method": "card",
    "amount": 12.5,
    "status": "paid",
    "paid_at": "2026-03-29T23:30:00Z",
}
ORDER = {"order_id": "o1", "ordered_at": "2026-03-29T09:00:00Z", "currency": "EUR", "payments": [PAID]}
REFUND = {"refund_id": "r1", "order_id": "o1", "refunded_at": "2026-04-02T09:00:00Z", "payment_id": "m1", "amount": 5}


@pytest.fixture
def build(arrived, split_rows, zenith):
    """The valid payments of orders and refunds, and the violations of the others by line."""

    def build(orders=(), refunds=()):
        ordered = [text if isinstance(text, str) else json.dumps(ORDER | text) for text in orders]
        raw = arrived(orders_raw, *ordered), arrived(refunds_raw, *[json.dumps(REFUND | each) for each in refunds])
        return split_rows(payments, payments(*raw, feeds=(zenith,)))

    return build


def test_a_payment_of_an_order_becomes_a_row_on_its_own_day(build):
    [paid], reasons = build([{}])

    assert reasons == {}
    assert (paid.payment_id, paid.order_id, paid.kind, paid.method, paid.status) == (
        *("m1", "o1", "payment"),
        *("card", "paid"),
    )
    assert (paid.amount, paid.currency, paid.paid_date) == (Decimal("12.50"), "EUR", date(2026, 3, 30))


def test_two_payments_of_one_order_are_two_rows(build):
    rows, _ = build([{"payments": [PAID, PAID | {"payment_id": "m2", "amount": "7.50"}]}])

    assert {row.payment_id: row.amount for row in rows} == {"m1": Decimal("12.50"), "m2": Decimal("7.50")}


@pytest.mark.parametrize("nothing", [[], None])
def test_an_order_without_payments_creates_no_row(build, nothing):
    assert build([{"payments": nothing}]) == ([], {})


def test_a_refund_has_a_negative_amount(build):
    [back], reasons = build([], [{}])

    assert reasons == {}
    assert (back.payment_id, back.order_id, back.kind, back.status) == ("r1", "o1", "refund", "refunded")
    assert (back.amount, back.currency, back.paid_date) == (Decimal("-5.00"), "GBP", date(2026, 4, 2))


@pytest.mark.parametrize(
    ("payment", "reasons"),
    [
        ({"amount": "much"}, ["amount_fits_type", "amount_present", "amount_fits_kind"]),
        ({"amount": -1}, ["amount_fits_kind"]),
        ({"paid_at": "soon"}, ["paid_at_fits_type", "paid_at_present"]),
        ({"payment_id": None}, ["payment_id_present"]),
        ({"updated_at": "2262-04-11T00:00:00Z"}, ["updated_at_plausible"]),
    ],
)
def test_an_implausible_payment_is_quarantined(build, payment, reasons):
    assert build([{"payments": [PAID | payment]}]) == ([], {1: reasons})


def test_a_refund_of_a_negative_amount_is_quarantined(build):
    assert build([], [{"amount": -5}]) == ([], {1: ["amount_fits_kind"]})


def test_payments_that_are_no_list_are_quarantined_not_lost(build):
    valid, reasons = build([{"payments": "card"}])

    assert valid == []
    assert {"payment_id_present", "amount_present", "paid_at_present"} <= set(reasons[1])


def test_a_cut_record_has_the_single_reason_that_it_is_no_object(build):
    assert build([json.dumps(ORDER)[:-9]]) == ([], {1: ["is_json_object"]})


def test_a_currency_that_is_no_code_is_counted_and_its_payment_stays(build, spark):
    [rule] = [each for each in payments.expectations if each.name == "currency_is_code"]

    paid, reasons = build([{"order_id": code, "currency": code} for code in ("gbp", "€", "Euro")])

    codes = spark.createDataFrame([(row.order_id, row.currency) for row in paid], "sent string, currency string")
    kept = codes.select("sent", "currency", F.expr(rule.condition).alias("is_code")).collect()
    assert (reasons, rule.on_violation) == ({}, Action.WARN)
    assert [tuple(row) for row in kept] == [
        ("gbp", "GBP", True),
        ("€", "€", False),
        ("Euro", "EURO", False),
    ]
