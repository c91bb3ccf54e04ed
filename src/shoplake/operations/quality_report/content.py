"""What a report says: collected from the `ops` tables and the quarantines, and in the order in which it is shown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.engine import ERRORS, GATES, INCIDENTS, TABLE_RUNS, table_exists
from shoplake.operations.quality_report.examples import quarantine_examples
from shoplake.operations.quarantine.records import RecordFilter, summarise
from shoplake.quality.alerts.incident import Incident, fold
from shoplake.quality.quarantine import count_open
from shoplake.quality.report import recorded_quality, unmatched_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import StateStore, TableReader

HISTORY = 30
"""Runs that a table's history shows, and runs that are listed."""
Row = dict[str, Any]


@dataclass(frozen=True)
class ReportContent:
    """The state of a lake as its last run left it, which started `at`."""

    lake: str
    at: datetime
    incidents: list[Incident]
    tables: list[Row]
    rules: list[Row]
    gates: list[Row]
    anomalies: list[Row]
    quarantine: list[Row]
    runs: list[Row]
    costs: list[Row]
    lineage: list[tuple[str, list[str]]]
    unmatched_files: int
    open_records: int


def collect(
    engine: TableReader, catalog: Catalog, state: StateStore, quarantines: Iterable[Table[...]]
) -> ReportContent:
    """Return what a report says. `quarantines` are the tables that have quarantined records."""
    names = [table.qualified_name for table in catalog.ordered]
    table_runs = sorted(state.read(TABLE_RUNS), key=lambda row: (row["run_started_at"], row["table"], row["version"]))
    checks = recorded_quality(state, names)
    all_gates = state.read(GATES) if table_exists(state.path(GATES)) else []
    incidents = fold(state.read(INCIDENTS)).values() if table_exists(state.path(INCIDENTS)) else []
    errors = state.read(ERRORS) if table_exists(state.path(ERRORS)) else []
    filled = [table for table in quarantines if table.quarantine is not None]
    return ReportContent(
        state.lake.rpartition("/")[2],
        state.latest(),
        [each for each in incidents if each.is_open],
        list(_tables(names, table_runs, checks)),
        sorted(filter(_is_broken, checks), key=lambda row: (row["status"], -(row["rows_failed"] or 0), row["table"])),
        last_gates(all_gates),
        _anomalies(all_gates),
        quarantine_examples(engine, catalog, filled, summarise(engine, filled, RecordFilter())),
        runs(table_runs, errors),
        costs(table_runs),
        [(table.qualified_name, [catalog[each].qualified_name for each in table.inputs]) for table in catalog.ordered],
        len(unmatched_files(state)),
        sum(count_open(engine, filled).values()),
    )


def _tables(names: Iterable[str], table_runs: Iterable[Row], checks: Iterable[Row]) -> Iterable[Row]:
    """Yield for each table its last run, its status and what its last runs wrote."""
    history: dict[str, list[Row]] = defaultdict(list)
    for row in table_runs:
        history[row["table"]].append(row)
    status = {row["table"]: row["status"] for row in checks if row["check_type"] == "table"}
    for name in names:
        if rows := history.get(name):
            written = [row["rows_written"] or 0 for row in rows[-HISTORY:]]
            bad = [row["rows_quarantined"] or 0 for row in rows[-HISTORY:]]
            yield {**rows[-1], "status": status.get(name, "PASS"), "written": written, "quarantined": bad}


def _is_broken(row: Mapping[str, Any]) -> bool:
    return row["check_type"] != "table" and str(row["status"]) != "PASS"


def last_gates(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the gates of each table as the last run that evaluated them left them, those that fail first."""
    last: dict[tuple[str, str], tuple[datetime, str]] = {}
    for row in rows:
        key, stamp = (row["table"], row["gate"]), (row["recorded_at"], row["run_id"])
        last[key] = max(stamp, last.get(key, stamp))
    chosen = [dict(row) for row in rows if last[row["table"], row["gate"]] == (row["recorded_at"], row["run_id"])]
    return sorted(chosen, key=lambda row: (row["status"] == "pass", row["table"], row["gate"], row["slice"] or ""))


def _anomalies(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the days that were unlike their history, the newest record of each."""
    days: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["recorded_at"]):
        if row["gate"].endswith("_like_history"):
            days[row["table"], row["gate"], row["slice"] or ""] = row
    return [dict(days[key]) for key in sorted(days) if days[key]["status"] == "warn"]


def runs(table_runs: Iterable[Mapping[str, Any]], errors: Iterable[Mapping[str, Any]] = ()) -> list[Row]:
    """Return the last runs, the newest first: tables, rows, seconds of work, and the kind of error that ended one."""
    found: dict[str, Row] = {}
    for row in table_runs:
        run = found.setdefault(row["run_id"], _run(row["run_started_at"]))
        run["tables"] += 1
        run["rows"] += row["rows_written"] or 0
        run["bad"] += row["rows_quarantined"] or 0
        run["s"] += row["duration_s"] or 0.0
    for error in errors:
        found.setdefault(error["run_id"], _run(error["recorded_at"]))["error"] = error["kind"]
    return sorted(found.values(), key=lambda run: run["at"], reverse=True)[:HISTORY]


def _run(at: datetime) -> Row:
    return {"at": at, "tables": 0, "rows": 0, "bad": 0, "s": 0.0, "error": ""}


def costs(table_runs: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the seconds of work by table over all recorded runs, the dearest first."""
    found: dict[str, Row] = {}
    for row in table_runs:
        cost = found.setdefault(row["table"], {"table": row["table"], "s": 0.0, "writes": 0})
        cost["s"] += row["duration_s"] or 0.0
        cost["writes"] += 1
    return sorted(found.values(), key=lambda cost: (-cost["s"], cost["table"]))[:10]
