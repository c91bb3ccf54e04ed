from datetime import date, datetime

import pytest

from shoplake.tables.gold.customers.customer_days import customer_days
from shoplake.tables.gold.customers.customer_months import customer_months

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
DAY = {"feed": "shop", "customer_id": "ann", "activity_date": date(2026, 3, 4), "activity_month": MARCH}
DAY |= {"orders": 1, "gross": "10.0000", "discounts": "1.0000", "returns": "0", "currency": "GBP", "sessions": 0}


@pytest.fixture
def build(some):
    """The months, by customer and number of the month."""

    def build(*days):
        rows = customer_months(some(customer_days, *days)).collect()
        return {(row.customer_id, row.activity_month.month): row for row in rows}

    return build


def on(day, **more):
    return DAY | {"activity_date": day, "activity_month": day.replace(day=1)} | more


def test_a_month_sums_the_days_of_a_customer(build):
    rows = build(DAY, on(date(2026, 3, 9), orders=2), on(date(2026, 4, 1)))

    march, april = rows["ann", 3], rows["ann", 4]
    assert (march.orders, march.order_days, march.gross, march.net) == (3, 2, 20, 18)
    assert (march.first_order_date, march.last_order_date) == (date(2026, 3, 4), date(2026, 3, 9))
    assert (april.orders, april.activity_month, april.currency) == (1, APRIL, "GBP")


def test_a_day_without_an_order_is_no_order_day(build):
    row = build(DAY, on(date(2026, 3, 9), orders=0, gross="0", discounts="0", returns="4.0000"))["ann", 3]

    assert (row.order_days, row.last_order_date, row.net) == (1, date(2026, 3, 4), 5)


def test_the_first_session_keeps_its_channel(build):
    visits = [
        on(day, sessions=1, first_session_at=at, first_session_date=day, first_channel=channel, last_session_at=at)
        for day, at, channel in (
            (date(2026, 3, 9), "2026-03-09 08:00", "direct"),
            (date(2026, 3, 5), "2026-03-05 08:00", "email"),
        )
    ]

    row = build(DAY, *visits)["ann", 3]

    assert (row.first_channel, row.first_session_date, row.sessions) == ("email", date(2026, 3, 5), 2)
    assert (row.first_session_at, row.last_session_at) == (datetime(2026, 3, 5, 8), datetime(2026, 3, 9, 8))


def test_guests_and_feeds_are_rows_of_their_own(build, some):
    rows = build(DAY, DAY | {"customer_id": None})
    feeds = customer_months(some(customer_days, DAY, DAY | {"feed": "other"}))

    assert set(rows) == {("ann", 3), (None, 3)}
    assert feeds.count() == 2
