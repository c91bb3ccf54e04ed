from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from shoplake.tables.silver.cart_activity import cart_activity
from shoplake.tables.silver.events import events

START = datetime(2026, 3, 1, 9)
SAME = {
    "feed": "shop",
    "visitor_id": "ann",
    "event_date": "2026-03-01",
    "event_name": "add_to_cart",
    "product_id": "p1",
    "quantity": 1,
    "unit_price": 5,
    "is_bot": False,
}


def at(minutes, **more):
    moment = {"event_at": START + timedelta(minutes=minutes), "event_id": f"e{round(minutes * 60):06}"}
    return SAME | moment | more


def buys(minutes, **more):
    return at(minutes, event_name="purchase", order_id="o1", **more)


@pytest.fixture
def build(some):
    """The cart activity of events, by visitor and start."""
    return lambda *records: cart_activity(some(events, *records)).orderBy("visitor_id", "started_at").collect()


def spans(rows):
    return [((row.started_at - START).seconds // 60, (row.ended_at - START).seconds // 60) for row in rows]


def test_exactly_an_hour_continues_a_cart_and_more_starts_another(build):
    assert spans(build(at(0), at(60), at(120.1))) == [(0, 60), (120, 120)]


def test_a_purchase_ends_a_cart_and_a_later_add_starts_another(build):
    rows = build(at(0), buys(5), buys(6, product_id="p2"), at(7), at(8, event_name="remove_from_cart"))

    assert spans(rows) == [(0, 6), (7, 8)]
    assert [[each.product_id for each in row.bought] for row in rows] == [["p1", "p2"], []]
    assert [(row.adds, row.removes, row.left_at) for row in rows] == [
        (1, 0, START),
        (1, 1, START + timedelta(minutes=8)),
    ]


def test_at_one_time_adds_come_first_and_purchases_last(build):
    rows = build(buys(5, event_id="a"), at(5, event_id="c"), at(5, event_id="b", event_name="remove_from_cart"))

    assert [(row.adds, row.removes, len(row.bought)) for row in rows] == [(1, 1, 1)]


def test_a_purchase_without_a_cart_is_a_row_without_activity(build):
    [row] = build(buys(0))

    assert (row.adds, row.removes, row.left_at, row.items, len(row.bought)) == (0, 0, None, [], 1)


def test_a_cart_contains_adds_less_removes_at_the_price_last_shown(build):
    [row] = build(
        at(0, quantity=3),
        at(1, event_name="remove_from_cart", unit_price=None),
        at(2, unit_price=6, quantity=None),
        at(3, product_id="p2"),
        at(4, product_id="p2", event_name="remove_from_cart"),
    )

    assert [tuple(item) for item in row.items] == [
        ("p1", 3, Decimal("6.0000"), None, START + timedelta(minutes=2), date(2026, 3, 1))
    ]


def test_bots_and_other_events_have_no_carts(build):
    assert build(at(0, is_bot=True), at(1, event_name="product_view"), at(2, event_name="checkout_started")) == []


def test_a_cart_over_midnight_counts_on_its_first_day_and_keeps_its_id(build):
    midnight = 15 * 60

    [short], [long] = build(at(midnight - 5)), build(at(midnight - 5), at(midnight + 5, event_date="2026-03-02"))

    assert (long.cart_date, long.adds) == (date(2026, 3, 1), 2)
    assert short.cart_id == long.cart_id
