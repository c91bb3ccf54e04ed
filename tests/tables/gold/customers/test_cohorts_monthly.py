from datetime import date

import pandas as pd
import pytest
from sample_cdnow import master

from shoplake.tables.gold.customers.cohorts_monthly import cohorts_monthly
from shoplake.tables.gold.customers.customer_days import customer_days
from shoplake.tables.gold.customers.customer_facts import customer_facts
from shoplake.tables.gold.customers.customer_months import customer_months
from shoplake.tables.silver.identity.identity_links import identity_links

DAY = {"feed": "shop", "customer_id": "ann", "orders": 1, "gross": "10", "discounts": "0", "returns": "0", "net": "10"}


def on(day, **more):
    return DAY | {"activity_date": day, "activity_month": day.replace(day=1)} | more


@pytest.fixture
def build(some):
    """The cells of all channels, by cohort month and month number."""

    def build(*days):
        months = customer_months(some(customer_days, *days))
        rows = cohorts_monthly(months, customer_facts(months, some(identity_links))).where(
            "acquisition_channel = 'all'"
        )
        return {(row.cohort_month, row.month_number): row for row in rows.collect()}

    return build


def test_a_month_is_complete_once_the_data_reach_its_end(build):
    open_ = build(on(date(2026, 2, 3)), on(date(2026, 3, 30)))
    closed = build(on(date(2026, 2, 3)), on(date(2026, 3, 31)))

    assert [open_[date(2026, 2, 1), number].is_complete for number in (0, 1)] == [True, False]
    assert [closed[date(2026, 2, 1), number].is_complete for number in (0, 1)] == [True, True]


def test_guests_are_in_no_cohort_and_their_orders_end_the_data(build):
    rows = build(on(date(2026, 2, 3)), on(date(2026, 4, 3), customer_id=None))

    assert sorted(number for _, number in rows) == [0, 1, 2]
    assert rows[date(2026, 2, 1), 0].customers == 1


def test_wrong_answer_7_a_late_first_order_stays_in_the_wrong_cohort(build):
    march, january = on(date(2026, 3, 3)), on(date(2026, 1, 31))

    before, after = build(march), build(march, january)

    assert set(before) == {(date(2026, 3, 1), 0)}
    assert {key: row.active for key, row in after.items()} == {
        (date(2026, 1, 1), 0): 1,
        (date(2026, 1, 1), 1): 0,
        (date(2026, 1, 1), 2): 1,
    }


@pytest.fixture(scope="module")
def cdnow(spark):
    """The cohorts of all channels of CDNOW's customers, as one frame."""
    orders = master().groupby(["customer_id", "day"]).size().reset_index(name="orders")
    orders = orders.assign(feed="shop", net=None, activity_date=orders.day)
    names = {each.name: each.type for each in customer_days.columns}
    days = spark.createDataFrame(
        orders[["feed", "customer_id", "activity_date", "orders"]],
        "feed string, customer_id string, activity_date date, orders bigint",
    )
    cells = {
        "activity_month": "trunc(activity_date, 'month')",
        **{name: name for name in ("feed", "customer_id", "activity_date", "orders")},
    }
    days = days.selectExpr(*[f"cast({cells.get(name, 'null')} as {kind}) as {name}" for name, kind in names.items()])
    months = customer_months(days)
    links = spark.createDataFrame([], ", ".join(each.ddl.split(" COMMENT")[0] for each in identity_links.columns))
    rows = cohorts_monthly(months, customer_facts(months, links)).where("acquisition_channel = 'all'")
    return pd.DataFrame([row.asDict() for row in rows.collect()])


def test_cdnow_has_the_published_cohorts(cdnow):
    sizes = cdnow[cdnow.month_number == 0].set_index("cohort_month").customers.to_dict()

    assert sizes == {date(1997, 1, 1): 7846, date(1997, 2, 1): 8476, date(1997, 3, 1): 7248}


def test_cdnows_january_cohort_returns_as_published(cdnow):
    january = cdnow[cdnow.cohort_month == date(1997, 1, 1)].sort_values("month_number")

    assert list(january.active) == [
        *(7846, 1157, 964, 810, 679, 736, 720, 582, 559, 594, 673, 634, 528, 511, 664, 472, 497, 498),
    ]
