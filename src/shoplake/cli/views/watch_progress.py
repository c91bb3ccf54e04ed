"""A lake kept up to date: a line that lives on a terminal; elsewhere a line for each run that took something."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.live import Live
from rich.spinner import Spinner

from shoplake.cli.console import counted, number
from shoplake.cli.views import run_progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from shoplake.lake import Lake
    from shoplake.pipeline.runner import RunResult, TableResult


class Watching:
    """Watches runs go by and counts what they took."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop, self._spinner = stop, Spinner("dots")
        self._began: float | None = None
        self._table = ""
        self.files = self.runs = self.rows = 0
        self.seconds = 0.0
        self.lag: float | None = None
        self.changed_at: datetime | None = None

    def started(self, table: str) -> None:
        """A run has something to do."""
        self._began = self._began or time.perf_counter()
        self._table = table

    def finished(self, step: TableResult) -> None:
        """Nothing: only whole runs count."""

    def took(self, report: RunResult) -> bool:
        """Count a run; whether it has something to tell."""
        self.runs += 1
        began, self._began, self._table = self._began, None, ""
        if report.files:
            self.files += report.files
            self.rows, _ = run_progress.arrived(report)
            self.seconds = time.perf_counter() - began if began else 0.0
            self.changed_at = datetime.now(UTC)
            self.lag = (self.changed_at - report.oldest_file_at).total_seconds() if report.oldest_file_at else None
        return bool(report.tables or report.rejected or report.unreadable)

    @property
    def rate(self) -> str:
        """How fast the last run that took files was, and how long its oldest file had waited by its end."""
        lag = f", lag {self.lag:.1f} s" if self.lag is not None else ""
        return f"{number(round(self.rows / self.seconds))} rows/s{lag}" if self.seconds else "nothing yet"

    def line(self) -> str:
        """What there is to see now."""
        work = "finishing the batch in work" if self._stop.is_set() else self._table or "watching"
        changed = f", last change {self.changed_at:%H:%M:%S} UTC" if self.changed_at else ""
        return f"{work}: {counted(self.files, 'file')}, {self.rate}, {counted(self.runs, 'run')}{changed}"

    def __rich__(self) -> Spinner:
        self._spinner.update(text=self.line())
        return self._spinner


def keep_up(out: Console, lake: Lake, every_s: float, *, as_json: bool = False) -> None:
    """Bring the lake up to date again and again until SIGINT or SIGTERM; the batch in work is finished first."""
    stop = threading.Event()
    watching = Watching(stop)
    live = Live(watching, console=out, transient=True, refresh_per_second=8)
    _ = lake.engine  # started first: Sail would take SIGINT for its own end if its handler came after ours
    with stopped_by_signals(stop):
        if out.is_terminal:
            live.start()
        try:
            for report in lake.watch(stop, every_s, watching):
                if watching.took(report):
                    _tell(out, watching, report, as_json=as_json)
        finally:
            live.stop()
    took = f"{counted(watching.files, 'file')} in {counted(watching.runs, 'run')}"
    out.print(f"Stopped; the batch in work was finished. It took {took}.", soft_wrap=True)


def _tell(out: Console, watching: Watching, report: RunResult, *, as_json: bool) -> None:
    if as_json:
        data: dict[str, Any] = run_progress.as_data(report, watching.seconds)
        lag = round(watching.lag, 3) if report.files and watching.lag is not None else None
        sys.stdout.write(json.dumps(data | {"lag_seconds": lag}, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()
        return
    run_progress.notices(out, report)
    if report.files and not out.is_terminal:
        took = f"{counted(report.files, 'file')}, {counted(watching.rows, 'row')}, {watching.rate}"
        out.print(f"{watching.changed_at:%Y-%m-%dT%H:%M:%SZ} run {watching.runs}: {took}", soft_wrap=True)


@contextmanager
def stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """The first SIGINT or SIGTERM sets `stop`, the second one interrupts."""

    def handle(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        # In a thread, because this one may hold the event's lock: it may just be about to wait for it.
        threading.Thread(target=stop.set).start()

    before = {each: signal.signal(each, handle) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
