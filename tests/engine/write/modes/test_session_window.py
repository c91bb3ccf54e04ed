from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from pyspark.sql import functions as F
from sample_tables import daily, mark, marks, rows_of, visits
from sample_writes import SessionInput, recompute

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.modes.session_window import rows_outside, rows_within, session_change, touched_spans
from shoplake.engine.write.table_plan import Sessions

WRITE = visits.write


def at(clock, day="2026-03-01"):
    return f"{day}T{clock}:00Z"


@pytest.fixture
def bring(engine, take):
    """Take marks in, and rework the visits that they touch."""

    def brought(*output, batch="b000000001"):
        since = engine.version(marks)
        take(*output, batch=batch)
        return recompute(engine, visits, marks, engine.changed_rows(marks, since), visits)

    return brought


def kept(engine):
    found = rows_of(engine, visits, "who", "started_at", "ended_at", "day", "marks")
    return sorted((who, f"{start:%d %H:%M}", f"{end:%d %H:%M}", day.day, n) for who, start, end, day, n in found)


def rebuilt(engine):
    before = kept(engine)
    written = engine.write(visits, visits(engine.read(marks)))
    return (kept(engine), written.rows_written) == (before, len(before))


def test_a_late_mark_moves_the_start_of_a_visit(engine, bring):
    bring(mark("b", at("09:20")), mark("c", at("09:40")), mark("z", at("09:00", "2026-03-07")))

    bring(mark("a", at("09:00")), batch="b2")

    assert kept(engine) == [("ada", "01 09:00", "01 09:40", 1, 3), ("ada", "07 09:00", "07 09:00", 7, 1)]
    assert rebuilt(engine)


def test_a_late_mark_joins_two_visits(engine, bring):
    bring(mark("a", at("09:00")), mark("c", at("09:50")))
    assert len(kept(engine)) == 2

    written = bring(mark("b", at("09:25")), batch="b2")

    assert kept(engine) == [("ada", "01 09:00", "01 09:50", 1, 3)]
    assert written == WriteResult(1, 1, rows_replaced=2)
    assert rebuilt(engine)


@pytest.mark.sample
def test_a_mark_that_moves_away_splits_a_visit(engine, bring):
    bring(mark("a", at("09:00")), mark("b", at("09:25")), mark("c", at("09:50")))

    bring(mark("b", at("07:00"), n=2), batch="b2")

    assert [row[1:3] for row in kept(engine)] == [
        ("01 07:00", "01 07:00"),
        ("01 09:00", "01 09:00"),
        ("01 09:50", "01 09:50"),
    ]
    assert rebuilt(engine)


def test_a_visit_that_grows_over_midnight_is_filed_under_the_day_it_begins(engine, bring):
    bring(mark("c", at("00:10", "2026-03-02")))
    assert kept(engine) == [("ada", "02 00:10", "02 00:10", 2, 1)]

    bring(mark("b", at("23:50")), batch="b2")

    assert kept(engine) == [("ada", "01 23:50", "02 00:10", 1, 2)]
    assert rebuilt(engine)


@pytest.mark.parametrize(("clock", "visits_then"), [("09:30", 1), pytest.param("09:31", 2, marks=pytest.mark.sample)])
def test_exactly_the_pause_continues_a_visit(engine, bring, clock, visits_then):
    bring(mark("a", at("09:00")))

    bring(mark("b", at(clock)), batch="b2")

    assert len(kept(engine)) == visits_then
    assert rebuilt(engine)


ORDERS = [
    pytest.param(order, id="-".join(order), marks=[] if at == 3 else pytest.mark.slow)
    for at, order in enumerate(permutations(["23:40", "00:05", "00:30"]))
]


@pytest.mark.parametrize("order", ORDERS)
def test_the_order_of_arrival_does_not_matter(engine, bring, order):
    for number, clock in enumerate(order):
        day = "2026-03-01" if clock.startswith("23") else "2026-03-02"
        bring(mark(clock, at(clock, day)), batch=f"b{number}")

    assert kept(engine) == [("ada", "01 23:40", "02 00:30", 1, 3)]


@pytest.mark.sample
def test_visits_of_others_and_of_other_times_stay_as_they_are(engine, bring):
    bring(mark("a", at("09:00")), mark("b", at("09:00"), who="bob"), mark("c", at("15:00")))

    bring(mark("d", at("09:10")), batch="b2")

    assert [(who, n) for who, *_, n in kept(engine)] == [("ada", 2), ("ada", 1), ("bob", 1)]
    assert rebuilt(engine)


def test_files_of_days_that_no_new_mark_touches_stay_the_same(engine, bring):
    bring(mark("a", at("09:00")), mark("b", at("09:00", "2026-03-04")))
    since = engine.version(visits)

    bring(mark("c", at("09:10")), batch="b2")

    assert engine.commit_diff(visits, since).values("day") == {"2026-03-01"}


def test_without_changes_nothing_is_written(engine, bring):
    bring(mark("a", at("09:00")))
    before = engine.version(visits)

    written = recompute(engine, visits, marks, engine.changed_rows(marks, engine.version(marks)), visits)

    assert (written, engine.version(visits)) == (WriteResult(0, 0), before)


def test_only_a_table_of_session_windows_has_sessions(engine):
    with pytest.raises(ValueError, match=r"gold\.daily is written by Replace, which has no Sessions"):
        engine.execute(daily, Sessions(0, "day"), SessionInput(engine, marks, engine.read(marks), visits))


@pytest.fixture
def old(some):
    rows = [("ada", "09:00", "09:20"), ("ada", "12:00", "12:00"), ("bob", "09:00", "09:20")]
    return some(
        visits,
        *[
            {"feed": "shop", "who": who, "started_at": at(start), "ended_at": at(end), "day": "2026-03-01", "marks": 1}
            for who, start, end in rows
        ],
    )


@pytest.fixture
def moment(some):
    def made(clock, day="2026-03-01"):
        return some(marks, {"feed": "shop", "id": clock, "at": at(clock, day), "day": day, "who": "ada"})

    return made


def clocks(*micros):
    return tuple(f"{datetime.fromtimestamp(each / 1e6, UTC):%H:%M}" for each in micros)


@pytest.mark.parametrize(
    ("clock", "spans"),
    [
        ("09:10", {("09:10", "09:10"), ("09:00", "09:20")}),
        ("09:50", {("09:50", "09:50"), ("09:00", "09:20")}),
        ("09:51", {("09:51", "09:51")}),
        ("08:30", {("08:30", "08:30"), ("09:00", "09:20")}),
        ("12:30", {("12:30", "12:30"), ("12:00", "12:00")}),
    ],
)
def test_a_mark_touches_its_own_moment_and_visits_within_reach(old, moment, clock, spans):
    found = touched_spans(old, moment(clock), WRITE).collect()

    assert {clocks(row.lo, row.hi) for row in found} == spans
    assert {row.who for row in found} == {"ada"}


def test_of_the_input_only_what_lies_in_a_span_is_read_each_row_once(old, moment):
    spans = touched_spans(old, moment("09:30"), WRITE)
    rows = moment("09:00").unionAll(moment("09:20")).unionAll(moment("09:21")).unionAll(moment("09:30"))

    ends = min(row.lo for row in spans.collect()), max(row.hi for row in spans.collect())
    found = rows_within(rows, spans.unionAll(spans), ends, WRITE).collect()

    assert sorted(row.id for row in found) == ["09:00", "09:20", "09:30"]


def test_old_rows_that_share_no_moment_with_a_span_are_untouched(old, moment):
    spans = touched_spans(old, moment("09:20"), WRITE)

    found = rows_outside(old, spans, WRITE).collect()

    assert sorted((row.who, f"{row.started_at:%H:%M}") for row in found) == [("ada", "12:00"), ("bob", "09:00")]


def test_of_one_day_all_from_the_first_to_the_last_mark_is_one_span(old, moment):
    marked = moment("10:30").unionAll(moment("11:00")).unionAll(moment("10:30", "2026-03-02"))

    found = touched_spans(old, marked, WRITE).collect()

    assert sorted((*clocks(row.lo, row.hi), row.by) for row in found) == [
        ("10:30", "10:30", None),
        ("10:30", "11:00", None),
    ]


def test_only_days_whose_rows_differ_are_replaced(old, moment):
    spans, nothing = touched_spans(old, moment("09:20"), WRITE), old.limit(0)
    same, other = (
        old.where("ended_at > started_at AND who = 'ada'"),
        old.where("who = 'ada'").withColumn("marks", F.lit(2)),
    )

    touched = [date(2026, 3, 1)]

    assert session_change(old, same, spans, touched, visits).days == []
    for new in (nothing, other.select(*old.columns)):
        assert session_change(old, new, spans, touched, visits).days == [date(2026, 3, 1)]
    assert session_change(nothing, old, spans, touched, visits).days == [date(2026, 3, 1)]
    assert session_change(old.where("who = 'bob'"), nothing, spans, touched, visits).days == []


def test_a_mark_that_changes_no_visit_leaves_every_file_as_it_is(engine, bring):
    bring(mark("a", at("09:00")), mark("b", at("09:20")))
    before = engine.version(visits)

    bring(mark("a", at("09:00")), batch="b2")
    written = recompute(engine, visits, marks, engine.read(marks), visits)

    assert (written, engine.version(visits)) == (WriteResult(0, 0), before)


def test_only_the_input_that_counts_touches_a_row_and_is_read(engine, take, spark):
    counted = replace(visits, write=replace(visits.write, filter="n > 1"))
    take(mark("a", at("09:00"), n=2), mark("b", at("09:10"), n=1))

    recompute(engine, counted, marks, engine.read(marks), visits)

    assert [(start, n) for _, start, _, _, n in kept(engine)] == [("01 09:00", 1)]
