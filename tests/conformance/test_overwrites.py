"""Overwrites, versions and full refreshes on both engines: what each leaves, and which files stay."""

import contextlib
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from deltalake import DeltaTable
from sample_tables import DAYS, daily, latest, mark, marks, price, prices, records, rows_of, totals

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.table_plan import DateRange, FullRefresh, Partitions
from shoplake.errors import ShoplakeError

from .conftest import slow_on_spark


@pytest.fixture
def sums(engine, session):
    """Rows of the daily table."""
    engine.create_if_missing(daily)

    def rows(pieces):
        cells = [("shop", date.fromisoformat(day), n, 0) for day, n in pieces.items()]
        return session.createDataFrame(cells, daily.ddl)

    return rows


def partitions(*days):
    return Partitions(frozenset(days))


def by_day(engine):
    return {str(day): n for day, n in rows_of(engine, daily, "day", "pieces")}


def files(engine, table, *days):
    return {
        uri
        for uri in DeltaTable(engine.path(table)).file_uris()
        if not days or any(f"day={day}" in uri for day in days)
    }


# Replace


@slow_on_spark
def test_a_replaced_table_holds_what_was_written_last(engine, sums):
    for pieces in ({DAYS[0]: 1, DAYS[1]: 2}, {DAYS[1]: 5}, {DAYS[1]: 5}):
        written = engine.write(daily, sums(pieces))

    assert by_day(engine) == {DAYS[1]: 5}
    assert written == WriteResult(1, 1, rows_replaced=1)


@slow_on_spark
def test_only_the_partitions_named_are_overwritten_and_other_files_stay(engine, sums):
    engine.write(daily, sums({DAYS[0]: 1, DAYS[1]: 2, DAYS[2]: 3}))
    before = files(engine, daily, DAYS[0], DAYS[2])

    for _ in range(2):
        engine.write(daily, sums({DAYS[1]: 7}), partitions(DAYS[1]))

    assert by_day(engine) == {DAYS[0]: 1, DAYS[1]: 7, DAYS[2]: 3}
    assert files(engine, daily, DAYS[0], DAYS[2]) == before


@slow_on_spark
def test_a_partition_that_has_no_rows_any_more_is_emptied(engine, sums):
    engine.write(daily, sums({DAYS[0]: 1, DAYS[1]: 2}))

    engine.write(daily, sums({}), partitions(*DAYS[1:]))

    assert by_day(engine) == {DAYS[0]: 1}


@slow_on_spark
def test_partitions_are_overwritten_in_one_commit(engine, sums):
    before = engine.version(daily)

    engine.write(daily, sums(dict.fromkeys(DAYS, 1)), partitions(*DAYS))

    assert engine.version(daily) == before + 1


@slow_on_spark
def test_a_row_outside_the_partitions_never_doubles_an_existing_one(engine, sums):
    engine.write(daily, sums({DAYS[0]: 1}))

    with contextlib.suppress(ShoplakeError):
        engine.write(daily, sums({DAYS[0]: 1, DAYS[1]: 2}), partitions(*DAYS[1:]))

    assert by_day(engine)[DAYS[0]] == 1
    assert len(rows_of(engine, daily, "day")) <= 2


@slow_on_spark
def test_a_table_without_partitions_is_overwritten_whole(engine, session):
    engine.create_if_missing(totals)
    for pieces in (1, 2):
        engine.write(totals, session.createDataFrame([("shop", pieces)], totals.ddl))

    assert rows_of(engine, totals) == [("shop", 2)]


# History


def versions(engine):
    found = rows_of(engine, prices, "thing", "price", "valid_from", "valid_to", "is_current")
    return [(thing, price, start.day, end and end.day, now) for thing, price, start, end, now in found]


@slow_on_spark
def test_a_history_is_the_same_whatever_order_its_changes_come_in(engine, session):
    engine.create_if_missing(prices)
    changes = [price("a", "1.00", "2026-03-01"), price("a", "2.00", "2026-03-05"), price("a", "1.00", "2026-03-03")]

    for output in (changes, changes[::-1], [*changes, *changes]):
        engine.write(prices, prices(records(session, *output)))

        assert versions(engine) == [("a", Decimal("1.00"), 1, 5, False), ("a", Decimal("2.00"), 5, None, True)]


@slow_on_spark
def test_a_history_counts_changes_that_are_new_and_quarantines_invalid_ones_once(engine, session):
    engine.create_if_missing(prices)
    changes = [price("a", "1.00", "2026-03-01"), price("a", "1.00", "2026-03-03"), price("a", "cheap", "2026-03-05")]

    first, again, later = (
        engine.write(prices, prices(records(session, *changes, batch=batch))) for batch in ("b1", "b1", "b2")
    )

    assert first == again == WriteResult(3, 2, 1, 0, violations={"price_fits_type": 1})
    assert later == WriteResult(3, 0, 1, 2, violations={"price_fits_type": 1})
    assert rows_of(engine, prices.quarantine, "reasons", "line", "batch_id") == [
        (["price_fits_type"], 3, batch) for batch in ("b1", "b2")
    ]


# What a catalogue lets pass


@slow_on_spark
def test_an_upserted_table_without_rules_keeps_the_rows_of_earlier_batches(engine, session):
    columns = tuple(replace(column, required=False) for column in latest.columns)
    free = replace(latest, columns=columns, rules=())
    engine.create_if_missing(free)

    for name in ("a", "b"):
        engine.write(free, latest(records(session, mark(name), batch=name)).drop("_source", "_type_errors"))

    assert rows_of(engine, free, "id") == [("a",), ("b",)]


@slow_on_spark
def test_a_history_without_rules_has_versions(engine, session):
    free = replace(prices, change_columns=tuple(replace(column, required=False) for column in prices.change_columns))
    engine.create_if_missing(free)

    engine.write(free, prices(records(session, price("a", "1.00", "2026-03-01"))).drop("_source", "_type_errors"))

    assert versions(engine) == [("a", Decimal("1.00"), 1, None, True)]


@slow_on_spark
def test_a_replaced_table_of_silver_may_have_required_columns(engine, session):
    table = replace(totals, layer="silver")
    engine.create_if_missing(table)

    engine.write(table, session.createDataFrame([("shop", 1)], totals.ddl))

    assert rows_of(engine, table) == [("shop", 1)]


# Full refresh


def on(day):
    return DateRange(date.fromisoformat(day), date.fromisoformat(day))


@pytest.fixture
def three(take):
    """Three days with a mark each, in three batches."""
    for number, day in enumerate(DAYS):
        take(marks, mark(day, f"{day}T09:00:00Z"), batch=f"b{number}")
    return [mark(day, f"{day}T09:00:00Z", n=9) for day in DAYS]


@slow_on_spark
def test_a_table_is_rebuilt_from_all_its_records(engine, session, three):
    written = engine.write(marks, marks(records(session, *three, mark("bad", n=0))), FullRefresh())

    assert (written.rows_read, written.rows_written, written.rows_quarantined) == (4, 3, 1)
    assert rows_of(engine, marks, "n") == [(9,)] * 3
    assert engine.row_count(marks.quarantine) == 1


@slow_on_spark
def test_some_days_are_rebuilt_and_the_files_of_the_others_stay(engine, session, three):
    before = files(engine, marks, DAYS[0], DAYS[2])

    written = engine.write(marks, marks(records(session, *three)), on(DAYS[1]))

    assert {str(day): n for day, n in rows_of(engine, marks, "day", "n")} == {DAYS[0]: 1, DAYS[1]: 9, DAYS[2]: 1}
    assert files(engine, marks, DAYS[0], DAYS[2]) == before
    assert written == WriteResult(1, 1, rows_replaced=1)


@slow_on_spark
def test_a_day_that_has_no_records_any_more_is_emptied_when_rebuilt(engine, session, three):
    engine.write(marks, marks(records(session, *three[1:])), on(DAYS[0]))

    assert [str(day) for (day,) in rows_of(engine, marks, "day")] == DAYS[1:]


@slow_on_spark
def test_days_without_rows_are_no_commit_when_rebuilt(engine, session, three):
    before = engine.version(marks)

    written = engine.write(marks, marks(records(session, *three)), DateRange(date(2027, 1, 1)))

    assert (written, engine.version(marks)) == (WriteResult(0, 0), before)


@slow_on_spark
def test_an_id_that_came_again_after_its_days_stands_the_same_when_rebuilt(engine, session, take):
    output = [mark("a", "2026-03-01T09:00:00Z"), mark("a", "2026-03-12T09:00:00Z")]
    for number, each in enumerate(output):
        take(marks, each, batch=f"b{number}")
    before = rows_of(engine, marks, "id", "day")

    engine.write(marks, marks(records(session, *output)), FullRefresh())

    assert rows_of(engine, marks, "id", "day") == before
