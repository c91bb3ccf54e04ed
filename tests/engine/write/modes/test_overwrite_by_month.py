"""A table by month is what a full refresh makes of it, whichever days its input rows come for."""

from datetime import date, timedelta

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sample_lake import SampleLake
from sample_tables import FEED, mark, marks, marks_raw

from shoplake.declare import Replace, col, table
from shoplake.declare.catalog import Catalog

FIRST = date(2026, 1, 28)
COLUMNS = [
    FEED,
    col("month", "date", "The first day of the month"),
    col("marks", "bigint", "Marks", unit="marks"),
    col("days", "bigint", "Days with a mark", unit="days"),
]


@table(
    "gold",
    key=["feed", "month"],
    write=Replace("month", {"marks": "day"}, by_month=True),
    partition_by=["month"],
    columns=COLUMNS,
)
def monthly(marks: DataFrame) -> DataFrame:
    """One row per feed and month."""
    return marks.groupBy("feed", F.trunc("day", "month").alias("month")).agg(
        F.count("*").alias("marks"), F.countDistinct("day").alias("days")
    )


TABLES = Catalog([marks_raw, marks, monthly])


@pytest.fixture
def sample(spark, tmp_path):
    return SampleLake(spark, tmp_path, catalog=TABLES)


def rows(lake):
    found = lake.engine.read(monthly).collect()
    return {str(row.month): (row.marks, row.days) for row in found}


def by_hand(days):
    months: dict[str, list[date]] = {}
    for day in days:
        months.setdefault(f"{day:%Y-%m}-01", []).append(day)
    return {month: (len(its), len({*its})) for month, its in months.items()}


@settings(max_examples=examples(4))
@given(st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=4), min_size=1, max_size=3))
def test_every_run_leaves_the_months_of_all_days_so_far(spark, tmp_path_factory, runs):
    lake = SampleLake(spark, tmp_path_factory.mktemp("months"), catalog=TABLES)
    seen = []
    for number, offsets in enumerate(runs):
        days = [FIRST + timedelta(days=each) for each in offsets]
        marks = [mark(f"{number}-{place}", f"{day}T09:00:00Z") for place, day in enumerate(days)]
        lake.drop(f"marks/{number}", *marks)
        lake.run()
        seen += days
        assert rows(lake) == by_hand(seen)


def test_a_new_day_leaves_the_months_before_as_they_are(sample):
    sample.drop("marks/a", mark("a", "2026-01-31T09:00:00Z"), mark("b", "2026-02-01T09:00:00Z"))
    sample.run()
    before = sample.engine.version(monthly)
    sample.drop("marks/b", mark("c", "2026-02-02T09:00:00Z"))

    plan = next(each for each in sample.plan().tables if each.table == "gold.monthly")
    sample.run()

    diff = sample.engine.commit_diff(monthly, before)
    assert "partitions" in plan.reason or plan.depends_on
    assert diff.values("month") == {"2026-02-01"}
    assert rows(sample) == {"2026-01-01": (1, 1), "2026-02-01": (2, 2)}


def test_dates_that_are_asked_for_rebuild_their_months(sample):
    sample.drop("marks/a", mark("a", "2026-01-31T09:00:00Z"), mark("b", "2026-02-01T09:00:00Z"))
    sample.run()
    before = sample.engine.version(monthly)

    sample.run(select="gold.monthly", start=date(2026, 1, 31), end=date(2026, 1, 31))

    assert sample.engine.commit_diff(monthly, before).values("month") == {"2026-01-01"}
