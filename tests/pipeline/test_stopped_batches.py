"""A stop of a gate ends with the file that has what was missing; that of a rule stays, whatever comes beside it."""

from datetime import date

import pytest
from sample_lake import SampleLake
from sample_tables import CATALOG, mark, marks

from shoplake.declare import expect, extend, rows_like_history
from shoplake.declare.catalog import Catalog
from shoplake.engine import GATES, METRICS, QueryStalledError
from shoplake.engine.write.modes.upsert import UpsertStrategy

FEW = expect("n_small", "n < 9", stop_above=0.25, at_least=2)
LIKE_HISTORY = rows_like_history("day", stop=True)


def day_of(number, first, last):
    return [mark(f"{number}-{each}", f"2026-03-{number:02}T09:00:00Z") for each in range(first, last)]


@pytest.fixture
def halved(spark, tmp_path):
    """A lake with 26 days of 30 marks, and a stopped batch with a fifth of the next day."""
    some = Catalog([CATALOG["marks_raw"], marks]).extended([], [extend("silver.marks", gates=[LIKE_HISTORY])])
    sample = SampleLake(spark, tmp_path, catalog=some)
    sample.drop("marks/1", *(row for number in range(1, 27) for row in day_of(number, 0, 30)))
    sample.run()
    sample.drop("marks/2", *day_of(27, 0, 6), *day_of(28, 0, 1), mark("bad", n=0))
    assert [stop.rule for stop in sample.run().stops] == ["rows_like_history"]
    return sample


def test_the_file_with_the_rest_of_a_day_ends_the_stop(halved):
    halved.drop("marks/3", *day_of(27, 3, 30))

    result = halved.run()

    assert result.stops == []
    [written] = [step.result for step in result.tables if step.table == "silver.marks"]
    assert (written.rows_written, written.rows_duplicate, written.rows_quarantined) == (31, 3, 1)
    days = [row[0] for row in halved.rows(marks, "day")]
    assert [days.count(date(2026, 3, number)) for number in (26, 27, 28)] == [30, 30, 1]
    assert halved.engine.row_count(marks.quarantine) == 1
    measured = [row["measured"] for row in halved.state.read(METRICS) if row["day"] == date(2026, 3, 27)]
    assert measured == [30]
    judged = sorted(halved.state.read(GATES), key=lambda row: row["recorded_at"])
    assert [row["status"] for row in judged if row["slice"] == "shop 2026-03-27"] == ["stop", "pass"]


def test_a_query_that_stands_still_while_a_stopped_gate_is_asked_again_is_no_stop(halved, monkeypatch):
    halved.drop("marks/3", *day_of(27, 3, 30))
    merge_rows, calls = UpsertStrategy.merge_rows, []

    def stands_still_once(strategy, writer, rows):
        calls.append(writer.table.name)
        if len(calls) == 2:
            raise QueryStalledError
        return merge_rows(strategy, writer, rows)

    monkeypatch.setattr(UpsertStrategy, "merge_rows", stands_still_once)

    assert halved.run().stops == []
    assert calls == ["marks"] * 4
    assert [row[0] for row in halved.rows(marks, "day")].count(date(2026, 3, 27)) == 30


def test_a_file_of_other_days_does_not_end_the_stop_of_a_day(halved):
    before = halved.versions()["marks"]
    halved.drop("marks/3", *day_of(28, 1, 30))

    [stop] = halved.run().stops

    assert "shop 2026-03-27" in [each.slice for each in stop.measured]
    assert halved.versions()["marks"] == before


def test_good_rows_of_a_later_file_do_not_end_the_stop_of_a_rule(spark, tmp_path):
    stopping = CATALOG.extended([], [extend("silver.marks", expectations=[FEW])])
    sample = SampleLake(spark, tmp_path, catalog=stopping)
    sample.drop("marks/1", mark("a"))
    sample.run()
    sample.drop("marks/2", mark("b", n=10), mark("c", n=11))
    sample.run()
    sample.drop("marks/3", *(mark(f"d{number}") for number in range(30)))

    assert [stop.rule for stop in sample.run().stops] == ["n_small"]
    assert [row[0] for row in sample.rows(marks, "id")] == ["a"]
