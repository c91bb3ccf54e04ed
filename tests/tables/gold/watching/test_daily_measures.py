from decimal import Decimal

import pytest

from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.gold.watching.daily_measures import daily_measures
from shoplake.tables.silver.sessions import sessions

LINE = {"feed": "shop", "order_id": "o1", "order_date": "2026-03-01", "kind": "sale", "is_cancelled": False}
LINE |= {"country": "GB", "channel": "email", "device": "mobile", "quantity": 2, "gross": "9.99", "currency": "GBP"}
SESSION = {"feed": "shop", "session_date": "2026-03-01", "channel": "direct", "device": "mobile", "is_bot": False}


@pytest.fixture
def measured(some):
    """The values by measure, currency and segment."""

    def of(*lines, visits=()):
        rows = daily_measures(some(order_values, *lines), some(sessions, *visits)).collect()
        return {(row.measure, row.currency, row.segment): (row.value, row.observations) for row in rows}

    return of


def test_orders_units_and_sales_are_summed_by_segment(measured):
    found = measured(LINE, LINE | {"top_category": "Home"}, LINE | {"order_id": "o2", "channel": "direct"})

    assert found["orders", None, "(all)"] == (2, 2)
    assert found["orders", None, "category=Home"] == (1, 1)
    assert found["orders", None, "category=(unknown)"] == (2, 2)
    assert found["units", None, "channel=email"] == (4, 1)
    assert found["gross_sales", "GBP", "country=GB"] == (Decimal("29.97"), 2)


def test_currencies_are_not_added_up(measured):
    found = measured(LINE, LINE | {"currency": "EUR", "gross": "1.00"})

    assert {
        currency: value
        for (name, currency, segment), (value, _) in found.items()
        if (name, segment) == ("gross_sales", "(all)")
    } == {
        "GBP": Decimal("9.99"),
        "EUR": Decimal("1.00"),
    }


def test_sessions_are_counted_without_bots(measured):
    found = measured(visits=[SESSION, SESSION, SESSION | {"is_bot": True}])

    assert found == {("sessions", None, segment): (2, 2) for segment in ("(all)", "channel=direct", "device=mobile")}


def test_cancelled_orders_and_returns_do_not_count(measured):
    assert measured(LINE | {"is_cancelled": True}, LINE | {"kind": "return"}) == {}
