"""Fetched rows are committed or staged as they are; `tests/conformance` compares them with what Spark writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyspark.errors import PySparkException
from sample_tables import mark, marks

from shoplake.engine.session import few_new_rows
from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.session.spark import few_rows
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.engine.write.local_server.fetched_rows import FETCH_BELOW_ROWS, FetchedRows, commit_rows, stage_rows
from shoplake.errors import CommitError

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)
SCHEMA = pa.schema([pa.field("n", pa.int32(), nullable=False), pa.field("day", pa.date32())])


@pytest.fixture
def path(tmp_path):
    """A table by day with a row on each of two."""
    rows = pa.table({"n": [1, 2], "day": [FIRST, SECOND]}, SCHEMA)
    write_deltalake(tmp_path / "table", rows, partition_by=["day"])
    return str(tmp_path / "table")


def rows_of(path):
    table = DeltaTable(path).to_pyarrow_table()
    return sorted(zip(table["n"].to_pylist(), table["day"].to_pylist(), strict=True))


def test_rows_are_appended_whatever_the_order_of_their_columns(spark, path):
    commit_rows(path, spark.createDataFrame([(FIRST, 7)], "day date, n int"), "append")

    assert rows_of(path) == [(1, FIRST), (2, SECOND), (7, FIRST)]


@pytest.mark.parametrize(
    ("where", "day", "left"),
    [
        (None, SECOND, []),
        ("day IN ('2026-03-02')", SECOND, [(1, FIRST)]),
        ("day = '2026-03-01'", FIRST, [(2, SECOND)]),
    ],
)
def test_rows_that_satisfy_a_condition_or_all_are_overwritten_in_one_commit(spark, path, where, day, left):
    commit_rows(path, spark.createDataFrame([(9, day)], "n int, day date"), "overwrite", where)

    assert rows_of(path) == sorted([*left, (9, day)])
    assert DeltaTable(path).version() == 1


@pytest.mark.parametrize(
    ("rows", "schema", "reason"),
    [
        ([(9,)], "n int", "has the columns"),
        ([(9, FIRST, "x")], "n int, day date, more string", "has the columns"),
        ([("many", FIRST)], "n string, day date", "not of its columns"),
        ([(None, FIRST)], "n int, day date", "not of its columns"),
        ([(2**40, FIRST)], "n bigint, day date", "not of its columns"),
    ],
)
def test_rows_that_do_not_fit_the_table_are_refused_and_it_keeps_its_own(spark, path, rows, schema, reason):
    with pytest.raises(CommitError, match=reason):
        commit_rows(path, spark.createDataFrame(rows, schema), "overwrite")

    assert rows_of(path) == [(1, FIRST), (2, SECOND)]


def test_staged_rows_are_read_from_the_file_by_the_schema_that_is_returned(spark, tmp_path):
    rows = spark.createDataFrame([(1, {"a": "b"}), (2, None)], "n int, attributes map<string, string>")

    stage_rows(str(tmp_path / "step" / "rows"), rows)

    staged = spark.read.schema(rows.schema).parquet(str(tmp_path / "step" / "rows"))
    assert staged.orderBy("n").collect() == rows.orderBy("n").collect()


@pytest.mark.parametrize(("count", "is_few"), [(FETCH_BELOW_ROWS - 1, True), (FETCH_BELOW_ROWS, False)])
def test_few_rows_are_gathered_once_it_is_known_that_they_are_few(spark, count, is_few):
    fetched, rows = FetchedRows(), spark.range(3)
    assert fetched.gather(rows) is rows and not fetched.is_on

    assert fetched.expect_rows(count) is is_few
    assert (fetched.gather(rows) is not rows) is is_few


@pytest.mark.parametrize(("count", "commits"), [(1, 1), (FETCH_BELOW_ROWS, 0)])
def test_a_process_beside_its_server_commits_few_rows(spark, tmp_path, some, monkeypatch, count, commits):
    seen = []
    monkeypatch.setattr(few_rows, "expect_rows", lambda *_, **__: None)
    monkeypatch.setattr(few_new_rows, "expect_rows", lambda *_: None)
    monkeypatch.setattr(
        "shoplake.engine.write.local_server.fetched_rows.commit_rows", lambda *given: seen.append(given)
    )
    engine = DeltaEngine(spark, str(tmp_path), replace(SAIL, shares_disk=True, compiles_queries=True))
    engine.create_if_missing(marks)

    engine.expect_rows(count)
    engine.location(marks).append(some(marks, mark("a")), ["day"])

    assert len(seen) == commits
    assert engine.row_count(marks) == 1 - commits


def test_a_table_whose_columns_change_is_overwritten_by_the_server(spark, path, monkeypatch):
    monkeypatch.setattr(
        "shoplake.engine.write.local_server.fetched_rows.commit_rows", lambda *_: pytest.fail("committed here")
    )
    engine = DeltaEngine(spark, path.removesuffix("/table"), replace(SAIL, shares_disk=True))
    engine.fetched.expect_rows(1)
    location = replace(engine.location(marks), path=path, linked=None, can_change_schema=True)

    location.overwrite(spark.createDataFrame([("x",)], "name string"))

    assert DeltaTable(path).to_pyarrow_table().to_pylist() == [{"name": "x"}]


def too_large(rows):
    raise PySparkException("Total size of serialized results of 3 tasks is bigger than spark.driver.maxResultSize")


def test_few_rows_of_many_bytes_are_written_by_the_server(spark, tmp_path, some, monkeypatch):
    engine = DeltaEngine(spark, str(tmp_path), replace(SAIL, shares_disk=True))
    engine.create_if_missing(marks)
    engine.fetched.expect_rows(1)
    rows, location = some(marks, mark("a")), engine.location(marks)
    monkeypatch.setattr(type(rows), "_to_table", too_large)

    location.append(rows, ["day"])
    location.append(rows, ["day"])
    with engine.writer(marks).staging() as stage:
        stage.materialize(rows, "step")
        staged = stage.count("step")

    assert (engine.row_count(marks), staged) == (2, 1)
    location.overwrite(rows, ["day"])
    assert engine.row_count(marks) == 1


def test_another_error_of_the_server_is_no_reason_to_ask_again(spark, path, monkeypatch):
    rows = spark.range(1)
    monkeypatch.setattr(type(rows), "_to_table", lambda _: (_ for _ in ()).throw(PySparkException("division by zero")))

    with pytest.raises(PySparkException, match="division"):
        commit_rows(path, rows, "append")
