from datetime import date

import pytest

from shoplake.tables.gold.customers.cohorts_weekly import cohorts_weekly
from shoplake.tables.gold.customers.customer_days import customer_days
from shoplake.tables.gold.customers.customer_facts import customer_facts
from shoplake.tables.gold.customers.customer_months import customer_months
from shoplake.tables.silver.identity.identity_links import identity_links

MONDAY = date(2025, 12, 29)
DAY = {"feed": "shop", "customer_id": "ann", "orders": 1, "gross": "10", "discounts": "0", "returns": "0", "net": "10"}


@pytest.fixture
def build(some):
    """The cells of all channels, by cohort week and week number."""

    def build(*days):
        rows = some(customer_days, *days)
        months = customer_months(rows)
        cohorts = cohorts_weekly(rows, months, customer_facts(months, some(identity_links)))
        cells = cohorts.where("acquisition_channel = 'all'").collect()
        return {(row.cohort_week_date, row.week_number): row for row in cells}

    return build


def on(day, **more):
    return DAY | {"activity_date": day, "activity_month": day.replace(day=1)} | more


def test_wrong_answer_7_weeks_start_on_monday_over_the_turn_of_the_year(build):
    rows = build(on(date(2026, 1, 4)), on(date(2026, 1, 5)))

    assert {key: (row.active, row.net_to_date_per_customer) for key, row in rows.items()} == {
        (MONDAY, 0): (1, 10),
        (MONDAY, 1): (1, 20),
    }


def test_a_week_is_complete_once_the_data_reach_its_sunday(build):
    open_, closed = build(on(date(2026, 1, 3))), build(on(date(2026, 1, 4)))

    assert (open_[MONDAY, 0].is_complete, closed[MONDAY, 0].is_complete) == (False, True)


def test_two_customers_of_a_week_are_one_cohort(build):
    rows = build(on(date(2026, 1, 1)), on(date(2026, 1, 2), customer_id="bob"), on(date(2026, 1, 12)))

    cohort = [rows[MONDAY, number] for number in range(3)]
    assert [row.customers for row in cohort] == [2, 2, 2]
    assert [(row.active, row.returned_ever_after, row.retention) for row in cohort] == [
        (2, 2, 1),
        (0, 1, 0),
        (1, 1, 0.5),
    ]
