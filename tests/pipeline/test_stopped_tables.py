"""A watch judges a stopped table again when something that it depends on has changed, and not before."""

import logging

import pytest
from sample_lake import SampleLake
from sample_tables import CATALOG, mark, marks, price

from shoplake.declare import agrees, expect, extend, references, rows_like_history, unique
from shoplake.declare.catalog import Catalog
from shoplake.engine import GATES
from shoplake.pipeline.logged_run import run_logged
from shoplake.pipeline.stopped_tables import StoppedTables

TWICE = unique("at", stop=True)
FEW = expect("n_small", "n < 9", stop_above=0.25, at_least=2)
KNOWN = references("who", "silver.prices", key="thing", stop=True)
SETTLED = references("who", "silver.prices", key="thing", at="at", settles="1 days", stop=True)
NO_MORE = agrees("two", "SELECT count(*) FROM silver.marks", "SELECT 2 AS n", stop=True)
LATER = "2026-03-02T09:00:00Z"


def watched(spark, folder, gates=(TWICE,), rules=()):
    """A lake whose runs of a watch stop `silver.marks`, and what these runs remember."""
    names = ("marks_raw", "prices_raw", "prices", "marks", "latest", "visits")
    some = Catalog([CATALOG[name] for name in names])
    catalog = some.extended([], [extend("silver.marks", gates=list(gates), expectations=list(rules))])
    sample, stopped = SampleLake(spark, folder, catalog=catalog), StoppedTables()
    sample.drop("prices/1", price("ada", "1.00", "2026-03-01T09:00:00Z"))
    sample.run(stopped=stopped)
    sample.drop("marks/1", mark("a", n=1), mark("b", LATER, n=2))
    sample.run(stopped=stopped)
    sample.drop("marks/2", mark("c", LATER, n=9, who="cy"), mark("d", LATER, n=9, who="cy"))
    assert [stop.table for stop in sample.run(stopped=stopped).stops] == ["silver.marks"]
    return sample, stopped


class Seen:
    """A listener that keeps the tables that a run begins to update."""

    def __init__(self):
        self.tables = []

    def started(self, table):
        self.tables.append(table)

    def finished(self, step):
        pass


def judged(sample, stopped):
    """Whether a run judges the stopped table, and how many stops were recorded by then."""
    seen = Seen()
    sample.run(seen, stopped=stopped)
    recorded = [row for row in sample.state.read(GATES) if row["status"] == "stop"]
    return "silver.marks" in seen.tables, len(recorded)


@pytest.mark.parametrize("declared", [{}, {"gates": [], "rules": [FEW]}], ids=["gate", "rule"])
def test_a_stopped_table_is_not_judged_again_while_nothing_changes(spark, tmp_path, declared):
    sample, stopped = watched(spark, tmp_path, **declared)

    result = sample.run(stopped=stopped)

    [stop] = result.stops
    assert (stop.is_known, stop.not_built, result.has_news) == (True, ("silver.visits",), False)
    assert judged(sample, stopped) == (False, 1)


def test_a_stopped_table_is_judged_again_with_new_records(spark, tmp_path):
    sample, stopped = watched(spark, tmp_path)
    sample.drop("marks/3", mark("e", "2026-03-03T09:00:00Z"))

    assert judged(sample, stopped) == (True, 2)
    assert judged(sample, stopped) == (False, 2)


def test_a_stopped_table_is_judged_again_when_a_table_that_it_refers_to_changes(spark, tmp_path):
    sample, stopped = watched(spark, tmp_path, [KNOWN])
    assert judged(sample, stopped) == (False, 1)
    sample.drop("prices/2", price("cy", "1.00", "2026-03-01T09:00:00Z"))
    for _ in range(2):  # the other table may be written after this one
        sample.run(stopped=stopped)

    assert [row[0] for row in sample.rows(marks, "id")] == ["a", "b", "c", "d"]


def test_a_total_that_stops_is_judged_again_once_any_table_was_written(spark, tmp_path):
    sample, stopped = watched(spark, tmp_path, [NO_MORE])
    sample.run(stopped=stopped)  # tables beside it were written after it was judged
    assert not judged(sample, stopped)[0]
    sample.drop("prices/2", price("cy", "1.00", "2026-03-01T09:00:00Z"))

    assert True in [judged(sample, stopped)[0] for _ in range(2)]
    assert not judged(sample, stopped)[0]


def test_a_stop_that_time_may_end_is_judged_by_each_run_and_recorded_once(spark, tmp_path):
    sample, stopped = watched(spark, tmp_path, [SETTLED])

    assert judged(sample, stopped) == (True, 1)
    assert judged(sample, stopped) == (True, 1)


def test_a_stopped_table_is_judged_again_once_its_day_is_accepted(spark, tmp_path):
    gate = rows_like_history("day", stop=True)
    sample, stopped = SampleLake(spark, tmp_path, catalog=one_gate(gate)), StoppedTables()
    days = [mark(f"{day}-{each}", f"2026-03-{day:02}T09:00:00Z") for day in range(1, 27) for each in range(9)]
    sample.drop("marks/1", *days)
    sample.run(stopped=stopped)
    sample.drop("marks/2", mark("late", "2026-03-28T09:00:00Z"))
    sample.run(stopped=stopped)
    assert judged(sample, stopped) == (False, 1)
    [stop] = [row for row in sample.state.read(GATES) if row["status"] == "stop"]
    sample.state.append(GATES, [stop | {"status": "accepted", "run_id": "r"}])

    assert judged(sample, stopped) == (True, 1)
    assert sample.run(stopped=stopped).stops == []


def one_gate(gate):
    return Catalog([CATALOG["marks_raw"], CATALOG["marks"]]).extended([], [extend("silver.marks", gates=[gate])])


def test_a_run_by_hand_judges_a_stopped_table_each_time(spark, tmp_path):
    sample, _ = watched(spark, tmp_path)

    assert judged(sample, None) == (True, 2)
    assert judged(sample, None) == (True, 3)


def test_a_stop_is_an_error_in_the_log_once(spark, tmp_path, caplog):
    sample, stopped = watched(spark, tmp_path)
    arguments = (sample.engine, sample.catalog, sample.state, sample.settings)
    caplog.set_level(logging.DEBUG, "shoplake.pipeline")
    sample.drop("marks/3", mark("e", "2026-03-03T09:00:00Z"))

    for _ in range(3):
        run_logged(*arguments, stopped=stopped)

    levels = [record.levelname for record in caplog.records if "stopped by unique_at" in record.getMessage()]
    assert levels == ["ERROR", "DEBUG", "DEBUG"]
