"""How much of the error budgets of tables is spent, as their recorded runs say."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds

from shoplake.declare.gate import ErrorBudget
from shoplake.engine import TABLE_RUNS, table_exists
from shoplake.quality.gate_check import WARN
from shoplake.quality.gates import PASS, GateResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from shoplake.declare import Table
    from shoplake.engine import StateReader
    from shoplake.pipeline.run_result import RunResult, TableResult

ROWS, FRESHNESS = "valid rows", "freshness"
"""The two parts of a budget, as the slices of its gate."""
CELLS = ["table", "run_id", "run_started_at", "rows_read", "rows_quarantined", "offsets"]


def check_budgets(
    state: StateReader, tables: Iterable[Table[...]], now: datetime, current: RunResult | None = None
) -> Iterator[GateResult]:
    """Yield which share of each error budget of the tables is spent; more than 1 warns.

    `current` is the run that is at work since `now`: not all of it is recorded yet. A table that was never written has
    no result.
    """
    written = [] if current is None else [_row(current.run_id, step, now) for step in current.tables]
    run_id = None if current is None else current.run_id
    for table in tables:
        for gate in table.gates:
            if isinstance(gate, ErrorBudget):
                recorded = [row for row in _recorded(state, table) if row["run_id"] != run_id]
                runs = recorded + [row for row in written if row["table"] == table.qualified_name]
                yield from _evaluate(table, gate, _with_news(runs), now)


def _row(run_id: str, step: TableResult, at: datetime) -> dict[str, Any]:
    counts = {"rows_read": step.result.rows_read, "rows_quarantined": step.result.rows_quarantined}
    return {"table": step.table, "run_id": run_id, "run_started_at": at, "offsets": None, **counts}


def _recorded(state: StateReader, table: Table[...]) -> list[dict[str, Any]]:
    if not table_exists(state.path(TABLE_RUNS)):
        return []
    return state.read(TABLE_RUNS, CELLS, ds.field("table") == table.qualified_name)


def _with_news(runs: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the runs that read something new, in order: a replay or a full refresh reads it again."""
    first: dict[str, str] = {}
    ordered = sorted(runs, key=lambda row: row["run_started_at"])
    return [
        row
        for row in ordered
        if (at := row.get("offsets")) is None or first.setdefault(at, row["run_id"]) == row["run_id"]
    ]


def _evaluate(table: Table[...], gate: ErrorBudget, runs: list[dict[str, Any]], now: datetime) -> Iterator[GateResult]:
    if not runs:
        return
    spent = {ROWS: _spent_rows(gate, runs, now)}
    if gate.fresh_s is not None:
        late = _late_s([row["run_started_at"] for row in runs], timedelta(seconds=gate.fresh_s), gate.over_s, now)
        spent[FRESHNESS] = late / (gate.allowed * gate.over_s)
    for part, share in spent.items():
        status = PASS if share <= 1 else WARN
        yield GateResult(table.qualified_name, gate.name, part, round(share, 4), 0.0, 1.0, status)


def _spent_rows(gate: ErrorBudget, runs: Iterable[Mapping[str, Any]], now: datetime) -> float:
    since = now - timedelta(seconds=gate.over_s)
    within = [row for row in runs if row["run_started_at"] >= since]
    read = sum(row["rows_read"] or 0 for row in within)
    return sum(row["rows_quarantined"] or 0 for row in within) / (gate.allowed * read) if read else 0.0


def _late_s(written_at: list[datetime], fresh: timedelta, over_s: int, now: datetime) -> float:
    """Return for how many of the last `over_s` seconds the last write was longer ago than `fresh`."""
    since = now - timedelta(seconds=over_s)
    ends = pairwise([*written_at, now])
    return sum(max(0.0, (end - max(begin + fresh, since)).total_seconds()) for begin, end in ends)
