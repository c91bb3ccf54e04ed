"""The time of each table in the runs of two systems, and their ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from systems import DUCKDB, SHOPLAKE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True)
class TableRatio:
    """The least seconds of a table by shoplake and by DuckDB; `tables` are several that one step of one makes."""

    table: str
    shoplake_s: float
    duckdb_s: float

    @property
    def ratio(self) -> float:
        """How many times as long shoplake takes."""
        return self.shoplake_s / max(self.duckdb_s, 0.001)

    def cells(self) -> tuple[str, ...]:
        """Return the cells of a row: table, seconds and ratio."""
        return self.table, f"{self.shoplake_s:.2f}", f"{self.duckdb_s:.2f}", f"{self.ratio:.1f}"


def compare_tables(runs: Sequence[Mapping[str, Any]]) -> list[TableRatio]:
    """Return the ratio of each table, the slowest by shoplake first; empty unless both systems ran.

    shoplake updates two tables at a time, so that its seconds include waiting for a core. A quarantine is part of its
    table, and so is a step of the DuckDB job that only prepares the next one.
    """
    ours = _least(_seconds_of_shoplake(run["report"]) for run in runs if run["system"] == SHOPLAKE.name)
    theirs = _least(_seconds_of_duckdb(run["report"]) for run in runs if run["system"] == DUCKDB.name)
    rows = [TableRatio(table, seconds, theirs[table]) for table, seconds in ours.items() if table in theirs]
    return sorted(rows, key=lambda row: -row.shoplake_s)


def _least(runs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    best: dict[str, float] = {}
    for run in runs:
        for table, seconds in run.items():
            best[table] = min(seconds, best.get(table, seconds))
    return best


def _seconds_of_shoplake(report: Mapping[str, Any]) -> dict[str, float]:
    return {step["table"]: step["duration_s"] for step in report["tables"]}


def _seconds_of_duckdb(report: Mapping[str, Any]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    waiting = 0.0
    for step, duration in report["steps"].items():
        waiting += duration
        if step in report["rows"] and not step.endswith("_quarantine"):
            seconds[step], waiting = round(waiting, 3), 0.0
    return seconds
