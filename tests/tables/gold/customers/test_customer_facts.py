from datetime import date
from decimal import Decimal

import pytest

from shoplake.tables.gold.customers.customer_facts import customer_facts
from shoplake.tables.gold.customers.customer_months import customer_months
from shoplake.tables.silver.identity.identity_links import identity_links

MARCH = {"feed": "shop", "customer_id": "ann", "activity_month": date(2026, 3, 1), "currency": "GBP"}
MARCH |= {"orders": 2, "order_days": 2, "gross": "20.0000", "discounts": "1.0000", "returns": "0"}
MARCH |= {"first_order_date": date(2026, 3, 4), "last_order_date": date(2026, 3, 9)}
MAY = MARCH | {"activity_month": date(2026, 5, 1), "orders": 1, "order_days": 1}
MAY |= {"first_order_date": date(2026, 5, 4), "last_order_date": date(2026, 5, 4)}
VISIT = {"sessions": 1, "first_channel": "email", "first_session_at": "2026-03-04 23:30"}
VISIT |= {"first_session_date": date(2026, 3, 4), "last_session_at": "2026-03-04 23:40"}
LINK = {"feed": "shop", "anonymous_id": "phone", "customer_id": "ann"}


@pytest.fixture
def build(some):
    """The facts, by customer."""

    def build(*months, links=()):
        rows = customer_facts(some(customer_months, *months), some(identity_links, *links)).collect()
        return {row.customer_id: row for row in rows}

    return build


def test_the_facts_sum_the_months_from_the_first_order_to_the_last(build):
    ann = build(MAY, MARCH)["ann"]

    assert (ann.orders, ann.order_days, ann.net, ann.currency) == (3, 3, 38, "GBP")
    assert (ann.first_order_date, ann.last_order_date) == (date(2026, 3, 4), date(2026, 5, 4))
    assert ann.days_between_orders == Decimal("30.5")


def test_guests_are_no_customers(build):
    assert set(build(MARCH, MARCH | {"customer_id": None})) == {"ann"}


def test_wrong_answer_6_a_return_without_a_sale_has_a_value_below_zero_and_no_order(build):
    nothing = dict.fromkeys(("orders", "order_days"), 0) | dict.fromkeys(("first_order_date", "last_order_date"))

    ann = build(MARCH | nothing | {"gross": "0", "discounts": "0", "returns": "4.0000"})["ann"]

    assert (ann.net, ann.orders, ann.first_order_date, ann.days_between_orders) == (-4, 0, None, None)


def test_money_of_an_unknown_sale_is_null_also_beside_a_month_of_visits(build):
    nothing = dict.fromkeys(("gross", "discounts", "returns"), "0")

    ann = build(MARCH | {"gross": None, "discounts": "0"}, MAY | VISIT | {"orders": 0} | nothing)["ann"]

    assert (ann.gross, ann.discounts, ann.net) == (None, 0, None)


def test_an_unknown_return_leaves_the_known_sale_in_the_net(build):
    ann = build(MARCH | {"returns": None})["ann"]

    assert (ann.gross, ann.returns, ann.net) == (20, None, 19)


def test_the_acquisition_channel_is_that_of_the_first_session_up_to_the_first_order(build):
    later = MARCH | VISIT | {"first_session_date": date(2026, 3, 5), "first_session_at": "2026-03-05 00:30"}
    visitor = {"feed": "shop", "customer_id": "bob", "activity_month": date(2026, 3, 1)} | VISIT

    assert build(MARCH | VISIT)["ann"].acquisition_channel == "email"
    assert build(later)["ann"].acquisition_channel == "(none)"
    assert build(MARCH)["ann"].acquisition_channel == "(none)"
    assert build(visitor)["bob"].acquisition_channel == "email"


def test_devices_are_those_that_the_customer_was_logged_in_on(build):
    links = [LINK, LINK | {"anonymous_id": "ipad"}, LINK | {"customer_id": "bob"}, LINK | {"feed": "other"}]

    rows = build(MARCH, MARCH | {"customer_id": "cem"}, links=links)

    assert {name: row.devices for name, row in rows.items()} == {"ann": 2, "cem": 0}
