from __future__ import annotations

from dataclasses import replace

import pytest
from pyspark.sql import functions as F
from sample_changes import TABLES, ChangingLake, changed, fresh_rows
from sample_documents import receipt, receipts, receipts_raw
from sample_tables import DAY, FEED, MARKS, RULES, VERSIONS, drop, read_marks

from shoplake.columns.attributes import ATTRIBUTES
from shoplake.declare import Upsert, col, expect, warn

PIECES = col("pieces", "bigint", "Marked", unit="pieces")
DAILY_READERS = {f"gold.{name}": "UPDATE" for name in ("doubles", "helped", "totals")}
MARKS_READERS = {"silver.copies": "UPDATE", "silver.visits": "UPDATE", "gold.daily": "UPDATE"} | DAILY_READERS


def marks_with(column, cell):
    """The function of `marks` with one more column."""

    def build(marks_raw):
        return read_marks(marks_raw).withColumn(column, cell)

    return build


def twice_as_many(daily):
    return daily.groupBy("feed").agg((F.sum("pieces") * 2).cast("bigint").alias("pieces"))


def daily_with_days(marks, prices):
    rows = TABLES["daily"].build(marks, prices)
    return rows.withColumn("is_busy", F.col("pieces") > 3)


def daily_renamed(marks, prices):
    return TABLES["daily"].build(marks, prices).withColumnRenamed("things", "known")


def daily_dropped(marks, prices):
    return TABLES["daily"].build(marks, prices).drop("things")


def daily_retyped(marks, prices):
    return TABLES["daily"].build(marks, prices).withColumn("things", F.col("things").cast("int"))


DAILY = TABLES["daily"].columns
CASES = {
    "documentation": (
        changed("daily", columns=(FEED, DAY, PIECES, col("things", "bigint", "Distinct things", unit="1"))),
        {"gold.daily": "COMMENT"},
    ),
    "column added in silver": (
        changed("marks", columns=(*MARKS, col("is_many", "boolean", "Many")), build=marks_with("is_many", F.lit(True))),
        {"silver.marks": "REBUILD"} | MARKS_READERS,
    ),
    "column added in gold": (
        changed("daily", columns=(*DAILY, col("is_busy", "boolean", "Busy")), build=daily_with_days),
        {"gold.daily": "REBUILD"} | DAILY_READERS,
    ),
    "column renamed in gold": (
        changed(
            "daily",
            columns=(FEED, DAY, PIECES, col("known", "bigint", "Known", unit="1", was="things")),
            build=daily_renamed,
        ),
        {"gold.daily": "REBUILD"} | DAILY_READERS,
    ),
    "column dropped": (
        changed("daily", columns=DAILY[:-1], build=daily_dropped),
        {"gold.daily": "REBUILD"} | DAILY_READERS,
    ),
    "type narrowed": (
        changed("daily", columns=(*DAILY[:-1], col("things", "int", "Known", unit="1")), build=daily_retyped),
        {"gold.daily": "REBUILD"} | DAILY_READERS,
    ),
    "partitioning": (
        changed("totals", partition_by=("feed",)),
        {"gold.totals": "REBUILD"},
    ),
    "partitions lost": (
        changed("daily", partition_by=()),
        {"gold.daily": "REBUILD", "gold.doubles": "REBUILD", "gold.helped": "REBUILD", "gold.totals": "REBUILD"},
    ),
    "key": (
        changed("daily", key=("feed", "day", "pieces")),
        {"gold.daily": "REBUILD", "gold.doubles": "REBUILD", "gold.helped": "REBUILD", "gold.totals": "REBUILD"},
    ),
    "way of writing": (
        changed("latest", write=Upsert(order_by="at", keep="first")),
        {"silver.latest": "REBUILD"},
    ),
    "rule loosened": (
        changed("marks", rules=(expect("n_positive", "n > 0 OR n = 0"),)),
        {"silver.marks": "REPLAY"} | MARKS_READERS,
    ),
    "rule removed": (
        changed("latest", rules=()),
        {"silver.latest": "REPLAY"},
    ),
    "rule becomes a warning": (
        changed("marks", rules=(warn("n_positive", "n > 0"),)),
        {"silver.marks": "REPLAY"} | MARKS_READERS,
    ),
    "rule tightened": (
        changed("marks", rules=(*RULES, expect("n_small", "n < 5"))),
        {"silver.marks": "REEVALUATE"} | MARKS_READERS,
    ),
    "rule tightened without partitions": (
        changed("latest", rules=(expect("n_positive", "n > 2"),)),
        {"silver.latest": "REEVALUATE"},
    ),
    "function changed": (
        changed("totals", build=twice_as_many),
        {"gold.totals": "REBUILD"},
    ),
    "function of a history changed": (
        changed(
            "prices", build=lambda prices_raw: TABLES["prices"].build(prices_raw).withColumn("thing", F.upper("thing"))
        ),
        {"silver.prices": "REBUILD", "gold.daily": "UPDATE"} | DAILY_READERS,
    ),
    "column added to a history": (
        changed(
            "prices",
            change_columns=(*TABLES["prices"].change_columns, col("note", "string", "A note")),
            columns=(*VERSIONS[:-4], col("note", "string", "A note"), *VERSIONS[-4:]),
            build=lambda prices_raw: TABLES["prices"].build(prices_raw).withColumn("note", F.lit("x")),
        ),
        {"silver.prices": "REBUILD", "gold.daily": "UPDATE"} | DAILY_READERS,
    ),
    "map column added to a history": (
        changed(
            "prices",
            change_columns=(*TABLES["prices"].change_columns, ATTRIBUTES),
            columns=(*VERSIONS[:-4], ATTRIBUTES, *VERSIONS[-4:]),
            build=lambda prices_raw: (
                TABLES["prices"].build(prices_raw).withColumn("attributes", F.create_map(F.lit("brand"), F.lit("Acme")))
            ),
        ),
        {"silver.prices": "REBUILD", "gold.daily": "UPDATE"} | DAILY_READERS,
    ),
    "table added": (
        TABLES | {"more": replace(TABLES["totals"], _name="more")},
        {"gold.more": "BUILD"},
    ),
}


MATRIX = [pytest.param(*case, id=name, marks=pytest.mark.slow) for name, case in CASES.items()]
"""The tests of change plans and of their executor are quick."""


@pytest.mark.parametrize(("tables", "actions"), MATRIX)
def test_a_changed_lake_is_planned_and_applied_until_it_equals_a_fresh_one(lake, tmp_path, tables, actions):
    files = lake.files()
    lake.tables = tables

    assert lake.plan() == actions
    lake.apply()

    assert lake.rows() == fresh_rows(lake, tmp_path / "fresh")
    assert lake.plan() == {}
    assert untouched(lake.files(), actions) == untouched(files, actions)


def untouched(files, actions):
    """The files of the tables that no action is for."""
    touched = {name.rpartition(".")[2] for name in actions}
    return {name: each for name, each in files.items() if name not in touched}


@pytest.mark.slow
def test_rules_of_documents_are_applied_to_the_rows_that_are_there(spark, tmp_path):
    lake = ChangingLake(spark, tmp_path / "lake")
    lake.tables = {each.name: each for each in (receipts_raw, receipts)}
    drop(lake.landing / "receipts/a.json", receipt("r1", 1, 7), receipt("r2", 2))
    lake.run()
    before = lake.rows()

    lake.tables["receipts"] = replace(receipts, rules=(*receipts.rules, expect("n_small", "n < 5")))
    assert lake.plan() == {"silver.receipts": "REBUILD"}
    lake.apply()

    fresh = ChangingLake(spark, tmp_path / "fresh", lake.landing)
    fresh.tables = lake.tables
    fresh.run()
    assert before != lake.rows() == fresh.rows()

    lake.tables["receipts"] = receipts
    lake.apply()

    assert lake.rows() == before
