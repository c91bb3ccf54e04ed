"""Measures a lake for monitoring: runs, rows, lag, quarantines, gates and sizes. Names and counts, never values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoplake.engine import CHECKSUMS, FILES, GATES, RUN_MARKER, TABLE_RUNS, last_commit_at, table_exists, table_size
from shoplake.operations.observe.prometheus import Metric
from shoplake.quality.error_budget import check_budgets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shoplake.declare import Table
    from shoplake.engine import StateReader, TableReader

RESULTS = ("read", "written", "quarantined", "duplicate", "superseded")
GATE_VALUES = {"pass": 0, "accepted": 1, "warn": 1, "stop": 2}  # nosec B105  # the state of a gate
MICROS = 1_000_000


def lake_metrics(
    engine: TableReader,
    state: StateReader,
    tables: Iterable[Table[...]],
    open_records: Mapping[str, int],
    now: datetime | None = None,
) -> list[Metric]:
    """Return the metrics of a lake that has run. `open_records` counts open quarantined records by table."""
    existing = [table for table in tables if table_exists(engine.path(table))]
    return [
        *_run_metrics(state),
        _lag(state, now or datetime.now(UTC)),
        Metric(
            "shoplake_quarantine_open",
            "Quarantined records that wait for a correction.",
            tuple(({"table": name}, count) for name, count in sorted(open_records.items())),
        ),
        _gate_status(state),
        _budgets(state, existing, now or datetime.now(UTC)),
        *_size_metrics(engine, existing),
    ]


def _run_metrics(state: StateReader) -> Iterator[Metric]:
    finished = state.marker(CHECKSUMS, RUN_MARKER)
    samples: tuple[tuple[dict[str, str], float], ...] = ()
    if finished is not None:
        recorded = last_commit_at(state.path(CHECKSUMS)).timestamp()  # a clock may have been set back since the run
        samples = (({}, min(finished / MICROS, recorded)),)
    help_ = "When the last finished run that wrote anything started."
    yield Metric("shoplake_last_success_timestamp_seconds", help_, samples)
    last: dict[str, dict[str, Any]] = {}
    for row in sorted(state.read(TABLE_RUNS), key=lambda row: (row["run_started_at"], row["version"])):
        last[row["table"]] = row
    rows = [last[name] for name in sorted(last)]
    durations = tuple(({"table": row["table"]}, row["duration_s"]) for row in rows)
    yield Metric("shoplake_run_seconds", "How long the last run of a table took.", durations)
    counts = [
        ({"table": row["table"], "result": result}, row[f"rows_{result}"] or 0) for row in rows for result in RESULTS
    ]
    yield Metric("shoplake_rows", "Rows of the last run of a table, by what became of them.", tuple(counts))
    totals = tuple(({"table": row["table"]}, row["rows_total"]) for row in rows)
    yield Metric("shoplake_table_rows", "Rows that a table has.", totals)


def _lag(state: StateReader, now: datetime) -> Metric:
    newest: dict[str, datetime] = {}
    for row in state.read(FILES, ["feed", "state", "modified_at"]):
        if row["state"] == "ingested" and row["modified_at"] is not None:
            newest[row["feed"]] = max(row["modified_at"], newest.get(row["feed"], row["modified_at"]))
    samples = tuple(({"feed": feed}, max(0.0, (now - at).total_seconds())) for feed, at in sorted(newest.items()))
    return Metric("shoplake_lag_seconds", "Age of the newest ingested file of a feed.", samples)


def _gate_status(state: StateReader) -> Metric:
    """Return the last status of each gate, over all slices of a run: their names contain data."""
    rows = state.read(GATES) if table_exists(state.path(GATES)) else []
    worst: dict[tuple[str, str], tuple[datetime, int]] = {}
    for row in rows:
        key, value = (row["table"], row["gate"]), GATE_VALUES[row["status"]]
        at, known = worst.get(key, (row["recorded_at"], 0))
        if row["recorded_at"] >= at:
            worst[key] = (row["recorded_at"], max(value, known) if row["recorded_at"] == at else value)
    samples = tuple(({"table": table, "gate": gate}, value) for (table, gate), (_, value) in sorted(worst.items()))
    return Metric("shoplake_gate_status", "0 pass, 1 warning or accepted, 2 stop.", samples)


def _budgets(state: StateReader, tables: Iterable[Table[...]], now: datetime) -> Metric:
    spent = check_budgets(state, tables, now)
    samples = tuple(({"table": each.table, "part": each.slice}, each.value) for each in spent)
    return Metric(
        "shoplake_error_budget_spent", "Share of an error budget that is spent; above 1 is too much.", samples
    )


def _size_metrics(engine: TableReader, tables: Iterable[Table[...]]) -> Iterator[Metric]:
    sizes = {table.qualified_name: table_size(engine.path(table)) for table in tables}
    files = tuple(({"table": name}, count) for name, (count, _) in sizes.items())
    yield Metric("shoplake_files", "Data files of the current version of a table.", files)
    size = tuple(({"table": name}, size) for name, (_, size) in sizes.items())
    yield Metric("shoplake_bytes", "Size of the current version of a table.", size)
