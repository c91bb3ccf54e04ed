from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.money.exchange_rates import exchange_rates
from shoplake.transforms.sales.convert_currency import (
    convert_currency,
    count_without_rate,
    feed_currency,
    line_currency,
)

FIRST = date(2026, 3, 1)
OWN = {"shop": "GBP", "other": "EUR", "unset": None}
FEEDS = tuple(Feed(name, ZENITH, "landing", "UTC", currency) for name, currency in OWN.items())
CODES = st.sampled_from(["GBP", "EUR", "JPY", "eur", None])
LINES = st.lists(
    st.tuples(
        st.sampled_from(sorted(OWN)),
        CODES,
        st.integers(0, 6),
        st.one_of(st.none(), st.decimals(-999, 999, places=4)),
    ),
    max_size=12,
)
RATES = st.dictionaries(
    st.tuples(st.sampled_from(sorted(OWN)), st.sampled_from(["GBP", "EUR", "JPY"]), st.integers(0, 6)),
    st.decimals(Decimal("0.0001"), 200, places=6),
    max_size=12,
)


@pytest.fixture
def converted(spark, some):
    """Lines `(feed, currency, day, amount)` converted at rates by feed, currency and day, in order."""

    def convert(lines, rates):
        cells = [
            (n, feed, code, FIRST + timedelta(days=at), amount) for n, (feed, code, at, amount) in enumerate(lines)
        ]
        rows = spark.createDataFrame(cells, "n int, feed string, currency string, day date, amount decimal(18,4)")
        of_days = [
            {"feed": feed, "currency": code, "rate_date": FIRST + timedelta(days=at), "rate": rate}
            for (feed, code, at), rate in rates.items()
        ]
        periods = exchange_rate_periods(some(exchange_rates, *of_days))
        return convert_currency(rows, periods, FEEDS, day="day", amount="amount").orderBy("n")

    return convert


def convert_by_hand(line, rates):
    """Convert one line by searching the days before it."""
    feed, code, at, amount = line
    code = code and code.upper()
    if code in (None, OWN[feed]):
        return amount, False
    rate = next((rates[feed, code, day] for day in range(at, -1, -1) if (feed, code, day) in rates), None)
    if rate is None:
        return None, True
    return amount and (amount * rate).quantize(Decimal("0.0001"), ROUND_HALF_UP), False


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, RATES)
def test_amounts_are_those_of_a_search_for_the_latest_rate(converted, lines, rates):
    rows = converted(lines, rates).collect()

    assert [(row.amount, row.lacks_rate) for row in rows] == [convert_by_hand(line, rates) for line in lines]


@pytest.mark.parametrize(("at", "amount"), [(0, None), (1, "85.0000"), (2, "85.0000"), (3, "90.0000"), (99, "90.0000")])
def test_the_latest_rate_on_or_before_the_day_applies(converted, at, amount):
    rates = {("shop", "EUR", 1): Decimal("0.85"), ("shop", "EUR", 3): Decimal("0.90")}

    [row] = converted([("shop", "EUR", at, Decimal(100))], rates).collect()

    assert (row.amount, row.lacks_rate) == (amount and Decimal(amount), amount is None)


def test_lines_without_a_rate_are_counted(converted):
    lines = [("shop", code, 0, Decimal(1)) for code in ("GBP", "JPY", None, "JPY")]

    assert converted(lines, {}).agg(count_without_rate()).first()["lines_without_rate"] == 2


def test_a_line_whose_converted_amount_is_ten_billion_has_no_usable_rate(converted):
    lines = [("shop", "EUR", 0, amount) for amount in (Decimal("9999999999.99"), Decimal(10_000), None)]

    rows = converted(lines, {("shop", "EUR", 0): Decimal(900_000)}).collect()

    assert [(row.amount, row.lacks_rate) for row in rows] == [
        (None, True),
        (Decimal(9_000_000_000), False),
        (None, False),
    ]


def test_a_line_without_a_currency_has_that_of_its_feed(spark):
    rows = spark.createDataFrame([("shop", None), ("shop", "eur"), ("unset", None)], "feed string, currency string")

    records = rows.select(line_currency(FEEDS).alias("line"), feed_currency(FEEDS).alias("own")).collect()

    assert [tuple(row) for row in records] == [("GBP", "GBP"), ("EUR", "GBP"), (None, None)]
