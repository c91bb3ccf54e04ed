from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.catalog.catalog_log import ChangeFeed
from shoplake.engine.storage.commit_diff import diff_commits
from shoplake.engine.write import row_diff as module
from shoplake.engine.write.row_diff import added_rows, changed_rows, stored_rows

DAYS = [date(2026, 3, 1), date(2026, 3, 2), None]
ROW = st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(DAYS), st.integers(0, 1))
COMMIT = st.tuples(st.sampled_from(["append", "replace", "delete", "compact", "checkpoint"]), st.lists(ROW, max_size=5))
COLUMNS = [
    col("name", "string", "A name"),
    col("day", "date", "A day"),
    col("n", "int", "A number", unit="1"),
]


@table("gold", key=["name"], write=Replace(partition_by="day"), partition_by=["day"], columns=COLUMNS)
def things(rows):
    """One row per thing."""
    return rows


def commit(at, kind, rows):
    """Do one thing to a table, as the engine and its upkeep do."""
    names = [column.name for column in things.columns]
    data = pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows], schema=delta_log.arrow_schema(things)
    )
    if kind == "append":
        write_deltalake(at, data, mode="append")
    elif kind == "replace":
        write_deltalake(at, data, mode="overwrite")
    elif kind == "delete":
        DeltaTable(at).delete("n = 1")
    elif kind == "compact":
        DeltaTable(at).optimize.compact()
    else:
        DeltaTable(at).create_checkpoint()


def held(at, version=None):
    rows = DeltaTable(at, version=version).to_pyarrow_table().to_pylist()
    return Counter((row["name"], row["day"], row["n"]) for row in rows)


def found(spark, at, since):
    parts = changed_rows(spark, things, diff_commits(at, since, delta_log.table_version(at)))
    return Counter(tuple(row) for rows in parts for row in rows.collect())


@settings(max_examples=examples(12))
@given(before=st.lists(COMMIT, max_size=3), after=st.lists(COMMIT, max_size=4))
def test_rows_that_are_there_more_or_less_often_than_they_were_are_reported_once(
    spark, tmp_path_factory, before, after
):
    at = str(tmp_path_factory.mktemp("apart") / "things")
    delta_log.create_if_missing(things, at)
    for each in before:
        commit(at, *each)
    since, old = delta_log.table_version(at), held(at)
    for each in after:
        commit(at, *each)

    new = held(at)

    assert found(spark, at, since) == Counter({row for row in new.keys() | old.keys() if new[row] != old[row]})
    shutil.rmtree(at)


@pytest.fixture
def at(tmp_path):
    path = str(tmp_path / "things")
    delta_log.create_if_missing(things, path)
    return path


def test_rows_are_compared_some_partitions_at_a_time(spark, at):
    rows = [("a", date(2026, 3, day), day) for day in range(1, 6)]
    commit(at, "append", rows)

    assert len(list(changed_rows(spark, things, diff_commits(at, 0, 1), partitions_per_query=2))) == 3
    assert found(spark, at, 0) == Counter(rows)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a", None), (None, "a")), (("a", None), ("a", "a")), (("", None), (None, "")), (("ab", "c"), ("a", "bc"))],
)
def test_rows_compared_by_a_hash_differ_where_only_their_nulls_do(spark, one, other):
    rows = spark.createDataFrame([one, other], "x string, y string")

    assert rows.select(module._hash(["x", "y"])).distinct().count() == 2


def test_only_some_columns_of_the_rows_that_differ_are_reported(spark, at):
    commit(at, "append", [("a", date(2026, 3, 1), 1), ("b", date(2026, 3, 1), 2)])
    since = delta_log.table_version(at)
    commit(at, "append", [("c", date(2026, 3, 2), 3), ("d", date(2026, 3, 1), 3)])

    found = [
        tuple(row)
        for rows in changed_rows(spark, things, diff_commits(at, since, since + 1), ["n"])
        for row in rows.collect()
    ]

    assert sorted(found) == [(3,), (3,)]


@pytest.mark.parametrize("only", [["n"], ["day", "n"]])
def test_of_files_that_were_only_added_no_other_column_is_read(spark, at, only):
    commit(at, "append", [("a", date(2026, 3, 1), 1)])
    commit(at, "append", [("b", date(2026, 3, 1), 2)])

    (rows,) = changed_rows(spark, things, diff_commits(at, 1, 2), only)

    assert rows.columns == only and "hash" not in str(rows._plan.to_proto(rows.sparkSession.client))


def test_rows_that_are_the_same_in_another_file_are_not_reported_with_their_day(spark, at):
    (first, *_), rows = DAYS, [("a", DAYS[0], 1), ("b", DAYS[0], 2)]
    commit(at, "append", rows)
    commit(at, "replace", [rows[0], ("b", first, 3)])

    (found,) = changed_rows(spark, things, diff_commits(at, 1, 2), ["day", "n"])

    assert sorted(map(tuple, found.collect())) == [(first, 2), (first, 3)]


def test_where_no_partition_is_asked_for_all_are_compared_at_once(spark, at):
    rows = [("a", date(2026, 3, day), day) for day in range(1, 4)]
    commit(at, "append", rows)

    (found,) = changed_rows(spark, things, diff_commits(at, 0, 1), ["n"], partitions_per_query=1)

    assert sorted(map(tuple, found.collect())) == [(1,), (2,), (3,)]


def test_a_row_that_is_only_in_another_partition_has_changed(spark, at):
    first, second = date(2026, 3, 1), date(2026, 3, 2)
    commit(at, "append", [("moves", first, 1), ("stays", first, 2), ("stays too", second, 3)])
    commit(at, "replace", [("moves", second, 1), ("stays", first, 2), ("stays too", second, 3)])

    (found,) = changed_rows(spark, things, diff_commits(at, 1, 2), ["n"])

    assert {*map(tuple, found.collect())} == {(1,)}


def test_maps_of_rows_that_differ_are_maps(spark, tmp_path):
    boxes = replace(things, _name="boxes", columns=(*COLUMNS[:2], col("sizes", "map<string,int>", "Its sizes")))
    at = str(tmp_path / "boxes")
    delta_log.create_if_missing(boxes, at)
    data = pa.Table.from_pylist([{"name": "a", "sizes": [("x", 1)]}], schema=delta_log.arrow_schema(boxes))
    write_deltalake(at, data, mode="append")

    (found,) = changed_rows(spark, boxes, diff_commits(at, 0, 1))

    assert [row.sizes for row in found.collect()] == [{"x": 1}]


def test_added_rows_have_the_days_of_their_files(spark, at):
    rows = [("a", DAYS[0], 1), ("b", DAYS[1], 2), ("c", None, 3)]
    commit(at, "append", rows)

    added = added_rows(spark, things, diff_commits(at, 0, 1))

    assert sorted(map(tuple, added.collect())) == rows


def test_where_nothing_changed_nothing_differs(spark, at):
    assert list(changed_rows(spark, things, diff_commits(at, 0, 0))) == []


def test_rows_that_one_side_has_more_often_differ_and_order_does_not_count(spark):
    one, other = (
        spark.createDataFrame(rows, "x string, n int")
        for rows in ([("a", 1), ("a", 1), ("b", None), ("c", 3)], [("c", 3), ("a", 1), ("b", None), (None, 4)])
    )
    columns = (col("x", "string", "A text"), col("n", "int", "A number"))

    assert Counter(module.differing_values(one, other, columns, F.col("x"))) == Counter([None, "a"])
    assert module.differing_values(one, other, columns) == [1]
    assert module.differing_values(one, one.select("n", "x"), columns) == []


@pytest.mark.parametrize(
    ("type", "before", "after"),
    [
        ("string", None, ""),
        ("array<int>", [None, 1], [1, None]),
        ("array<struct<a:int,b:int>>", [(None, 1)], [(1, None)]),
        ("struct<a:int,b:int>", (None, 1), (1, None)),
        ("map<string,int>", {"a": 1}, {"a": 2}),
    ],
)
def test_rows_that_differ_in_where_a_null_is_are_different(spark, type, before, after):
    one, other = (spark.createDataFrame([("k", value)], f"x string, n {type}") for value in (before, after))
    columns = (col("x", "string", "A text"), col("n", type, "A value"))

    assert module.differing_values(one, other, columns, F.col("x")) == ["k"]
    assert module.differing_values(one, one, columns, F.col("x")) == []


@pytest.fixture
def feed(spark, monkeypatch):
    """What a catalog recorded: a row that came, one that went, and one that came and went."""
    signed = "VALUES ('new', 1, 1), ('gone', 2, -1), ('both', 3, 1), ('both', 3, -1) AS t(name, n, _sign)"
    rows = spark.sql(f"SELECT name, DATE '2026-03-01' AS day, n, _sign, 0 AS other FROM {signed}")
    monkeypatch.setattr(ChangeFeed, "signed_rows", lambda self: rows)
    return ChangeFeed((("at", (("day", "2026-03-01"),)),), (), "at", 1, 2)


def test_rows_that_a_catalog_recorded_are_those_that_differ(spark, feed):
    [whole], [numbers] = changed_rows(spark, things, feed), changed_rows(spark, things, feed, ["n"])

    day = DAYS[0]
    assert sorted(map(tuple, whole.collect())) == [("gone", day, 2), ("new", day, 1)]
    assert sorted(map(tuple, numbers.collect())) == [(1,), (2,)]
    assert list(changed_rows(spark, things, ChangeFeed((), (), "at", 1, 2))) == []


def test_rows_that_a_catalog_recorded_as_added_or_changed_are_read(spark, feed):
    assert sorted(row.name for row in added_rows(spark, things, feed).collect()) == ["both", "new"]
    stored = stored_rows(spark, things, feed)
    assert (stored.columns, sorted(row.n for row in stored.collect())) == (["name", "n"], [1, 2, 3, 3])
