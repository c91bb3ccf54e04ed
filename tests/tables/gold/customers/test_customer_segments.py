from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from math import ceil

import pytest

from shoplake.tables.gold.customers.customer_segments import customer_segments
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.orders.cancelled_order_refunds import cancelled_order_refunds
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.customers.rfm import SEGMENTS

LAST = date(2026, 3, 1)
SALE = {"feed": "shop", "kind": "sale", "line_class": "goods", "quantity": 1, "order_date": LAST, "amount": "10.00"}


def order(customer, number, **more):
    return SALE | {"customer_id": customer, "order_id": f"{customer}-{number}"} | more


def days_ago(days):
    return {"order_date": LAST - timedelta(days=days)}


@pytest.fixture
def build(some, zenith):
    """The customers of one feed in GBP, by name."""

    def build(*lines, rates=(), **parameters):
        known = some(order_lines, *lines)
        read = known, cancelled_order_refunds(known), some(exchange_rate_periods, *rates)
        rows = customer_segments(*read, feeds=(zenith,), **parameters).collect()
        assert len({(row.feed, row.customer_id) for row in rows}) == len(rows)
        return {row.customer_id: row for row in rows}

    return build


def test_the_day_is_the_one_after_the_feeds_last_order(build):
    ann = build(order("ann", 1, **days_ago(10)), order(None, 1))["ann"]

    assert (ann.as_of_date, ann.recency_days) == (date(2026, 3, 2), 11)
    assert (ann.first_order_date, ann.last_order_date) == (LAST - timedelta(days=10),) * 2


def test_a_return_does_not_move_the_day_nor_the_last_order(build):
    returned = order("ann", 2, kind="return", amount="-4.00", quantity=-1)

    ann = build(order("ann", 1, **days_ago(10)), returned | days_ago(5))["ann"]

    assert (ann.as_of_date, ann.recency_days) == (LAST - timedelta(days=9), 1)
    assert (ann.frequency, ann.lifetime_orders) == (1, 1)


def test_shipping_alone_is_no_order_and_lacks_no_rate(build):
    shipping = order("ann", 2, line_class="shipping", currency="EUR")

    ann = build(order("ann", 1, **days_ago(10)), shipping | days_ago(10), shipping)["ann"]

    assert (ann.as_of_date, ann.lifetime_orders, ann.lines_without_rate) == (LAST - timedelta(days=9), 1, 0)


def test_the_window_is_the_365_days_before_the_day(build):
    inside, outside = order("ann", 1, **days_ago(364)), order("ann", 2, **days_ago(365))

    ann = build(inside, outside, order("ann", 3))["ann"]

    assert (ann.frequency, ann.monetary) == (2, Decimal("20.00"))
    assert (ann.lifetime_orders, ann.lifetime_net) == (3, Decimal("30.00"))


def test_money_is_net_of_discounts_and_returns_without_shipping(build):
    back = order("ann", 2, kind="return", amount="-4.00", quantity=-1)
    discount = order("ann", 1, kind="adjustment", line_class="discount", amount="-1.00")

    ann = build(order("ann", 1), back, discount, order("ann", 1, line_class="shipping", amount="5.00"))["ann"]

    assert (ann.monetary, ann.lifetime_net, ann.frequency) == (Decimal("5.00"), Decimal("5.00"), 1)


def test_guests_and_customers_who_only_returned_are_excluded(build):
    rows = build(order("ann", 1), order(None, 1), order("bob", 1, kind="return", amount="-4.00", quantity=-1))

    assert set(rows) == {"ann"}


def test_a_given_day_excludes_what_came_after(build):
    rows = build(order("ann", 1, **days_ago(10)), order("ann", 2), order("bob", 1), as_of="2026-02-25")

    assert set(rows) == {"ann"}
    assert (rows["ann"].recency_days, rows["ann"].lifetime_orders) == (6, 1)


def shares(values, best_is_greatest=True):
    """For each value five times the share of values that are equal or lower, rounded up."""
    worth = [value if best_is_greatest else -value for value in values]
    return [ceil(5 * sum(other <= own for other in worth) / len(worth)) for own in worth]


def test_scores_are_five_times_the_cumulative_share_rounded_up(build):
    ages, orders, amounts = (0, 3, 3, 40, 90, 200, 300), (1, 1, 4, 2, 1, 2, 1), (10, 10, 5, 99, 1, 10, 50)
    lines = [
        order(f"c{who}", number, amount=f"{amounts[who]}.00", **days_ago(ages[who]))
        for who in range(7)
        for number in range(orders[who])
    ]

    rows = build(*lines)

    money = [count * amount for count, amount in zip(orders, amounts, strict=True)]
    records = [rows[f"c{who}"] for who in range(7)]
    assert [row.recency_score for row in records] == shares(ages, best_is_greatest=False)
    assert [row.frequency_score for row in records] == shares(orders)
    assert [row.monetary_score for row in records] == shares(money)
    assert [row.rfm for row in records] == [f"{r.recency_score}{r.frequency_score}{r.monetary_score}" for r in records]


def test_equal_values_share_a_score(build):
    rows = build(*[order(f"c{who}", 1) for who in range(7)])

    assert {row.rfm for row in rows.values()} == {"555"}


def test_tiers_end_at_five_twenty_and_fifty_per_cent(build):
    rows = build(*[order(f"c{who}", 1, amount=f"{who}.00") for who in range(1, 41)])

    tiers = defaultdict(list)
    for who in range(40, 0, -1):
        tiers[rows[f"c{who}"].value_tier].append(who)
    assert {name: (max(who), min(who)) for name, who in tiers.items()} == {
        "platinum": (40, 39),
        "gold": (38, 33),
        "silver": (32, 21),
        "bronze": (20, 1),
    }


def test_each_feed_is_scored_on_its_own(build):
    rows = build(order("ann", 1), order("bob", 1, amount="1.00", feed="other"))

    assert (rows["ann"].rfm, rows["bob"].rfm, rows["bob"].value_tier) == ("555", "555", "bronze")


def test_champions_come_often_late_and_with_money_and_the_lost_do_not(build):
    valid = [order("ann", number, amount="100.00") for number in range(3)]
    once = [order("bob", 1), order("cem", 1, **days_ago(30)), order("dan", 1, amount="1.00", **days_ago(300))]

    rows = build(*valid, *once)

    assert {name: row.segment for name, row in rows.items()} == {
        "ann": "champions",
        "bob": "new",
        "cem": "big_spenders",
        "dan": "at_risk",
    }
    assert {row.segment for row in rows.values()} <= {name for name, _ in SEGMENTS}


def test_money_is_in_the_currency_of_the_feed(build):
    euro = {"feed": "shop", "currency": "EUR", "first_date": LAST - timedelta(days=5), "rate": "0.8500"}
    early = order("bob", 1, currency="EUR", **days_ago(6))

    rows = build(order("ann", 1), order("ann", 2, currency="EUR"), early, rates=[euro])

    assert (rows["ann"].currency, rows["ann"].lifetime_net, rows["ann"].lines_without_rate) == (
        *("GBP", Decimal("18.50")),
        0,
    )
    assert (rows["bob"].lifetime_orders, rows["bob"].lifetime_net, rows["bob"].lines_without_rate) == (1, None, 1)


def test_customers_of_unknown_value_have_no_score_and_no_tier_by_it(build):
    rows = build(order("ann", 1), order("bob", 1, amount=None), order("cem", 1, amount=None))

    assert [(rows[name].monetary_score, rows[name].rfm, rows[name].value_tier) for name in ("ann", "bob", "cem")] == [
        (5, "555", "bronze"),
        *[(None, None, None)] * 2,
    ]
    assert (rows["bob"].recency_score, rows["bob"].segment) == (5, "new")


def test_no_orders_no_customers(build):
    assert build() == {}


def test_a_cancelled_order_makes_no_customer_and_moves_no_day(build):
    customers = build(order("ann", 1, **days_ago(3)), order("bob", 1, status="cancelled"))

    assert set(customers) == {"ann"}
    assert customers["ann"].as_of_date == LAST - timedelta(days=2)
