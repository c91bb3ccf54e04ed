from datetime import UTC, datetime, timedelta

import pytest
from sample_tables import CATALOG

from shoplake.declare import extend, fresh, references, rows_like_history, unique
from shoplake.quality.gate_check import GateCheck

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def reader(spark):
    at = [NOW - timedelta(hours=hours) for hours in (30, 40, 50)]
    frames = {
        "marks": spark.createDataFrame(
            [
                ("shop", "a", at[0], at[0].date(), "pen"),
                ("shop", "b", at[1], at[1].date(), "ink"),
                ("shop", "b", at[2], at[2].date(), None),
                ("other", "b", at[2], at[2].date(), "pen"),
            ],
            "feed string, id string, at timestamp, day date, who string",
        ),
        "prices": spark.createDataFrame([("shop", "pen")], "feed string, thing string"),
    }

    class Reader:
        def read(self, table):
            return frames[table.name]

    return Reader()


def results(reader, *gates):
    catalog = CATALOG.extended([], [extend("silver.marks", gates=gates)])
    checked = GateCheck(reader, catalog, NOW).check([catalog["marks"]])
    return [(each.gate, each.slice, each.value, each.status) for each in checked]


def test_rows_that_repeat_a_key_are_counted_by_feed(reader):
    assert results(reader, unique("id")) == [
        ("unique_id", "other", 0.0, "pass"),
        ("unique_id", "shop", 1.0, "warn"),
    ]
    assert {each[3] for each in results(reader, unique("id", "at"))} == {"pass"}


def test_a_reference_without_a_row_warns_above_its_share_and_null_refers_to_nothing(reader):
    gate = references("who", "silver.prices", key="thing", missing_at_most=0.5)

    assert results(reader, gate) == [
        ("who_in_prices", "other", 1.0, "warn"),
        ("who_in_prices", "shop", 0.5, "pass"),
    ]


def test_rows_that_have_not_settled_are_left_out(reader):
    gate = references("who", "silver.prices", key="thing", at="at", settles="45 hours")

    assert results(reader, gate) == [("who_in_prices", "other", 1.0, "warn")]


def test_the_age_of_the_newest_row_counts_in_every_feed(reader):
    assert results(reader, fresh("at", within="45 hours")) == [
        ("fresh_at", "other", 50.0, "warn"),
        ("fresh_at", "shop", 30.0, "pass"),
    ]


def test_a_time_that_is_still_to_come_makes_no_feed_fresh(reader, spark):
    names = "feed string, at timestamp"
    past, coming = NOW - timedelta(hours=50), NOW + timedelta(days=200)
    rows = [("shop", past), ("shop", coming), ("other", coming)]
    marks = spark.createDataFrame(rows, names)

    class Reader:
        def read(self, table):
            return marks

    assert results(Reader(), fresh("at", within="45 hours")) == [
        ("fresh_at", "other", -4800.0, "pass"),
        ("fresh_at", "shop", 50.0, "warn"),
    ]


def test_a_day_without_enough_history_says_nothing(reader):
    assert results(reader, rows_like_history("day")) == []
