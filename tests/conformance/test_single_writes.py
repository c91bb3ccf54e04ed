"""Every way to write a table, on both engines: what it leaves, and that the same write again changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sample_tables import (
    ARRIVED,
    MARK_FILES,
    copies,
    drop,
    latest,
    mark,
    marks,
    marks_raw,
    price,
    prices,
    records,
    rows_of,
    visits,
)
from sample_tables import daily as daily_table
from sample_writes import ingest, recompute

from shoplake.engine.ingest.file_discovery import Batch, File
from shoplake.engine.protocol import WriteResult
from shoplake.engine.storage import delta_log
from shoplake.engine.write.table_plan import DateRange, FullRefresh, Partitions, Rows

from .conftest import slow_on_spark

if TYPE_CHECKING:
    from pathlib import Path


def test_a_batch_that_lands_twice_is_there_once_with_its_lines(engine, tmp_path: Path):
    path = drop(tmp_path / "landing" / "marks" / "one.json", mark("a"), "no json", mark("é😀"))
    file = File("shop", MARK_FILES, str(path), "marks/one.json", path.stat().st_size, None)
    batch = Batch("b000000001", (file,), ARRIVED)
    engine.create_if_missing(marks_raw)

    counts = [ingest(engine, marks_raw, batch) for _ in range(2)]

    assert counts == [WriteResult(3, 3)] * 2
    found = rows_of(engine, marks_raw, "line", "raw", "batch_id", "ingested_at")
    assert [row[0] for row in found] == [1, 2, 3]
    assert found[1][1:] == ("no json", "b000000001", ARRIVED)


@slow_on_spark
def test_the_first_of_a_key_stays_whatever_comes_when_and_however_often(engine, take):
    late, early = mark("a", "2026-03-01T10:00:00Z"), mark("a", "2026-03-01T09:00:00Z", n=2)
    take(marks, late, mark("b"), mark("c", n=0))

    counts = [take(marks, early, late, batch="b000000002") for _ in range(2)]

    assert [(each.rows_read, each.rows_written, each.rows_duplicate, each.rows_conflicting) for each in counts] == [
        (2, 0, 2, 2),
        (2, 1, 1, 1),
    ]
    assert rows_of(engine, marks, "id", "n") == [("a", 2), ("b", 1)]
    assert rows_of(engine, marks.quarantine, "reasons", "line") == [(["n_positive"], 3)]


@pytest.mark.slow
def test_the_newest_of_a_key_stays(engine, take):
    take(latest, mark("a", "2026-03-01T10:00:00Z", n=1))
    take(latest, mark("a", "2026-03-01T09:00:00Z", n=2), mark("a", "2026-03-01T11:00:00Z", n=3), batch="b000000002")

    assert rows_of(engine, latest, "id", "n") == [("a", 3)]


def test_partitions_are_overwritten_and_the_files_of_others_stay(engine, session):
    engine.create_if_missing(daily_table)
    rows = session.sql(
        "SELECT 'shop' feed, DATE '2026-03-01' + d day, bigint(d) pieces, 1L things FROM VALUES 0, 1, 2 t(d)"
    )
    engine.write(daily_table, rows)
    before = dict(_by_day(engine))

    engine.write(
        daily_table,
        rows.selectExpr("feed", "day", "pieces + 5 AS pieces", "things"),
        Partitions(frozenset({"2026-03-02"})),
    )

    assert rows_of(engine, daily_table, "pieces") == [(0,), (2,), (6,)]
    assert {day for day, file in _by_day(engine) if before[day] == file} == {"2026-03-01", "2026-03-03"}


@pytest.mark.slow
def test_visits_that_new_marks_touch_are_rebuilt(engine, take):
    take(marks, mark("a"), mark("b", "2026-03-01T09:50:00Z"), mark("z", "2026-03-05T09:00:00Z", who="eve"))
    engine.create_if_missing(visits)
    engine.write(visits, visits(engine.read(marks)))
    since = engine.version(marks)
    take(marks, mark("c", "2026-03-01T09:25:00Z"), batch="b000000002")

    recompute(engine, visits, marks, engine.changed_rows(marks, since), visits)

    found = rows_of(engine, visits, "who", "started_at", "marks")
    assert found == [("ada", _at(1, 9), 3), ("eve", _at(5, 9), 1)]


@pytest.mark.slow
def test_a_history_has_each_version_once_and_null_is_a_value(engine, take):
    output = [price("a", "1.10", "2026-03-01T00:00:00Z"), price("a", "1.10", "2026-03-02T00:00:00Z")]
    output += [{"thing": "a", "price": None, "changed_at": "2026-03-03T00:00:00Z"}]

    take(prices, *output)

    assert [
        (str(cost), start.day, now) for cost, start, now in rows_of(engine, prices, "price", "valid_from", "is_current")
    ] == [
        ("1.10", 1, False),
        ("None", 3, True),
    ]


@pytest.mark.slow
def test_a_table_rebuilt_of_all_records_is_what_it_was(engine, take):
    output = [mark("a"), mark("a", "2026-03-01T08:00:00Z"), mark("b", "2026-03-09T08:00:00Z"), mark("c", n=-1)]
    take(marks, *output)
    before = rows_of(engine, marks)

    engine.write(marks, marks(records(engine.session, *output)), FullRefresh())
    engine.write(marks, marks(records(engine.session, *output)), DateRange(date(2026, 3, 9), date(2026, 3, 9)))

    assert rows_of(engine, marks) == before


def _by_day(engine):
    return [(file.split("/")[0].removeprefix("day="), file) for file in delta_log.file_paths(engine.path(daily_table))]


def _at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@slow_on_spark
def test_rows_that_are_each_made_of_a_new_row_are_added_with_their_days(engine, take):
    days = {"2026-03-01", "2026-03-02", "2026-03-03"}
    engine.create_if_missing(copies)
    take(marks, mark("a"), mark("b", "2026-03-02T09:00:00Z"))
    engine.write(copies, copies(engine.read(marks)), Partitions(frozenset(days)))
    seen, since = engine.version(marks), engine.version(copies)
    take(marks, mark("c", "2026-03-02T10:00:00Z"), mark("d", "2026-03-03T10:00:00Z"), batch="b000000002")

    written = engine.write(copies, copies(engine.added_rows(marks, seen)), Rows(seen))

    assert (written.rows_written, engine.commit_diff(copies, since).removed) == (2, ())
    found = [(id, day.day) for id, day in rows_of(engine, copies, "id", "day")]
    assert found == [("a", 1), ("b", 2), ("c", 2), ("d", 3)]
