from datetime import date, timedelta
from itertools import pairwise
from statistics import mean, median, stdev

import pytest

from shoplake.tables.gold.customers.customer_days import customer_days
from shoplake.transforms.customers.order_gaps import COLUMNS, measure_gaps

FIRST = date(2026, 3, 1)


@pytest.fixture
def gaps(some):
    """The measures of customers, given as the days after the first on which they order."""

    def of(orders=1, **customers):
        rows = [
            {"feed": "shop", "customer_id": name, "activity_date": FIRST + timedelta(day), "orders": orders}
            for name, days in customers.items()
            for day in days
        ]
        found = measure_gaps(some(customer_days, *rows)).collect()
        return {row.customer_id: tuple(row[each.name] for each in COLUMNS) for row in found}

    return of


def test_gaps_are_those_of_an_independent_computation(gaps):
    days = {"ann": [40, 0, 7, 9], "bob": [0, 1, 31], "cem": [3, 0, 6, 9, 12]}
    expected = {}
    for name, each in days.items():
        each = sorted(each)
        between = [after - before for before, after in pairwise(each)]
        variation = pytest.approx(stdev(between) / mean(between), abs=1e-6)
        expected[name] = (FIRST + timedelta(each[1]), each[1], median(between), variation)

    assert gaps(**days) == expected
    assert expected["cem"][3] == 0


def test_two_order_days_have_a_gap_and_no_variation(gaps):
    assert gaps(ann=[0, 5])["ann"] == (FIRST + timedelta(5), 5, 5, None)


def test_one_order_has_no_second(gaps):
    assert gaps(ann=[0])["ann"] == (None, None, None, None)


def test_a_second_order_on_the_first_day_is_the_second_order(gaps):
    assert gaps(ann=[0, 5], orders=2)["ann"][:3] == (FIRST, 0, 5)


def test_days_without_an_order_are_no_gap(gaps):
    assert gaps(ann=[0, 5], orders=0) == {}
