"""Progress of `stream`: one line per batch, with its speed and lag and the metrics of the live events."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, pluralize
from shoplake.cli.output import write_json
from shoplake.cli.views.run.run_result import RunResultView, count_records, print_warnings
from shoplake.cli.watch.stop_signals import StopSignals

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from shoplake.lake import Lake
    from shoplake.pipeline.runner import RunResult
    from shoplake.pipeline.streaming.streaming_progress import StreamingUpdate
    from shoplake.pipeline.streaming.streaming_query import StreamingMetrics

LIVE_METRICS = ("batches", "rows", "rows_per_second", "state_rows", "late_rows", "watermark")


class StreamTotals:
    """Counts the files and batches of a stream."""

    def __init__(self) -> None:
        self.files = self.batches = 0
        self.live: StreamingMetrics | None = None

    def add(self, update: StreamingUpdate, now: datetime) -> str | None:
        """Count an update and return it as one line; None if nothing happened."""
        result, self.live = update.result, update.live or self.live
        if not result.tables and not result.files:
            return None
        self.files, self.batches = self.files + result.files, self.batches + 1
        rows = count_records(result)[0]
        counts = f"{pluralize(result.files, 'file')}, {pluralize(rows, 'row')}{format_speed(result, now)}"
        live = f"; {format_live(self.live)}" if self.live else ""
        return f"{now:%Y-%m-%dT%H:%M:%SZ} batch {self.batches}: {counts}{live}"

    def summary(self) -> str:
        """Return the totals as one or two sentences."""
        batches = pluralize(self.batches, "batch", "batches")
        live = f" {format_live(self.live).capitalize()}." if self.live else ""
        return f"{pluralize(self.files, 'file')} in {batches}.{live}"


def format_speed(result: RunResult, now: datetime) -> str:
    """Format the rows per second, and the age of the oldest file."""
    rows, duration_s = count_records(result)[0], _duration_s(result)
    rate = f", {format_number(round(rows / duration_s))} rows/s" if rows and duration_s else ""
    return f"{rate}, lag {(now - result.oldest_file_at).total_seconds():.1f} s" if result.oldest_file_at else rate


def format_live(live: StreamingMetrics) -> str:
    """Format the metrics of the live events."""
    late = f", {pluralize(live.late_rows, 'late event')} dropped (kept in silver.events)" if live.late_rows else ""
    rate = format_number(round(live.rows_per_second))
    return f"live: {pluralize(live.rows, 'row')}, {rate} rows/s, state {pluralize(live.state_rows, 'row')}{late}"


def update_to_json(update: StreamingUpdate, now: datetime) -> dict[str, Any]:
    """Return an update as one object."""
    result, live = update.result, update.live
    lag_s = round((now - result.oldest_file_at).total_seconds(), 3) if result.oldest_file_at else None
    metrics = {name: getattr(live, name) for name in LIVE_METRICS} if live else None
    return RunResultView(result, _duration_s(result)).to_json() | {"lag_s": lag_s, "live": metrics}


def run_stream(
    console: Console,
    lake: Lake,
    interval_s: float | None,
    allowed_lateness_s: float,
    *,
    config: Path | None = None,
    as_json: bool = False,
) -> None:
    """Stream all new files; with `interval_s` again and again until SIGINT or SIGTERM. `config` are the settings."""
    stop, totals = threading.Event(), StreamTotals()
    with StopSignals(stop):
        for update in lake.stream(stop, interval_s, allowed_lateness_s):
            now = datetime.now(UTC)
            line = totals.add(update, now)
            if as_json:
                write_json(update_to_json(update, now), indent=None)
                continue
            print_warnings(console, update.result, config)
            if line:
                console.print(line, soft_wrap=True)
    ending = "Stopped after the current batch" if stop.is_set() else "All new files are ingested"
    console.print(f"{ending}: {totals.summary()}", soft_wrap=True)


def _duration_s(result: RunResult) -> float:
    return sum(table.duration_s for table in result.tables)
