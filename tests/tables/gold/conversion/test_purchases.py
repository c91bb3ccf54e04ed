from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.tables.gold.conversion.purchases import purchases
from shoplake.tables.silver.events import events
from shoplake.tables.silver.products import products
from shoplake.tables.silver.sessions import sessions

BOUGHT = {
    "feed": "shop",
    "event_id": "e1",
    "event_name": "purchase",
    "event_at": "2026-03-02 12:00",
    "event_date": "2026-03-02",
    "visitor_id": "ann",
    "order_id": "o1",
    "product_id": "p1",
    "quantity": 3,
    "unit_price": "9.9900",
    "is_bot": False,
}
LAMP = {"feed": "shop", "product_id": "p1"}
OLD = LAMP | {"product_name": "Lamp", "category": "Home", "price": 8, "valid_from": "2026-03-01 00:00"}
OLD |= {"valid_to": "2026-03-02 12:00", "is_current": False}
NEW = LAMP | {"product_name": "Lamp 2", "category": "Light", "price": 9, "valid_from": "2026-03-02 12:00"}
NEW |= {"is_current": True}


SESSION = {"feed": "shop", "visitor_id": "ann", "session_id": "v1", "channel": "email"}
SESSION |= {"started_at": "2026-03-02 11:00", "ended_at": "2026-03-02 12:00", "purchases": 1}


@pytest.fixture
def build(some):
    """The purchases of events and sessions, with both versions of the lamp, by event."""

    def build(*records, session_rows=()):
        rows = [BOUGHT | {"event_id": f"e{at}"} | each for at, each in enumerate(records, 1)]
        read = some(events, *rows), some(sessions, *session_rows), some(products, OLD, NEW)
        return purchases(*read).orderBy("event_id").collect()

    return build


def test_a_purchase_is_the_event_with_its_revenue(build):
    [bought] = build({})

    assert (bought.feed, bought.event_id, bought.order_id, bought.visitor_id) == ("shop", "e1", "o1", "ann")
    assert (bought.event_at, bought.event_date) == (datetime(2026, 3, 2, 12), date(2026, 3, 2))
    assert (bought.quantity, bought.unit_price, bought.revenue) == (3, Decimal("9.9900"), Decimal("29.97"))


def test_the_product_is_the_one_of_that_moment(build):
    rows = build(
        {"event_at": "2026-03-02 11:59:59"}, {"event_at": "2026-03-02 12:00"}, {"event_at": "2026-02-28 12:00"}
    )

    assert [(row.product_name, row.category) for row in rows] == [("Lamp", "Home"), ("Lamp 2", "Light"), (None, None)]


def test_without_a_price_in_the_event_the_one_of_that_moment_counts(build):
    moments = ("2026-03-02 11:59:59", "2026-03-02 12:00", "2026-02-28 12:00")

    rows = build(*[{"event_at": moment, "unit_price": None} for moment in moments])

    assert [row.revenue for row in rows] == [Decimal("24.00"), Decimal("27.00"), None]


def test_a_quantity_that_is_missing_is_one(build):
    [bought] = build({"quantity": None})

    assert (bought.quantity, bought.revenue) == (1, Decimal("9.99"))


def test_revenue_is_rounded_half_up_to_cents(build):
    rows = build({"quantity": 1, "unit_price": "0.0050"}, {"quantity": 3, "unit_price": "0.3333"})

    assert [row.revenue for row in rows] == [Decimal("0.01"), Decimal("1.00")]


def test_only_purchases_come_out_and_each_of_them_once(build):
    rows = build({}, {"product_id": None}, {"product_id": "unknown"}, {"feed": "other"}, {"event_name": "add_to_cart"})

    assert [(row.event_id, row.product_name) for row in rows] == [
        *(("e1", "Lamp 2"), ("e2", None)),
        *(("e3", None), ("e4", None)),
    ]


def test_the_session_and_channel_are_those_that_contain_the_purchase(build):
    later = SESSION | {"session_id": "v2", "channel": "organic", "started_at": "2026-03-02 13:00"}
    later |= {"ended_at": "2026-03-02 13:00"}
    moments = ("11:00", "12:00", "12:30", "13:00")

    rows = build(*[{"event_at": f"2026-03-02 {moment}"} for moment in moments], session_rows=[SESSION, later])

    records = [(row.session_id, row.channel) for row in rows]
    assert records == [("v1", "email"), ("v1", "email"), (None, "direct"), ("v2", "organic")]


def test_a_session_of_another_sessionor_or_feed_is_not_theirs(build):
    [bought] = build({}, session_rows=[SESSION | {"visitor_id": "bob"}, SESSION | {"feed": "other"}])

    assert (bought.session_id, bought.channel) == (None, "direct")
