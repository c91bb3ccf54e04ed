"""The time of each table in the runs of two systems, and their ratio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from systems import DUCKDB, SHOPLAKE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


FITTED_IN_PYTHON = "gold.customer_value_models"
"""Left out of every comparison: no SQL fits a model, so that both fit it in Python, and scipy takes 300 times as long
as shoplake's own fit. The ratio of all tables would be that of two minimizers."""


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
    table, and so is a step of the DuckDB job that only prepares the next one. `FITTED_IN_PYTHON` is left out.
    """
    ours = _least(_seconds_of_shoplake(run["report"]) for run in runs if run["system"] == SHOPLAKE.name)
    theirs = _least(_seconds_of_duckdb(run["report"]) for run in runs if run["system"] == DUCKDB.name)
    rows = [
        TableRatio(table, seconds, theirs[table])
        for table, seconds in ours.items()
        if table in theirs and table != FITTED_IN_PYTHON
    ]
    return sorted(rows, key=lambda row: -row.shoplake_s)


def fit_seconds(system: str, report: Mapping[str, Any]) -> tuple[float, float]:
    """Return the seconds and the CPU seconds of `FITTED_IN_PYTHON` in a run; shoplake's fit uses one core."""
    if system == DUCKDB.name:
        return report["steps"].get(FITTED_IN_PYTHON, 0.0), report["cpu_steps"].get(FITTED_IN_PYTHON, 0.0)
    seconds = _seconds_of_shoplake(report).get(FITTED_IN_PYTHON, 0.0)
    return seconds, seconds


def _least(runs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    best: dict[str, float] = {}
    for run in runs:
        for table, seconds in run.items():
            best[table] = min(seconds, best.get(table, seconds))
    return best


def _seconds_of_shoplake(report: Mapping[str, Any]) -> dict[str, float]:
    return {step["table"]: step["duration_s"] for step in report["tables"]}


def _seconds_of_duckdb(report: Mapping[str, Any]) -> dict[str, float]:
    return steps_by_table(report, "steps")


def steps_by_table(report: Mapping[str, Any], clock: str) -> dict[str, float]:
    """Return what each table of the DuckDB job took, with the steps that prepare it.

    `clock` is `steps` for seconds, `cpu_steps` for CPU seconds.
    """
    seconds: dict[str, float] = {}
    waiting = 0.0
    for step, duration in report[clock].items():
        waiting += duration
        if step in report["rows"] and not step.endswith("_quarantine"):
            seconds[step], waiting = round(waiting, 3), 0.0
    return seconds
