from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fakes import FakeStateStore
from sample_tables import marks

from shoplake.declare import slo
from shoplake.engine import WriteResult
from shoplake.pipeline.run_result import RunResult, TableResult
from shoplake.quality import error_budget
from shoplake.quality.error_budget import check_budgets

NOW = datetime(2026, 3, 29, tzinfo=UTC)


def ran(days_ago, read=1000, bad=0, table="silver.marks", offsets=None):
    cells = {"table": table, "run_id": f"{days_ago}", "run_started_at": NOW - timedelta(days=days_ago)}
    return cells | {"rows_read": read, "rows_quarantined": bad, "offsets": offsets}


@pytest.fixture
def spent(monkeypatch):
    monkeypatch.setattr(error_budget, "table_exists", lambda _: True)

    def spent(gate, *runs, current=None):
        state = FakeStateStore(table_runs=list(runs))
        results = check_budgets(state, [replace(marks, gates=(gate,))], NOW, current)
        return {each.slice: (each.value, each.status) for each in results}

    return spent


def test_invalid_rows_are_a_share_of_those_that_are_allowed(spent):
    gate = slo(valid=0.99)

    assert spent(gate, ran(9, bad=5), ran(1, bad=5)) == {"valid rows": (0.5, "pass")}
    assert spent(gate, ran(9, bad=5), ran(1, bad=30)) == {"valid rows": (1.75, "warn")}


def test_runs_before_the_time_of_the_budget_and_of_other_tables_do_not_count(spent):
    runs = ran(29, bad=900), ran(1, bad=900, table="silver.other"), ran(1, bad=10)

    assert spent(slo(valid=0.99, over="28 days"), *runs) == {"valid rows": (1.0, "pass")}


def test_a_run_that_is_not_recorded_yet_counts(spent):
    current = RunResult("0", tables=[TableResult("silver.marks", WriteResult(1000, 980, 20), 0.1, 980, 1)])

    assert spent(slo(valid=0.99), current=current) == {"valid rows": (2.0, "warn")}
    assert spent(slo(valid=0.99), ran(0, bad=20), current=current) == {"valid rows": (2.0, "warn")}


def test_time_counts_from_when_the_last_write_is_too_long_ago(spent):
    gate = slo(valid=0.9, fresh="2 days", over="10 days")

    assert spent(gate, ran(3), ran(2))["freshness"] == (0.0, "pass")
    assert spent(gate, ran(5), ran(1.5))["freshness"] == (1.5, "warn")


def test_only_time_within_the_budget_counts_and_a_table_is_not_late_before_its_first_write(spent):
    gate = slo(valid=0.9, fresh="2 days", over="10 days")

    assert spent(gate, ran(40))["freshness"] == (10.0, "warn")
    assert spent(gate, ran(1))["freshness"] == (0.0, "pass")


def test_a_table_that_was_never_written_has_spent_nothing(spent):
    assert spent(slo(fresh="1 day")) == {}


def test_records_that_are_read_again_do_not_count_again_but_all_batches_of_a_run_do(spent):
    first = [ran(9, bad=5, offsets="b1"), ran(9, bad=15, offsets="b1")]
    replayed = ran(1, read=20, bad=20, offsets="b1")

    assert spent(slo(valid=0.99), *first, replayed) == {"valid rows": (1.0, "pass")}
