"""Progress of `run --watch`: a live line on a terminal; elsewhere one line per run that ingested files."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.live import Live
from rich.spinner import Spinner

from shoplake.cli.commands.lake.run_outputs import observed
from shoplake.cli.console import format_number, pluralize
from shoplake.cli.output import write_json
from shoplake.cli.views.run.run_result import RunResultView, count_records, print_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from shoplake.lake import Lake
    from shoplake.pipeline.runner import RunResult, TableResult


class WatchView:
    """Listens to runs and sums them up in one line."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop, self._spinner = stop, Spinner("dots")
        self._started_at: float | None = None
        self._table = ""
        self.files = self.runs = self.rows = 0
        self.duration_s = 0.0
        self.lag_s: float | None = None
        self.changed_at: datetime | None = None

    def started(self, table: str) -> None:
        """Show that a table is in progress."""
        self._started_at = self._started_at or time.perf_counter()
        self._table = table

    def finished(self, step: TableResult) -> None:
        """Do nothing: only whole runs are counted."""

    def add_run(self, result: RunResult) -> bool:
        """Count a run; return whether there is something to print about it."""
        self.runs += 1
        started_at, self._started_at, self._table = self._started_at, None, ""
        if result.files:
            self.files += result.files
            self.rows, _ = count_records(result)
            self.duration_s = time.perf_counter() - started_at if started_at else 0.0
            self.changed_at = datetime.now(UTC)
            self.lag_s = (self.changed_at - result.oldest_file_at).total_seconds() if result.oldest_file_at else None
        return bool(result.tables or result.rejected or result.unreadable or result.unmatched)

    @property
    def rate(self) -> str:
        """The speed of the last run with new files, and the age of its oldest file at the end."""
        lag = f", lag {self.lag_s:.1f} s" if self.lag_s is not None else ""
        return f"{format_number(round(self.rows / self.duration_s))} rows/s{lag}" if self.duration_s else "nothing yet"

    def line(self) -> str:
        """Return the present state as one line."""
        state = "finishing the current batch" if self._stop.is_set() else self._table or "watching"
        changed = f", last change {self.changed_at:%H:%M:%S} UTC" if self.changed_at else ""
        return f"{state}: {pluralize(self.files, 'file')}, {self.rate}, {pluralize(self.runs, 'run')}{changed}"

    def __rich__(self) -> Spinner:
        self._spinner.update(text=self.line())
        return self._spinner


def run_watch(
    console: Console,
    lake: Lake,
    interval_s: float,
    *,
    as_json: bool = False,
    after_run: Callable[[], None] = lambda: None,
    lineage: str | None = None,
) -> None:
    """Run every `interval_s` seconds until SIGINT or SIGTERM; the current batch is finished first.

    `after_run` is called after the first run, and after each that changed something. `lineage` is where lineage events
    are sent to; runs that write nothing have none.
    """
    stop = threading.Event()
    view = WatchView(stop)
    live = Live(view, console=console, transient=True, refresh_per_second=8)
    _ = lake.engine  # started first: Sail installs a SIGINT handler that would replace ours
    with stopped_by_signals(stop), observed(lake, view, lineage) as (listener, completed):
        if console.is_terminal:
            live.start()
        try:
            for result in lake.watch(stop, interval_s, listener):
                if result.tables or result.stops:
                    completed()
                is_news = view.add_run(result)
                if is_news:
                    _print_run(console, view, result, as_json=as_json)
                if is_news or view.runs == 1:
                    after_run()
        finally:
            live.stop()
    total = f"{pluralize(view.files, 'file')} in {pluralize(view.runs, 'run')}"
    console.print(f"Stopped after the current batch: {total}.", soft_wrap=True)


def _print_run(console: Console, view: WatchView, result: RunResult, *, as_json: bool) -> None:
    if as_json:
        lag_s = round(view.lag_s, 3) if result.files and view.lag_s is not None else None
        write_json(RunResultView(result, view.duration_s).to_json() | {"lag_s": lag_s}, indent=None)
        return
    print_warnings(console, result)
    if result.files and not console.is_terminal:
        counts = f"{pluralize(result.files, 'file')}, {pluralize(view.rows, 'row')}, {view.rate}"
        console.print(f"{view.changed_at:%Y-%m-%dT%H:%M:%SZ} run {view.runs}: {counts}", soft_wrap=True)


@contextmanager
def stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Set `stop` at the first SIGINT or SIGTERM; the second one interrupts."""

    def handle(number: int, frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        # In a thread: the main thread may be inside `stop.wait` and own the lock of the event.
        threading.Thread(target=stop.set).start()

    previous = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
