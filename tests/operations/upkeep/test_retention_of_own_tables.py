"""What was made of expired rows stays in the tables of a project, whatever their write mode."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import functions as F
from sample_shop import drop_marks, lake_landing, sample_shop
from sample_tables import FEED, MARK_FILES, MARKS, drop, mark, marks, marks_raw, prices_raw, read_marks

from shoplake.declare import FeedKind, RebuildKeys, Replace, Upsert, col, table

YOUNG = str((datetime.now(UTC) - timedelta(days=3)).date())
OLD = "2020-01-01"
KEPT = replace(marks, keeps="100 days")
COLUMNS = [each for each in MARKS if each.name in ("feed", "id", "at", "day", "n", "payload_hash")]


@table(
    "silver",
    key=["feed", "id"],
    write=Upsert(order_by="at", input_partitions={"marks": "day"}),
    partition_by=["day"],
    incremental="prices_raw",
    columns=COLUMNS,
)
def bought(prices_raw, marks):
    """One row per day with a mark, or per price."""
    days = marks.groupBy("feed", "day").agg(F.min("at").alias("at"), F.sum("n").cast("int").alias("n"))
    text = F.col("day").cast("string")
    return days.select(
        "feed",
        text.alias("id"),
        "at",
        "day",
        "n",
        F.xxhash64("n").alias("payload_hash"),
        F.struct(F.lit(1)).alias("_source"),
    )


@table(
    "gold",
    key=["feed", "who", "day"],
    write=Replace(partition_by="day", rebuild_keys=RebuildKeys(("feed", "who"), {"marks": ("feed", "who")})),
    columns=[
        FEED,
        col("who", "string", "Who made them"),
        col("day", "date", "The day"),
        col("n", "bigint", "Of the day", unit="1"),
    ],
)
def people(marks):
    """One row per feed, person and day."""
    return marks.groupBy("feed", "who", "day").agg(F.sum("n").alias("n"))


def without_days(marks_raw):
    """One row per mark; those of nobody have no day."""
    return read_marks(marks_raw).withColumn("day", F.when(F.col("who") != "nobody", F.col("day")))


def pieces(lake, name):
    return {str(row["day"]): row["n"] for row in lake.table(name).to_arrow().to_pylist()}


@pytest.mark.parametrize("made", [bought, people], ids=["of a feed", "by keys, without partitions"])
def test_a_late_row_of_an_expired_day_changes_nothing_that_was_made_of_the_day(tmp_path, made):
    lake = sample_shop(tmp_path, (marks_raw, prices_raw, KEPT, made))
    kind = FeedKind("toy", "Marks", (MARK_FILES,), {"bought": {"marks": made}})
    lake.settings.__dict__["feeds"] = tuple(replace(each, kind=kind) for each in lake.settings.feeds)
    drop_marks(lake, 0, OLD, OLD, YOUNG)
    drop_marks(lake, 1, OLD)
    lake.run()
    lake.expire()
    before = pieces(lake, made.name)

    drop_marks(lake, 2, OLD, YOUNG)
    lake.run()

    assert before == {OLD: 2, YOUNG: 1}
    assert pieces(lake, made.name) == {OLD: 2, YOUNG: 2}


@pytest.mark.parametrize("layer", ["silver", "gold"])
@pytest.mark.parametrize("write", [Replace("day"), Replace("day", compare_partitions=True)], ids=["all", "compared"])
def test_expired_days_stay_where_a_row_without_a_day_comes_which_is_counted(tmp_path, layer, write):
    made = replace(people, layer=layer, write=write)
    kept = replace(KEPT, build=without_days, _name="marks", write=Upsert("at"))
    lake = sample_shop(tmp_path, (marks_raw, prices_raw, kept, made))
    drop_marks(lake, 0, OLD, YOUNG)
    drop(lake_landing(lake) / "marks/1.json", mark("a", who="nobody"))
    lake.run()
    lake.expire()

    drop(lake_landing(lake) / "marks/2.json", mark("b", who="nobody"))
    lake.run()

    assert pieces(lake, "people") == {OLD: 1, YOUNG: 1, "None": 2}


def test_a_full_refresh_of_a_gold_table_that_is_compared_keeps_expired_days(tmp_path):
    made = replace(people, write=Replace("day", compare_partitions=True))
    lake = sample_shop(tmp_path, (marks_raw, prices_raw, KEPT, made))
    drop_marks(lake, 0, OLD, YOUNG)
    lake.run()
    lake.expire()

    lake.run(select="people", full_refresh=True)

    assert pieces(lake, "people") == {OLD: 1, YOUNG: 1}
