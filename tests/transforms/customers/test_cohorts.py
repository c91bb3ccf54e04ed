from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from shoplake.transforms.customers.cohorts import build_cohorts, month_number, month_of, week_number, week_of

ACTIVITY = "feed string, customer_id string, period int, orders bigint, net decimal(18,4), margin decimal(18,4)"
FACTS = "feed string, customer_id string, cohort int, acquisition_channel string, currency string"


def money(net):
    return None if net is None else Decimal(net)


@pytest.fixture
def build(spark):
    """The cells of cohorts, by cohort, channel and number, from (customer, period, orders, net) until a period."""

    def build(activity, channels, last):
        firsts = {}
        for who, period, orders, _ in activity:
            if orders:
                firsts[who] = min(period, firsts.get(who, period))
        rows = [("shop", who, period, orders, money(net), None) for who, period, orders, net in activity]
        facts = [("shop", who, firsts.get(who), channel, "GBP") for who, channel in channels.items()]
        ends = spark.createDataFrame([("shop", last)], "feed string, last int")
        cohorts = build_cohorts(spark.createDataFrame(rows, ACTIVITY), spark.createDataFrame(facts, FACTS), ends)
        return {(row.cohort, row.acquisition_channel, row.number): row for row in cohorts.collect()}

    return build


def test_cells_are_dense_from_the_first_order_to_the_end_of_the_data(build):
    cells = build([("ann", 3, 1, 10), ("ann", 5, 1, 10)], {"ann": "email"}, last=6)

    assert sorted(cells) == [(3, channel, number) for channel in ("all", "email") for number in range(4)]
    assert [cells[3, "all", number].active for number in range(4)] == [1, 0, 1, 0]
    assert [cells[3, "all", number].returned_ever_after for number in range(4)] == [1, 1, 1, 0]
    assert [cells[3, "all", number].net for number in range(4)] == [10, 0, 10, 0]
    assert [cells[3, "all", number].net_to_date for number in range(4)] == [10, 10, 20, 20]


def test_money_to_date_is_unknown_until_some_is_known(build):
    visits = [("ann", 4, 0, 0), ("bob", 3, 0, 0), ("bob", 4, 0, 0)]
    cells = build([("ann", 3, 1, None), *visits, ("ann", 6, 1, 5)], {"ann": "email", "bob": "email"}, last=6)

    assert [cells[3, "all", number].net for number in range(4)] == [None, 0, 0, 5]
    assert [cells[3, "all", number].net_to_date for number in range(4)] == [None, None, None, 5]


def test_a_return_is_money_and_no_activity(build):
    cells = build([("ann", 3, 1, 10), ("ann", 4, 0, -10)], {"ann": "email"}, last=4)

    assert (cells[3, "all", 1].active, cells[3, "all", 1].net, cells[3, "all", 1].net_to_date) == (0, -10, 0)


def test_money_from_before_the_first_order_counts_in_number_0(build):
    cells = build([("ann", 2, 0, -4), ("ann", 3, 1, 10)], {"ann": "email"}, last=3)

    assert (cells[3, "all", 0].net, cells[3, "all", 0].active) == (6, 1)


def test_customers_who_only_returned_are_in_no_cohort(build):
    assert build([("ann", 2, 0, -4)], {"ann": "email"}, last=3) == {}


def count_by_hand(activity, channels, last):
    """Customers, active, ever after and net to date of each cell, by loops."""
    periods, cells = defaultdict(set), {}
    for who, period, orders, _ in activity:
        if orders:
            periods[who].add(period)
    for channel in {"all", *channels.values()}:
        whos = {who for who in periods if channel in ("all", channels[who])}
        for cohort in {min(periods[who]) for who in whos}:
            members = {who for who in whos if min(periods[who]) == cohort}
            for number in range(last - cohort + 1):
                at = cohort + number
                net = sum(row[3] for row in activity if row[0] in members and row[1] <= at)
                on = sum(at in periods[who] for who in members)
                after = sum(max(periods[who]) >= at for who in members)
                cells[cohort, channel, number] = (len(members), on, after, Decimal(net))
    return cells


ROW = st.tuples(st.sampled_from("abcd"), st.integers(1, 5), st.integers(0, 2), st.integers(-9, 9))


@settings(max_examples=examples(10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, min_size=1, max_size=15))
def test_cohorts_equal_those_of_loops(build, activity):
    channels = {"a": "email", "b": "email", "c": "direct", "d": "(none)"}

    cells = build(activity, channels, last=6)

    measures = {
        key: (row.customers, row.active, row.returned_ever_after, row.net_to_date) for key, row in cells.items()
    }
    assert measures == count_by_hand(activity, channels, 6)


def test_months_and_iso_weeks_have_numbers_without_gaps(spark):
    days = [date(1999, 12, 20) + timedelta(days=number) for number in range(800)]
    rows = spark.createDataFrame([(day,) for day in days], "day date").select(
        "day", month_number("day").alias("month"), week_number("day").alias("week")
    )

    numbered = rows.select("*", month_of(F.col("month")).alias("first"), week_of(F.col("week")).alias("monday"))

    for row in numbered.collect():
        assert row.month == row.day.year * 12 + row.day.month - 1
        assert row["first"] == row.day.replace(day=1)
        assert row.monday == row.day - timedelta(days=row.day.isoweekday() - 1)
