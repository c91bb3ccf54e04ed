"""Progress of `run --watch`: its runs in one line."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.spinner import Spinner

from shoplake.cli.console import format_number, pluralize
from shoplake.cli.views.run.run_result import count_records

if TYPE_CHECKING:
    import threading
    from collections.abc import Mapping

    from shoplake.pipeline.runner import RunResult, TableResult


COUNTS = ("files", "runs", "rows", "duration_s", "lag_s")
"""What is known of all runs, and of the last one with files."""


class WatchView:
    """Listens to runs and sums them up in one line."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop, self._spinner = stop, Spinner("dots")
        self._started_at: float | None = None
        self._table = ""
        self.is_locked_out = self.is_restarting = False
        self._stopped: set[tuple[str, str]] = set()
        self.files = self.runs = self.rows = 0
        self.duration_s = 0.0
        self.lag_s: float | None = None
        self.changed_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what the line of a later process goes on with."""
        changed_at = self.changed_at.isoformat() if self.changed_at else None
        return {name: getattr(self, name) for name in COUNTS} | {"changed_at": changed_at}

    def resume(self, values: Mapping[str, Any]) -> None:
        """Go on with the counts that `to_json` of an earlier process returned."""
        changed_at = datetime.fromisoformat(values["changed_at"]) if values["changed_at"] else None
        vars(self).update({name: values[name] for name in COUNTS}, changed_at=changed_at)

    def started(self, table: str) -> None:
        """Show that a table is in progress."""
        self._started_at = self._started_at or time.perf_counter()
        self._table = table

    def finished(self, step: TableResult) -> None:
        """Do nothing: only whole runs are counted."""

    def add_run(self, result: RunResult) -> bool:
        """Count a run; return whether there is something to print about it, such as a table that is newly stopped."""
        self.runs += 1
        started_at, self._started_at, self._table = self._started_at, None, ""
        if result.files:
            self.files += result.files
            self.rows, _ = count_records(result)
            self.duration_s = time.perf_counter() - started_at if started_at else 0.0
            self.changed_at = datetime.now(UTC)
            self.lag_s = (self.changed_at - result.oldest_file_at).total_seconds() if result.oldest_file_at else None
        stopped = {(stop.table, stop.rule) for stop in result.stops}
        is_new, self._stopped = bool(stopped - self._stopped), stopped
        return bool(is_new or result.tables or result.rejected or result.unreadable or result.unmatched)

    @property
    def rate(self) -> str:
        """The speed of the last run with new files, and the age of its oldest file at the end."""
        lag = f", lag {self.lag_s:.1f} s" if self.lag_s is not None else ""
        return f"{format_number(round(self.rows / self.duration_s))} rows/s{lag}" if self.duration_s else "nothing yet"

    def line(self) -> str:
        """Return the present state as one line."""
        idle = "waiting for another process" if self.is_locked_out else "watching"
        ending = "starting the process again" if self.is_restarting else "finishing the current batch"
        state = ending if self._stop.is_set() else self._table or idle
        changed = f", last change {self.changed_at:%H:%M:%S} UTC" if self.changed_at else ""
        return f"{state}: {pluralize(self.files, 'file')}, {self.rate}, {pluralize(self.runs, 'run')}{changed}"

    def __rich__(self) -> Spinner:
        self._spinner.update(text=self.line())
        return self._spinner
