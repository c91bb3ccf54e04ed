"""Keys with very many sessions on a day: what is compared with each of their rows."""

from sample_tables import mark, marks, rows_of, visits
from sample_writes import recompute

from shoplake.engine.write.modes.session_window import COVERED, touched_spans

VISITS = 24
HOURLY = [mark(f"m{hour:02}", f"2026-03-01T{hour:02}:00:00Z") for hour in range(VISITS)]


def test_visits_between_the_first_and_last_mark_of_a_day_are_compared_with_no_row(engine, take):
    take(*HOURLY)
    recompute(engine, visits, marks, engine.read(marks), visits)

    spans = touched_spans(engine.read(visits), engine.read(marks), visits.write)

    assert spans.count() == VISITS + 1
    assert spans.where(f"NOT {COVERED}").count() == 1


def test_a_mark_between_many_visits_of_a_day_joins_two_and_keeps_the_others(engine, take):
    take(*HOURLY)
    recompute(engine, visits, marks, engine.read(marks), visits)
    take(mark("late", "2026-03-01T11:30:00Z"), batch="b2")

    recompute(engine, visits, marks, engine.read(marks), visits)

    found = rows_of(engine, visits, "started_at", "marks")
    assert [(start.hour, n) for start, n in found if n > 1] == [(11, 3)]
    assert len(found) == VISITS - 1
