import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from deltalake import DeltaTable

from shoplake.engine import log
from shoplake.engine.delta import DeltaEngine
from shoplake.engine.landing import Batch, File
from shoplake.engine.protocol import Written
from shoplake.errors import SchemaMismatch

from .toys import (
    ARRIVED,
    CATALOG,
    DAY,
    MARK_FILES,
    PRICE_FILES,
    commit_of,
    drop,
    mark,
    marks,
    marks_raw,
    price,
    prices,
    prices_raw,
    records,
    rows_of,
    totals,
    visits,
)

DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"]


def files(engine, table, *days):
    return {
        uri for uri in DeltaTable(engine.at(table)).file_uris() if not days or any(f"day={day}" in uri for day in days)
    }


def test_a_table_and_its_quarantine_are_made_once(engine):
    engine.ensure(marks)

    for table in (marks, marks.quarantine):
        assert (engine.version(table), engine.rows(table), engine.read(table).collect()) == (0, 0, [])


def test_a_table_lies_in_the_folder_of_its_layer(spark, tmp_path):
    assert DeltaEngine(spark, f"{tmp_path}/").at(marks) == f"{tmp_path}/silver/marks"


@pytest.mark.parametrize("table", CATALOG.ordered, ids=lambda table: table.name)
def test_what_a_table_has_in_it_is_what_it_declares(engine, table):
    assert engine.read(table).dtypes == [(column.name, column.type) for column in table.columns]


# Append


def batch(tmp_path, id="b000000001", stream=MARK_FILES, **contents):
    found = [drop(tmp_path / name, *said) for name, said in contents.items()]
    made = [File("shop", stream, str(path), path.name, path.stat().st_size, None) for path in found]
    return Batch(id, tuple(made), ARRIVED)


def test_the_records_of_a_batch_land_with_where_they_came_from(engine, tmp_path):
    written = engine.land(marks_raw, batch(tmp_path, a=[mark("a"), mark("b")], b=["x"]))

    found = rows_of(engine, marks_raw, "file", "line", "raw", "batch_id", "feed", "ingested_at")
    rest = ("b000000001", "shop", ARRIVED)
    assert found == [
        ("a", 1, json.dumps(mark("a")), *rest),
        ("a", 2, json.dumps(mark("b")), *rest),
        ("b", 1, "x", *rest),
    ]
    assert written == Written(3, 3)


def test_a_batch_that_lands_again_takes_the_place_of_its_earlier_attempt(engine, tmp_path):
    engine.land(marks_raw, batch(tmp_path, "b000000001", a=["1"]))
    engine.land(marks_raw, batch(tmp_path, "b000000002", b=["2"]))

    written = engine.land(marks_raw, batch(tmp_path, "b000000002", b=["2"], c=["3"]))

    assert written == Written(2, 2)
    assert rows_of(engine, marks_raw, "raw") == [("1",), ("2",), ("3",)]


def test_only_the_files_of_a_tables_own_streams_land_in_it(engine, tmp_path):
    one, other = batch(tmp_path, a=["1"]), batch(tmp_path, stream=PRICE_FILES, b=["2"])

    engine.land(prices_raw, replace(one, files=one.files + other.files))

    assert rows_of(engine, prices_raw, "raw") == [("2",)]


def test_the_rows_of_some_batches_are_read(engine, tmp_path):
    for number in (1, 2, 3):
        engine.land(marks_raw, batch(tmp_path, f"b{number}", **{f"f{number}": [str(number)]}))

    assert sorted(row.raw for row in engine.read_batches(marks_raw, ["b1", "b3"]).collect()) == ["1", "3"]


def test_bad_rows_of_a_batch_are_set_aside_once_however_often_it_comes(engine, take):
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
    with pytest.raises(SchemaMismatch, match=rf"^gold\.totals returned other columns: {wrong}\.$"):
        engine.write(totals, spark.sql(f"SELECT {rows}"))

    assert engine.version(totals) == 0


# What changed


def test_rows_that_came_since_a_version_are_told(engine, take):
    take(mark("a"))
    since = engine.version(marks)
    take(mark("b", "2026-03-02T09:00:00Z"), batch="b2")

    assert [row.id for row in engine.changed_rows(marks, since).select("id").collect()] == ["b"]
    assert engine.changed_rows(marks, engine.version(marks)).collect() == []


def test_rows_that_changed_are_told_as_they_were_and_as_they_are(engine, take):
    take(mark("a", "2026-03-02T09:00:00Z"))
    since = engine.version(marks)
    take(mark("a", "2026-03-01T09:00:00Z"), batch="b2")

    found = engine.changed_rows(marks, since).select("at").collect()

    assert sorted(row["at"].day for row in found) == [1, 2]


def test_where_the_log_no_longer_says_the_changed_rows_are_not_known(engine, take):
    for name in ("a", "b", "c"):
        take(mark(name), batch=name)
    DeltaTable(engine.at(marks)).create_checkpoint()
    Path(engine.at(marks), "_delta_log", f"{1:020d}.json").unlink()

    assert engine.changed_rows(marks, 0) is None
    assert engine.changes(marks, 0) is None


def test_a_history_tells_from_when_on_it_says_something_else(engine, spark):
    first = [price("a", "1.00", "2026-03-01"), price("b", "1.00", "2026-03-01")]
    engine.write(prices, prices(records(spark, *first)))
    since = engine.version(prices)

    engine.write(prices, prices(records(spark, *first)))
    assert engine.changed_from(prices, engine.changes(prices, since)) is None

    engine.write(prices, prices(records(spark, *first, price("b", "2.00", "2026-03-05"))))
    moment = engine.changed_from(prices, engine.changes(prices, since))
    assert moment.replace(tzinfo=UTC) == datetime(2026, 3, 5, tzinfo=UTC)


def test_the_days_that_rows_that_differ_span_are_told(engine, some):
    spans = [("a", 1, 1), ("b", 1, 3), ("c", 2, 2)]
    rows = [{"who": who, "day": f"2026-03-0{first}", "last": f"2026-03-0{last}"} for who, first, last in spans]
    table = replace(totals, layer="silver", columns=(visits.columns[1], DAY, replace(DAY, name="last")))
    engine.ensure(table)
    engine.write(table, some(table, *rows))
    since = engine.version(table)

    engine.write(table, some(table, rows[0], rows[1]))
    assert engine.changed_days(table, engine.changes(table, since), "day", "last") == {DAYS[1]}
    engine.write(table, some(table, rows[0]))

    assert engine.changed_days(table, engine.changes(table, since), "day", "last") == set(DAYS)
    assert engine.changed_days(table, engine.changes(table, engine.version(table)), "day", "last") == set()


def test_the_values_of_a_partition_column_are_told(engine, take):
    take(mark("a"))

    assert engine.partitions(marks, "day") == {DAYS[0]}


def test_what_changed_is_told_also_where_a_checkpoint_came_after(engine, spark):
    for day in (1, 2, 3):
        since = engine.version(prices)
        engine.write(prices, prices(records(spark, price("a", str(day), f"2026-03-0{day}"))))
    DeltaTable(engine.at(prices)).create_checkpoint()

    found = engine.changed_from(prices, engine.changes(prices, since))

    assert found.replace(tzinfo=UTC) == datetime(2026, 3, 3, tzinfo=UTC)


def test_many_small_files_are_put_together_and_are_no_change(engine, take, monkeypatch):
    monkeypatch.setattr(log, "MANY_FILES", 3)
    for number in range(5):
        take(mark(f"e{number}"), batch=f"b{number}")
    since, before = engine.version(marks), rows_of(engine, marks)

    engine.compact(marks)

    assert (len(files(engine, marks)), rows_of(engine, marks)) == (1, before)
    assert engine.changes(marks, since).files == ()
    assert not any(action["add"]["dataChange"] for action in commit_of(engine.at(marks), since + 1) if "add" in action)
