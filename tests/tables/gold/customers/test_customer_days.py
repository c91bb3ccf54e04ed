from datetime import date, datetime
from decimal import Decimal

import pytest

from shoplake.tables.gold.customers.customer_days import customer_days
from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.silver.identity.session_identity import session_identity
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.orders.cancelled_order_refunds import cancelled_order_refunds
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.sessions import sessions

DAY = date(2026, 3, 1)
SALE = {"feed": "shop", "order_id": "o1", "kind": "sale", "line_class": "goods", "order_date": DAY, "quantity": 2}
SALE |= {"customer_id": "ann", "amount": "10.00"}
BACK = SALE | {"kind": "return", "quantity": -1, "amount": "-4.00", "order_date": date(2026, 3, 9)}
LESS = SALE | {"kind": "adjustment", "line_class": "discount", "amount": "-1.00"}
VALUE = {"feed": "shop", "kind": "sale", "is_cancelled": False, "customer_id": "ann", "order_date": DAY}
VISIT = {"feed": "shop", "session_id": "s1", "started_at": "2026-03-01 09:00", "ended_at": "2026-03-01 09:30"}
VISIT |= {"session_date": DAY, "is_bot": False, "channel": "email", "product_views": 3, "add_to_carts": 1}
PERSON = {"feed": "shop", "session_id": "s1", "person_id": "ann", "match": "backward"}


@pytest.fixture
def build(some, zenith):
    """The rows of a feed in GBP, by customer and day."""

    def build(*lines, values=(), visits=(), people=(PERSON,), rates=()):
        known = some(order_lines, *lines)
        inputs = known, cancelled_order_refunds(known), some(order_values, *values), some(sessions, *visits)
        more = some(session_identity, *people), some(exchange_rate_periods, *rates)
        rows = customer_days(*inputs, *more, feeds=(zenith,)).collect()
        days = {(row.customer_id, row.activity_date.day): row for row in rows}
        assert len(days) == len(rows)
        return days

    return build


def amounts(row):
    return [str(each) for each in (row.gross, row.discounts, row.returns, row.net)]


def test_sales_and_discounts_count_on_the_orders_day_and_returns_on_their_own(build):
    days = build(SALE, LESS, BACK)

    assert amounts(days["ann", 1]) == ["10.0000", "1.0000", "0.0000", "9.0000"]
    assert amounts(days["ann", 9]) == ["0.0000", "0.0000", "4.0000", "-4.0000"]
    assert [(days["ann", day].orders, days["ann", day].units) for day in (1, 9)] == [(1, 2), (0, 0)]
    assert days["ann", 9].activity_month == DAY


def test_wrong_answer_6_cancelled_orders_count_as_lifetime_value(build):
    cancelled = SALE | {"order_id": "o2", "status": "cancelled"}

    days = build(SALE, cancelled, LESS | {"status": "cancelled"}, BACK | {"status": "cancelled"})

    assert (days["ann", 1].orders, days["ann", 1].cancelled_orders) == (1, 1)
    assert amounts(days["ann", 1]) == ["10.0000", "0.0000", "0.0000", "10.0000"]
    assert ("ann", 9) not in days


def test_shipping_and_other_lines_are_no_value_of_a_customer(build):
    days = build(SALE, SALE | {"line_class": "shipping"}, SALE | {"line_class": "other", "customer_id": "bob"})

    assert set(days) == {("ann", 1)}
    assert days["ann", 1].net == 10


def test_the_guests_of_a_day_are_one_row(build):
    guest = SALE | {"customer_id": None}

    days = build(guest, guest | {"order_id": "o2"})

    assert (days[None, 1].orders, days[None, 1].net) == (2, 20)


def test_an_unknown_price_makes_null_money_and_not_zero(build):
    days = build(SALE | {"amount": None})

    assert amounts(days["ann", 1]) == ["None", "0.0000", "0.0000", "None"]


def test_sums_keep_four_decimals(build):
    lines = [SALE | {"order_id": f"o{number}", "amount": "0.3333"} for number in range(3)]

    assert build(*lines)["ann", 1].gross == Decimal("0.9999")


def test_the_margin_is_that_of_the_orders_values(build):
    cancelled = VALUE | {"is_cancelled": True, "margin": "99.00"}

    days = build(SALE, values=[VALUE | {"margin": "3.50"}, VALUE | {"margin": "0.25"}, cancelled])

    assert days["ann", 1].margin == Decimal("3.75")
    assert build(SALE)["ann", 1].margin is None


def test_money_is_in_the_currency_of_the_feed_and_counts_what_has_no_rate(build):
    euro = {"feed": "shop", "currency": "EUR", "first_date": DAY, "rate": "0.5"}

    days = build(SALE | {"currency": "EUR"}, SALE | {"currency": "JPY", "order_id": "o2"}, rates=[euro])

    assert (days["ann", 1].gross, days["ann", 1].lines_without_rate, days["ann", 1].currency) == (5, 1, "GBP")


def test_a_persons_sessions_count_on_the_day_of_their_start(build):
    second = VISIT | {"session_id": "s2", "started_at": "2026-03-01 18:00", "ended_at": "2026-03-01 18:05"}
    second |= {"channel": "direct"}

    day = build(visits=[second, VISIT], people=[PERSON, PERSON | {"session_id": "s2"}])["ann", 1]

    assert (day.sessions, day.product_views, day.add_to_carts, day.orders) == (2, 6, 2, 0)
    assert (day.first_session_at, day.last_session_at) == (datetime(2026, 3, 1, 9), datetime(2026, 3, 1, 18, 5))
    assert (day.first_channel, day.first_session_date, day.net) == ("email", DAY, 0)


def test_of_sessions_that_start_together_the_lower_id_is_first(build):
    together = [VISIT | {"session_id": id, "channel": channel} for id, channel in (("s3", "direct"), ("s2", "social"))]
    people = [PERSON | {"session_id": id} for id in ("s2", "s3")]

    assert build(visits=together, people=people)["ann", 1].first_channel == "social"


def test_bots_and_unknown_persons_have_no_days(build):
    unknown = PERSON | {"session_id": "s2", "person_id": "phone", "match": "none"}

    assert build(visits=[VISIT | {"is_bot": True}, VISIT | {"session_id": "s2"}], people=[PERSON, unknown]) == {}
