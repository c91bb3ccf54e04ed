from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sample_tables import (
    DAY,
    DAYS,
    FEED,
    daily,
    mark,
    marks,
    price,
    prices,
    records,
    totals,
    visits,
)

from shoplake.declare import Replace, col, table
from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.storage import table_log
from shoplake.engine.write import table_reader
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.errors import CommitError


@table("gold", key=["feed"], write=Replace(), columns=[FEED, col("total", "bigint", "Marks", unit="marks")])
def all_marks(marks: DataFrame) -> DataFrame:
    """One row per feed: its marks."""
    return marks.groupBy("feed").agg(F.count("*").alias("total"))


@table("gold", key=["feed"], write=Replace(), columns=[FEED, col("total", "bigint", "Marks", unit="marks")])
def first_marks(marks: DataFrame) -> DataFrame:
    """One row per feed: its marks of the first day."""
    return all_marks(marks.where(F.col("day") == DAY))


def test_a_table_lies_in_the_folder_of_its_layer(spark, tmp_path):
    lake = DeltaEngine(spark, f"{tmp_path}/box/")

    assert lake.path(marks) == lake.folder("silver.marks") == f"{tmp_path}/box/silver/marks"


def test_a_folder_with_a_space_and_an_accent_has_the_rows_and_tells_what_changed(spark, tmp_path, some):
    lake = DeltaEngine(spark, f"{tmp_path}/mon café")
    lake.create_if_missing(marks)
    lake.location(marks).append(some(marks, mark("a")), ["day"])
    lake.location(marks).append(some(marks, mark("b")), ["day"])

    assert [row.id for part in lake.exact_changes(marks, 1, ["id"]) for row in part.collect()] == ["b"]
    assert lake.read(marks).count() == lake.row_count(marks) == 2
    assert spark.sql(f"SELECT * FROM {lake.sql_name(marks, 1)}").count() == 1
    assert not [*tmp_path.rglob("*%*")]


def test_a_table_of_a_catalog_has_no_folder(spark, tmp_path):
    assert DeltaEngine(spark, str(tmp_path), SPARK, catalog="main").folder("silver.marks") is None


def test_rows_that_came_since_a_version_are_reported(engine, take):
    take(mark("a"))
    since = engine.version(marks)
    take(mark("b", "2026-03-02T09:00:00Z"), batch="b2")

    assert [row.id for row in engine.changed_rows(marks, since).select("id").collect()] == ["b"]
    assert engine.changed_rows(marks, engine.version(marks)).collect() == []


def test_rows_that_changed_are_read_as_they_were_and_as_they_are(engine, take):
    take(mark("a", "2026-03-02T09:00:00Z"))
    since = engine.version(marks)
    take(mark("a", "2026-03-01T09:00:00Z"), batch="b2")

    found = engine.changed_rows(marks, since).select("at").collect()

    assert sorted(row["at"].day for row in found) == [1, 2]


def test_where_the_log_no_longer_says_the_changed_rows_are_not_known(engine, take):
    for name in ("a", "b", "c"):
        take(mark(name), batch=name)
    DeltaTable(engine.path(marks)).create_checkpoint()
    Path(engine.path(marks), "_delta_log", f"{1:020d}.json").unlink()

    assert engine.changed_rows(marks, 0) is None
    assert engine.commit_diff(marks, 0) is None


def test_where_a_file_of_changed_rows_is_gone_they_are_not_known(engine, take):
    take(mark("a"))
    since = engine.version(marks)
    take(mark("a", "2026-03-01T08:00:00Z"), batch="b2")
    for file in engine.commit_diff(marks, since).files:
        Path(file).unlink()

    assert engine.commit_diff(marks, since) is None


def test_a_history_tells_from_when_on_it_says_something_else(engine, spark):
    first = [price("a", "1.00", "2026-03-01"), price("b", "1.00", "2026-03-01")]
    engine.write(prices, prices(records(spark, *first)))
    since = engine.version(prices)

    engine.write(prices, prices(records(spark, *first)))
    assert engine.changed_since(prices, engine.commit_diff(prices, since)) is None

    engine.write(prices, prices(records(spark, *first, price("b", "2.00", "2026-03-05"))))
    moment = engine.changed_since(prices, engine.commit_diff(prices, since))
    assert moment.replace(tzinfo=UTC) == datetime(2026, 3, 5, tzinfo=UTC)


def test_the_days_that_rows_that_differ_span_are_reported(engine, some):
    spans = [("a", 1, 1), ("b", 1, 3), ("c", 2, 2)]
    rows = [{"who": who, "day": f"2026-03-0{first}", "last": f"2026-03-0{last}"} for who, first, last in spans]
    table = replace(totals, layer="silver", columns=(visits.columns[1], DAY, replace(DAY, name="last")))
    engine.create_if_missing(table)
    engine.write(table, some(table, *rows))
    since = engine.version(table)

    engine.write(table, some(table, rows[0], rows[1]))
    assert changed(engine, table, since) == {"2026-03-02 2026-03-02"}
    engine.write(table, some(table, rows[0]))

    assert changed(engine, table, since) == {"2026-03-02 2026-03-02", "2026-03-01 2026-03-03"}
    assert changed(engine, table, engine.version(table)) == set()


def test_a_span_without_an_end_is_reported(engine, some):
    table = replace(totals, layer="silver", columns=(visits.columns[1], DAY, replace(DAY, name="last")))
    engine.create_if_missing(table)
    since = engine.version(table)

    engine.write(table, some(table, {"who": "a", "day": "2026-03-01", "last": None}))

    assert changed(engine, table, since) == {"2026-03-01 None"}


def test_tables_that_read_the_same_changes_share_one_query(engine, take, monkeypatch):
    since = engine.version(marks)
    take(mark("a"))
    changes = engine.commit_diff(marks, since)
    first = engine.changed_dates(marks, changes, "day", "day")
    monkeypatch.setattr(engine, "session", None)

    assert engine.changed_dates(marks, changes, "day", "day") == first != set()


def changed(engine, table, since):
    dates = engine.changed_dates(table, engine.commit_diff(table, since), "day", "last")
    return {f"{each.start} {each.end}" for each in dates}


def test_the_rows_of_the_files_that_came_are_reported_with_their_days(engine, take):
    take(mark("a"))
    since = engine.version(marks)
    take(mark("b", "2026-03-02T09:00:00Z"), mark("c", "2026-03-01T11:00:00Z"), batch="b2")
    take(mark("d", "2026-03-04T09:00:00Z"), batch="b3")

    found = engine.added_rows(marks, since).select("id", F.col("day").cast("string")).collect()

    assert sorted(map(tuple, found)) == [("b", "2026-03-02"), ("c", "2026-03-01"), ("d", "2026-03-04")]


def test_where_rows_went_what_came_is_not_mistaken_for_all_that_changed(engine, take):
    take(mark("a"))
    take(mark("a", "2026-03-01T08:00:00Z"), batch="b2")

    with pytest.raises(CommitError, match=r"silver\.marks was changed by another process meanwhile\. Run again"):
        engine.added_rows(marks, 1)


def test_the_values_of_a_partition_column_are_reported(engine, take):
    take(mark("a"))

    assert engine.partitions(marks, "day") == {DAYS[0]}


def test_what_changed_is_reported_also_where_a_checkpoint_came_after(engine, spark):
    for day in (1, 2, 3):
        since = engine.version(prices)
        engine.write(prices, prices(records(spark, price("a", str(day), f"2026-03-0{day}"))))
    DeltaTable(engine.path(prices)).create_checkpoint()

    found = engine.changed_since(prices, engine.commit_diff(prices, since))

    assert found.replace(tzinfo=UTC) == datetime(2026, 3, 3, tzinfo=UTC)


def test_a_table_of_many_small_files_is_copied_unless_it_is_large(engine, take, monkeypatch):
    take(*[mark(str(day), f"2026-03-{day:02}T09:00:00Z") for day in range(1, 14)])
    rows = engine.read(marks)

    files, size = table_log.table_size(engine.path(marks))
    assert engine.is_scattered(marks, rows)
    monkeypatch.setattr(table_reader, "BYTES_PER_FILE", size // files - 1)
    assert not engine.is_scattered(marks, rows)
    assert engine.is_scattered(marks, rows.unionAll(rows))


def test_a_copy_for_one_table_of_a_run_also_serves_the_others_that_read_the_whole_table(engine, take, monkeypatch):
    take(*[mark(str(day), f"2026-03-{day:02}T09:00:00Z") for day in range(1, 14)])
    rows = engine.read(marks)
    files, size = table_log.table_size(engine.path(marks))
    monkeypatch.setattr(table_reader, "BYTES_PER_FILE", size // files * 2 // 3)

    with engine.share_inputs([all_marks, daily, visits]):  # one by day, and one that reads what changed
        assert not engine.is_scattered(marks, rows)
    with engine.share_inputs([all_marks, first_marks]):
        assert engine.is_scattered(marks, rows)
        assert not engine.is_scattered(marks, rows, share=0.9)
        assert not engine.is_scattered(marks, engine.read(prices))
    assert not engine.is_scattered(marks, rows)


def test_a_table_of_few_files_is_read_as_it_is(engine, take):
    take(*[mark(str(day), f"2026-03-{day:02}T09:00:00Z") for day in range(1, 13)])

    assert not engine.is_scattered(marks, engine.read(marks))


def test_spark_reads_many_files_as_they_are(engine, take):
    take(*[mark(str(day), f"2026-03-{day:02}T09:00:00Z") for day in range(1, 14)])
    spark = DeltaEngine(engine.session, engine.lake, SPARK)

    assert not spark.is_scattered(marks, spark.read(marks))
