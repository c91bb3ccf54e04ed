import json
from dataclasses import replace
from unittest.mock import Mock

import pytest
from deltalake import DeltaTable
from sample_tables import (
    ARRIVED,
    CATALOG,
    DAYS,
    MARK_FILES,
    PRICE_FILES,
    copies,
    daily,
    drop,
    mark,
    marks,
    marks_raw,
    prices,
    prices_raw,
    rows_of,
    totals,
)
from sample_writes import commit_of, ingest

from shoplake.declare import Replace
from shoplake.engine.ingest.batch_reader import WORKERS
from shoplake.engine.ingest.file_discovery import Batch, File
from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.delta_engine import DeltaEngine, GivenRows
from shoplake.engine.write.table_plan import FullRefresh, Partitions, Rows
from shoplake.errors import SchemaMismatchError


def files(engine, table, *days):
    return {
        uri
        for uri in DeltaTable(engine.path(table)).file_uris()
        if not days or any(f"day={day}" in uri for day in days)
    }


def test_a_table_and_its_quarantine_are_made_once(engine):
    engine.create_if_missing(marks)

    for table in (marks, marks.quarantine):
        assert (engine.version(table), engine.row_count(table), engine.read(table).collect()) == (0, 0, [])


@pytest.mark.parametrize("table", CATALOG.ordered, ids=lambda table: table.name)
def test_what_a_table_has_in_it_is_what_it_declares(engine, table):
    assert engine.read(table).dtypes == [(column.name, column.type) for column in table.columns]


# Append


def batch(tmp_path, id="b000000001", stream=MARK_FILES, **contents):
    found = [drop(tmp_path / name, *output) for name, output in contents.items()]
    made = [File("shop", stream, str(path), path.name, path.stat().st_size, None) for path in found]
    return Batch(id, tuple(made), ARRIVED)


def test_the_records_of_a_batch_land_with_where_they_came_from(engine, tmp_path):
    written = ingest(engine, marks_raw, batch(tmp_path, a=[mark("a"), mark("b")], b=["x"]))

    found = rows_of(engine, marks_raw, "file", "line", "raw", "batch_id", "feed", "ingested_at")
    rest = ("b000000001", "shop", ARRIVED)
    assert found == [
        ("a", 1, json.dumps(mark("a")), *rest),
        ("a", 2, json.dumps(mark("b")), *rest),
        ("b", 1, "x", *rest),
    ]
    assert written == WriteResult(3, 3)


def test_a_batch_that_lands_again_takes_the_place_of_its_earlier_attempt(engine, tmp_path):
    ingest(engine, marks_raw, batch(tmp_path, "b000000001", a=["1"]))
    ingest(engine, marks_raw, batch(tmp_path, "b000000002", b=["2"]))

    written = ingest(engine, marks_raw, batch(tmp_path, "b000000002", b=["2"], c=["3"]))

    assert written == WriteResult(2, 2)
    assert rows_of(engine, marks_raw, "raw") == [("1",), ("2",), ("3",)]


def test_what_an_earlier_attempt_at_a_batch_left_is_deleted(engine, tmp_path):
    ingest(engine, marks_raw, batch(tmp_path, "b000000001", a=["1"]))
    ingest(engine, marks_raw, batch(tmp_path, "b000000002", b=["2"]))

    engine.delete_batch(marks_raw, "b000000002")

    assert rows_of(engine, marks_raw, "raw") == [("1",)]


def test_only_the_files_of_a_tables_own_streams_land_in_it(engine, tmp_path):
    one, other = batch(tmp_path, a=["1"]), batch(tmp_path, stream=PRICE_FILES, b=["2"])

    ingest(engine, prices_raw, replace(one, files=one.files + other.files))

    assert rows_of(engine, prices_raw, "raw") == [("2",)]


def test_bad_rows_of_a_batch_are_quarantined_once_however_often_it_comes(engine, take):
    for _ in range(2):
        take(mark("a"), mark("b", n=0), batch="b1")
    take(mark("c", n=-1), batch="b2")

    assert rows_of(engine, marks.quarantine, "batch_id", "reasons") == [("b1", ["n_positive"]), ("b2", ["n_positive"])]


# Columns


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ("'shop' AS feed, 1 AS pieces", "pieces is int, declared bigint"),
        ("'shop' AS feed", "pieces is missing, declared bigint"),
        ("'shop' AS feed, 1L AS pieces, 2 AS n", "n is int, declared nowhere"),
        ("1L AS pieces, 'shop' AS feed", "the order is pieces, feed, declared feed, pieces"),
    ],
    ids=["type", "missing", "more", "order"],
)
def test_rows_of_other_columns_are_refused_before_anything_is_written(engine, spark, rows, wrong):
    with pytest.raises(SchemaMismatchError, match=rf"^gold\.totals returned other columns: {wrong}\.$"):
        engine.write(totals, spark.sql(f"SELECT {rows}"))

    assert engine.version(totals) == 0


@pytest.mark.parametrize(
    ("table", "action"),
    [
        (marks, None),
        (marks, FullRefresh()),
        (replace(marks, write=Replace(from_records=True)), None),
        (prices, None),
        (daily, Partitions(frozenset(DAYS))),
        (daily, FullRefresh()),
        (replace(daily, write=Replace(partition_by="day", compare_partitions=True)), None),
    ],
    ids=["merged", "rebuilt", "replaced", "history", "partitions", "all rows", "compared"],
)
def test_each_way_of_writing_refuses_other_columns(engine, some, table, action):
    declared = replace(table, columns=table.output_columns, change_columns=(), _name=table.name, _doc="One row.")

    with pytest.raises(SchemaMismatchError, match="feed is missing"):
        engine.write(table, some(declared).drop("feed"), action)

    assert engine.row_count(table) == 0


# What changed


def test_many_small_files_are_put_together_and_are_no_change(engine, take):
    for number in range(5):
        take(mark(f"e{number}"), batch=f"b{number}")
    since, before = engine.version(marks), rows_of(engine, marks)

    engine.compact(marks, max_files=3)

    assert (len(files(engine, marks)), rows_of(engine, marks)) == (1, before)
    assert engine.commit_diff(marks, since).files == ()
    assert not any(
        action["add"]["dataChange"] for action in commit_of(engine.path(marks), since + 1) if "add" in action
    )


def test_the_rows_of_some_batches_are_read(engine, tmp_path):
    for number in (1, 2, 3):
        ingest(engine, marks_raw, batch(tmp_path, f"b{number}", **{f"f{number}": [str(number)]}))

    assert sorted(row.raw for row in engine.read_batches(marks_raw, ["b1", "b3"]).collect()) == ["1", "3"]
    assert [batch.to_pylist() for batch in engine.scan_batch(marks_raw, "b2", ["raw"])] == [[{"raw": "2"}]]
    assert list(engine.scan_batch(marks_raw, "b4", ["raw"])) == []


def test_new_rows_of_a_table_made_row_by_row_are_added_and_no_file_goes(engine, take):
    take(mark("a"), mark("b", "2026-03-02T09:00:00Z"))
    engine.create_if_missing(copies)
    engine.write(copies, copies(engine.read(marks)), Partitions(frozenset(DAYS)))
    since, seen = engine.version(copies), engine.version(marks)
    take(mark("c", "2026-03-02T10:00:00Z"), mark("d", "2026-03-04T10:00:00Z"), batch="b2")

    written = engine.write(copies, copies(engine.added_rows(marks, seen)), Rows(seen))

    assert (written.rows_written, engine.commit_diff(copies, since).removed) == (2, ())
    assert rows_of(engine, copies, "id") == [("a",), ("b",), ("c",), ("d",)]


def test_the_records_of_one_large_file_are_dealt_out_to_all_workers(engine, tmp_path):
    lines = [str(number) for number in range(1_000)]

    written = ingest(engine, marks_raw, batch(tmp_path, "b1", one=lines), large_file_bytes=10, block_bytes=64)

    assert written == WriteResult(1_000, 1_000)
    assert len(files(engine, marks_raw)) == WORKERS
    found = rows_of(engine, marks_raw, "line", "raw")
    assert sorted(found) == [(number + 1, text) for number, text in enumerate(lines)]


# Sessions and rows


def test_a_session_is_kept_by_a_small_question():
    session = Mock()

    DeltaEngine(session, "lake").keep_session()

    session.conf.get.assert_called_once_with("spark.sql.session.timeZone")


def test_given_rows_are_the_rows_of_every_action_and_have_no_inputs():
    frame = object()
    given = GivenRows(frame)

    assert [*given.rows(FullRefresh())] == [frame] and given.build_from({"marks": None}) is frame
    assert (given.pruned(Partitions(frozenset())), given.scattered(frame), given.build(3)) == ({}, {}, 3)


@pytest.mark.parametrize(
    "ask",
    [
        lambda given: given.changed_input(None),
        lambda given: given.all_input(),
        lambda given: given.read("marks"),
        lambda given: given.changed("marks", 1, ["id"]),
    ],
)
def test_given_rows_are_not_recomputed_from_inputs(ask):
    with pytest.raises(TypeError, match="these rows do not have"):
        ask(GivenRows(object()))
