"""A rule that stops: readers keep their rows, other branches go on, and the next run tries again."""

import pytest
from deltalake import DeltaTable
from sample_lake import SampleLake
from sample_tables import CATALOG, daily, latest, mark, marks, price, prices

from shoplake.declare import expect, extend, unique, warn
from shoplake.engine import AUDIT, GATES
from shoplake.errors import CommitError
from shoplake.pipeline.runner import PipelineRun
from shoplake.quality.gates import Acceptance

RULE = expect("n_small", "n < 9", stop_above=0.25, at_least=2)
STOPPING = CATALOG.extended([], [extend("silver.marks", expectations=[RULE])])
GOOD = [mark("a"), mark("b", n=2)]
BAD = [mark("c", n=10), mark("d", n=11), mark("e", n=3)]


@pytest.fixture(scope="module")
def template(spark, tmp_path_factory):
    sample = SampleLake(spark, tmp_path_factory.mktemp("stopped"), catalog=STOPPING)
    sample.drop("marks/1", *GOOD)
    sample.run()
    sample.drop("marks/2", *BAD)
    sample.drop("prices/1", price("pen", "1.00", "2026-03-01T09:00:00Z"))
    return sample


@pytest.fixture
def stopped(template, tmp_path):
    """A lake whose next run stops at a rule."""
    return template.copy(tmp_path)


def ids(sample, table):
    return [row[0] for row in sample.rows(table, "id")]


def gates(sample):
    return [(row["table"], row["gate"], row["status"]) for row in sample.state.read(GATES)]


def accepted_run(sample):
    acceptance = Acceptance(frozenset({"silver.marks.n_small"}), "ada@shop", "new tracker")
    return PipelineRun(sample.engine, sample.catalog, sample.state, sample.settings, acceptance=acceptance).execute()


def test_a_stopped_table_keeps_its_rows_and_what_is_made_of_it_is_not_built(stopped):
    before = stopped.versions()
    [stop] = stopped.run().stops

    assert (stop.table, stop.rule, stop.rows_violating, stop.rows_read) == ("silver.marks", "n_small", 2, 3)
    assert set(stop.not_built) == {"silver.visits", "gold.daily", "gold.totals"}
    assert ids(stopped, marks) == ["a", "b"]
    after = stopped.versions()
    assert [name for name in ("marks", "visits", "daily", "totals") if before[name] != after[name]] == []


def test_other_branches_go_on(stopped):
    stopped.run()

    assert ids(stopped, latest) == ["a", "b", "c", "d", "e"]
    assert [row[0] for row in stopped.rows(prices, "thing")] == ["pen"]


@pytest.mark.slow
def test_the_next_run_tries_again_and_stops_again(stopped):
    stopped.run()
    result = stopped.run()

    assert ([stop.rule for stop in result.stops], result.tables) == (["n_small"], [])


@pytest.mark.sample
def test_an_accepted_rule_lets_one_run_pass_and_quarantines_as_ever(stopped):
    stopped.run()
    result = accepted_run(stopped)

    assert (result.stops, ids(stopped, marks)) == ([], ["a", "b", "e"])
    quarantine = DeltaTable(stopped.engine.path(stopped.catalog["marks"].quarantine)).to_pyarrow_table()
    assert quarantine["reasons"].to_pylist() == [["n_small"], ["n_small"]]
    assert stopped.days()["2026-03-01"] == (6, 1)


@pytest.mark.sample
def test_an_acceptance_ends_with_its_run(stopped):
    accepted_run(stopped)
    stopped.drop("marks/3", mark("f", n=12), mark("g", n=13))

    assert [stop.rule for stop in stopped.run().stops] == ["n_small"]


@pytest.mark.slow
def test_gates_and_the_audit_say_what_happened(stopped):
    stopped.run()
    accepted_run(stopped)

    assert sorted(gates(stopped)) == [("silver.marks", "n_small", each) for each in ("accepted", "pass", "stop")]
    [row] = stopped.state.read(AUDIT)
    assert (row["actor"], row["subject"], row["because"]) == ("ada@shop", "silver.marks.n_small", "new tracker")


@pytest.mark.sample
def test_a_run_after_the_files_are_mended_is_a_lake_that_saw_only_them(stopped, spark, tmp_path):
    stopped.run()
    accepted_run(stopped)
    other = SampleLake(spark, tmp_path / "other", catalog=CATALOG)
    other.drop("marks/1", *GOOD)
    other.drop("marks/2", BAD[2])
    other.drop("prices/1", price("pen", "1.00", "2026-03-01T09:00:00Z"))
    other.run()

    assert stopped.rows(daily) == other.rows(daily)


def test_a_write_of_fewer_rows_than_asked_for_is_not_stopped(spark, tmp_path):
    sample = SampleLake(spark, tmp_path, catalog=STOPPING)
    sample.drop("marks/1", mark("a", n=99))

    assert (sample.run().stops, ids(sample, marks)) == ([], [])


def test_a_gate_that_does_not_pass_warns_and_the_rows_stay(spark, tmp_path):
    catalog = CATALOG.extended([], [extend("silver.marks", gates=[unique("who")])])
    sample = SampleLake(spark, tmp_path, catalog=catalog)
    sample.drop("marks/1", *GOOD)

    [gate] = sample.run().gates

    assert (gate.gate, gate.slice, gate.value, gate.status) == ("unique_who", "shop", 1.0, "warn")
    assert gates(sample) == [("silver.marks", "unique_who", "warn")]
    assert ids(sample, marks) == ["a", "b"]


def test_a_rule_that_fails_on_a_value_names_its_table(spark, tmp_path):
    numeric = CATALOG.extended([], [extend("gold.daily", expectations=[warn("fails", "CAST('x' AS INT) = pieces")])])
    sample = SampleLake(spark, tmp_path, catalog=numeric)
    sample.drop("marks/1", *GOOD)

    with pytest.raises(CommitError, match=r"^gold\.daily: Write failed: Cannot cast"):
        sample.run()
