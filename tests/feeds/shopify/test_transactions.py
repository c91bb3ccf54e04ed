import json
from decimal import Decimal

import pytest

from shoplake.declare import Feed
from shoplake.feeds import SHOPIFY
from shoplake.feeds.shopify.transactions import transactions
from shoplake.tables.bronze.orders_raw import orders_raw

FEED = Feed("shop", SHOPIFY, "landing", "Europe/Berlin", "EUR")
SALE = {"id": 71, "order_id": 500, "kind": "sale", "gateway": "card", "status": "success", "amount": "48.25"}
SALE |= {"currency": "EUR", "created_at": "2026-03-02T00:31:00+01:00", "test": False}


@pytest.fixture
def built(arrived):
    """The payments that transactions become."""

    def build(*bodies):
        raw = arrived(orders_raw, *map(json.dumps, bodies), file="transactions/1.json")
        return transactions(raw, FEED).orderBy("_source.line").collect()

    return build


KINDS = ("authorization", "emv_authorization", "capture", "sale", "void", "refund")


def test_only_what_moves_money_is_a_payment(built):
    rows = built(*[SALE | {"kind": kind} for kind in KINDS])

    assert [(row.kind, row.status, row.amount) for row in rows] == [
        ("payment", "paid", Decimal("48.25")),
        ("payment", "paid", Decimal("48.25")),
        ("refund", "refunded", Decimal("-48.25")),
    ]


def test_what_fails_or_waits_says_so(built):
    rows = built(*[SALE | {"status": status} for status in ("failure", "error", "pending")])

    assert [row.status for row in rows] == ["failed", "failed", "pending"]


def test_what_waits_is_older_than_what_is_settled(built):
    rows = built(*[SALE | {"status": status} for status in ("pending", "success", "failure")])

    assert [row.updated_at is None for row in rows] == [True, False, False]


def test_a_transaction_of_a_test_has_a_problem(built):
    [row] = built({"transaction": SALE | {"test": True}})

    assert row._source.problem == "test_order"


@pytest.mark.real_data
def test_a_real_authorization_is_no_payment(built, real_data):
    bodies = json.loads((real_data / "shopify" / "py_transactions.json").read_text())

    assert built(*bodies) == []
