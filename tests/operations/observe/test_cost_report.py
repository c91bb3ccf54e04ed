from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fakes import FakeStateStore, FakeTables
from sample_tables import marks, totals

from shoplake.operations.observe.cost_report import Cost, report_costs

MODULE = "shoplake.operations.observe.cost_report"


def spent(table, day, cpu_s, size=1_000):
    at = datetime(2026, 3, day, 12, tzinfo=UTC)
    return {"table": table, "cpu_s": cpu_s, "duration_s": 2 * cpu_s, "size": size, "recorded_at": at}


@pytest.fixture
def state(monkeypatch):
    """The costs of three table runs on two days, and what a vacuum freed."""
    monkeypatch.setattr(f"{MODULE}.table_exists", lambda path: not path.endswith("totals"))
    monkeypatch.setattr(f"{MODULE}.table_size", lambda _: (3, 2 * 10**9))
    costs = [spent("silver.marks", 1, 1.5), spent("silver.marks", 2, 0.5), spent("gold.daily", 2, 4.0)]
    freed = {"table": "silver.marks", "size": 700, "recorded_at": datetime(2026, 3, 2, tzinfo=UTC)}
    return FakeStateStore(costs=costs, maintenance=[freed])


def test_a_table_has_the_sum_of_its_runs_its_present_size_and_a_price(state):
    found = report_costs(FakeTables(), state, [marks, totals], price_per_gb=0.5)

    assert found == [
        Cost("gold.daily", 1, 8.0, 4.0, month_price=0.0),
        Cost("silver.marks", 2, 4.0, 2.0, 2 * 10**9, 700, 1.0),
    ]


def test_a_day_has_the_sum_of_its_runs(state):
    found = report_costs(FakeTables(), state, [marks], by="day")

    assert found == [Cost("2026-03-01", 1, 3.0, 1.5, 1_000), Cost("2026-03-02", 2, 9.0, 4.5, 2_000, 700)]
