"""Gates that stop: whatever the write mode, a write that does not pass leaves table and quarantine as they were."""

from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from sample_documents import receipt, receipts, receipts_raw
from sample_lake import SampleLake
from sample_tables import CATALOG, DAY, FEED, copies, latest, mark, marks, price, totals

from shoplake.declare import Replace, agrees, col, extend, fresh, rows_like_history, table, unique
from shoplake.declare.catalog import Catalog
from shoplake.engine import GATES, METRICS
from shoplake.engine.state import state_store
from shoplake.pipeline.runner import PipelineRun
from shoplake.quality.gates import Acceptance

LEAVES = {
    "silver.latest": unique("at", stop=True),
    "silver.visits": unique("ended_at", stop=True),
    "gold.daily": agrees("three", "SELECT sum(pieces) FROM gold.daily", "SELECT 3 AS n", stop=True, cents_per_row=1),
}
"""Tables that are upserted, recomputed by sessions, and overwritten by partitions."""
ROOTS = {"silver.marks": unique("at", stop=True), "silver.prices": unique("price", stop=True)}
"""Tables that are upserted within a window, and a history."""
ADA, BO = mark("a", "2026-03-01T09:00:00Z"), mark("b", "2026-03-02T09:00:00Z", n=2)
LIKE_BO, INVALID = mark("c", "2026-03-02T09:00:00Z", n=2, who="cy"), [mark("x", n=0), mark("y", n=-1)]


def two_runs(spark, folder, gates):
    """A lake after two runs, the second of which repeats values; the versions after the first, and both results."""
    sample = SampleLake(spark, folder, catalog=CATALOG.extended([], [extend(t, gates=[g]) for t, g in gates.items()]))
    sample.drop("marks/1", ADA, BO, INVALID[0])
    sample.drop("prices/1", price("pen", "1.00", "2026-03-01T09:00:00Z"))
    first = sample.run()
    before = sample.versions()
    sample.drop("marks/2", LIKE_BO, INVALID[1])
    sample.drop("prices/2", price("ink", "1.00", "2026-03-01T09:00:00Z"))
    return sample, before, first, sample.run()


@pytest.fixture(scope="module")
def leaves(spark, tmp_path_factory):
    return two_runs(spark, tmp_path_factory.mktemp("leaves"), LEAVES)


@pytest.fixture(scope="module")
def roots(spark, tmp_path_factory):
    return two_runs(spark, tmp_path_factory.mktemp("roots"), ROOTS)


def accepting(sample, *names):
    acceptance = Acceptance(frozenset(names), "ada@shop", "stock count")
    return PipelineRun(sample.engine, sample.catalog, sample.state, sample.settings, acceptance=acceptance).execute()


@pytest.mark.sample
def test_a_write_that_passes_is_committed_and_recorded(leaves):
    sample, before, first, _ = leaves

    assert first.stops == []
    assert min(before[name.rpartition(".")[2]] for name in LEAVES) > 0
    passed = {(row["table"], row["gate"]) for row in sample.state.read(GATES) if row["status"] == "pass"}
    assert passed == {(table, gate.name) for table, gate in LEAVES.items()}


def test_a_write_that_does_not_pass_leaves_the_table_as_it_was(leaves):
    sample, before, _, second = leaves

    assert {(stop.table, stop.rule) for stop in second.stops} == {(t, gate.name) for t, gate in LEAVES.items()}
    after = sample.versions()
    assert [name for name in LEAVES if before[name.rpartition(".")[2]] != after[name.rpartition(".")[2]]] == []


def test_a_stop_says_what_was_measured(leaves):
    *_, second = leaves
    measured = {stop.table: stop.measured for stop in second.stops}

    [days], [visits] = measured["gold.daily"], measured["silver.visits"]
    assert (days.value, days.low, days.high) == (5, 2.98, 3.02)
    assert (visits.slice, visits.value, visits.status) == ("shop", 1, "stop")


def test_tables_made_of_a_stopped_one_are_not_built(roots):
    *_, second = roots
    blocked = {stop.table: set(stop.not_built) for stop in second.stops}

    assert set(blocked) == {"silver.marks", "silver.prices"}
    assert {"silver.visits", "gold.daily", "gold.totals"} <= set().union(*blocked.values())


def test_the_quarantine_of_a_stopped_table_waits_for_its_rows(roots):
    sample, *_ = roots

    assert sample.engine.row_count(marks.quarantine) == 1
    assert sample.engine.row_count(latest.quarantine) == 2


@pytest.mark.sample
def test_an_accepted_gate_lets_one_run_pass_and_says_why(spark, tmp_path):
    sample, *_ = two_runs(spark, tmp_path, {"silver.marks": ROOTS["silver.marks"]})

    result = accepting(sample, "silver.marks.unique_at")

    assert (result.stops, [row[0] for row in sample.rows(marks, "id")]) == ([], ["a", "b", "c"])
    [row] = [row for row in sample.state.read(GATES) if row["status"] == "accepted"]
    assert (row["gate"], row["accepted_by"], row["because"]) == ("unique_at", "ada@shop", "stock count")


def test_a_row_that_replaces_its_own_does_not_repeat_it(spark, tmp_path):
    catalog = CATALOG.extended([], [extend("silver.latest", gates=[unique("who", stop=True)])])
    sample = SampleLake(spark, tmp_path, catalog=Catalog([catalog["marks_raw"], catalog["latest"]]))
    sample.drop("marks/1", ADA, mark("b", who="bo"))
    sample.run()
    sample.drop("marks/2", mark("a", "2026-03-03T09:00:00Z", n=7))

    assert (sample.run().stops, sample.rows(latest, "id", "n")) == ([], [("a", 7), ("b", 1)])


def test_rows_that_are_appended_to_a_table_do_not_repeat_those_it_has(spark, tmp_path):
    stopping = extend("silver.copies", gates=[unique("n", stop=True)]).apply(copies)
    sample = SampleLake(spark, tmp_path, catalog=Catalog([CATALOG["marks_raw"], marks, stopping]))
    sample.drop("marks/1", ADA)
    sample.run()
    sample.drop("marks/2", BO)
    assert sample.run().stops == []
    sample.drop("marks/3", LIKE_BO)

    assert ([stop.rule for stop in sample.run().stops], len(sample.rows(copies))) == (["unique_n"], 2)


@pytest.mark.slow
def test_a_table_that_is_overwritten_whole_keeps_its_rows(spark, tmp_path):
    gate = agrees("three", "SELECT sum(pieces) FROM gold.totals", "SELECT 3 AS n", stop=True)
    sample, before, _, second = two_runs(spark, tmp_path, {"gold.totals": gate})

    assert [stop.table for stop in second.stops] == ["gold.totals"]
    assert sample.versions()["totals"] == before["totals"] and sample.rows(totals, "pieces") == [(3,)]


def test_a_stopped_document_keeps_its_lines(spark, tmp_path):
    gate = unique("n", stop=True)
    catalog = Catalog([receipts_raw, receipts]).extended([], [extend("silver.receipts", gates=[gate])])
    sample = SampleLake(spark, tmp_path, catalog=catalog)
    sample.drop("receipts/1", receipt("x", 1))
    sample.run()
    sample.drop("receipts/2", receipt("x", 5, 5))

    assert [stop.rule for stop in sample.run().stops] == ["unique_n"]
    assert [row[0] for row in sample.rows(receipts, "n")] == [1]


@pytest.mark.slow
def test_an_accepted_day_stops_no_later_run(spark, tmp_path):
    gates = {"silver.marks": rows_like_history("day", stop=True)}
    catalog = Catalog([CATALOG["marks_raw"], marks]).extended([], [extend(t, gates=[g]) for t, g in gates.items()])
    sample = SampleLake(spark, tmp_path, catalog=catalog)
    usual = [mark(f"{day}-{each}", f"2026-03-{day:02}T09:00:00Z") for day in range(1, 27) for each in range(30)]
    sample.drop("marks/1", *usual)
    assert sample.run().stops == []
    metrics = sample.state.read(METRICS)
    assert [(row["day"].day, row["measured"]) for row in metrics] == [(day, 30) for day in range(1, 26)]
    assert [row["day"].day for row in metrics if row["expected"] is not None] == [25]
    sample.drop("marks/2", mark("late", "2026-03-28T09:00:00Z"))
    [stop] = sample.run().stops
    assert [each.slice for each in stop.measured] == ["shop 2026-03-27"]

    accepting(sample, "silver.marks.rows_like_history")
    sample.drop("marks/3", mark("later", "2026-03-27T09:00:00Z"))

    assert sample.run().stops == []


@table(
    "gold",
    key=["feed", "day"],
    write=Replace(partition_by="day"),
    partition_by=["day"],
    gates=[unique("day", stop=True)],
    columns=[FEED, DAY, col("names", "array<string>", "Who")],
)
def named(marks: DataFrame) -> DataFrame:
    """One row per day, with a list."""
    return marks.groupBy("feed", "day").agg(F.sort_array(F.collect_set("who")).alias("names"))


def test_days_with_a_list_are_written_beside_others_once_a_gate_has_seen_them(spark, tmp_path):
    sample = SampleLake(spark, tmp_path, catalog=Catalog([*CATALOG.values(), named]))
    sample.drop("marks/1", ADA, BO)
    sample.run()
    sample.drop("marks/2", LIKE_BO)

    assert sample.run().stops == []
    assert {str(day): names for day, names in sample.rows(named, "day", "names")} == {
        "2026-03-01": ["ada"],
        "2026-03-02": ["ada", "cy"],
    }


def test_a_table_is_as_fresh_as_it_is_now_though_the_clock_of_a_run_was_ahead(spark, tmp_path, monkeypatch):
    class Ahead(datetime):
        @classmethod
        def now(cls, tz=UTC):
            return datetime.now(tz) + timedelta(days=31)

    sample = SampleLake(
        spark, tmp_path, catalog=CATALOG.extended([], [extend("silver.latest", gates=[fresh("at", within="2 days")])])
    )
    sample.drop("marks/1", ADA)
    monkeypatch.setattr(state_store, "datetime", Ahead)
    sample.run()
    monkeypatch.undo()
    sample.drop("marks/2", mark("new", f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"))

    result = sample.run()

    assert [each.gate for each in result.gates] == []
    [age] = [row["value"] for row in sample.state.read(GATES) if row["run_id"] == result.run_id]
    assert 0.9 < age < 1.1


def test_a_record_of_a_clock_that_is_ahead_makes_no_days_of_no_rows(spark, tmp_path):
    gate = extend("silver.latest", gates=[rows_like_history("day")])
    sample = SampleLake(spark, tmp_path, catalog=CATALOG.extended([], [gate]))
    now = datetime.now(UTC).replace(hour=0, minute=0)
    days = [f"{now + timedelta(days=each):%Y-%m-%dT%H:%M:%SZ}" for each in (*range(-30, 1), 200)]
    sample.drop("marks/1", *(mark(f"{day} {each}", day) for day in days[:-1] for each in range(9)))
    sample.run()
    sample.drop("marks/2", mark("new", days[-2]), mark("ahead", days[-1]))

    assert sample.run().gates == []
    assert max(row["day"] for row in sample.state.read(METRICS)) < now.date()
