"""A stream at work: one line a batch, with its speed and lag and how the live events go."""

from __future__ import annotations

import json
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import counted, number
from shoplake.cli.views import run_progress
from shoplake.cli.views.watch_progress import stopped_by_signals

if TYPE_CHECKING:
    from rich.console import Console

    from shoplake.lake import Lake
    from shoplake.pipeline.streaming_progress import StreamingUpdate
    from shoplake.pipeline.streaming_query import StreamingMetrics


class Tally:
    """Counts what a stream took."""

    def __init__(self) -> None:
        self.files = self.batches = 0
        self.live: StreamingMetrics | None = None

    def line(self, streamed: StreamingUpdate, now: datetime) -> str | None:
        """What a stream did, as one line; None if it did nothing."""
        report, self.live = streamed.result, streamed.live or self.live
        if not report.tables and not report.files:
            return None
        self.files, self.batches = self.files + report.files, self.batches + 1
        took = (
            f"{counted(report.files, 'file')}, {counted(run_progress.arrived(report)[0], 'row')}{speed(streamed, now)}"
        )
        return f"{now:%Y-%m-%dT%H:%M:%SZ} batch {self.batches}: {took}{'; ' + said(self.live) if self.live else ''}"


def speed(streamed: StreamingUpdate, now: datetime) -> str:
    """How fast the raw records became tables, and how long the oldest file had waited by then."""
    report = streamed.result
    rows, seconds = run_progress.arrived(report)[0], sum(step.duration_s for step in report.tables)
    rate = f", {number(round(rows / seconds))} rows/s" if rows and seconds else ""
    return f"{rate}, lag {(now - report.oldest_file_at).total_seconds():.1f} s" if report.oldest_file_at else rate


def said(live: StreamingMetrics) -> str:
    """How the live events go, in words."""
    late = f", {number(live.late_rows)} too late for it, not for the tables" if live.late_rows else ""
    rate = number(round(live.rows_per_second))
    return f"live: {counted(live.rows, 'row')} in, {rate} rows/s, {number(live.state_rows)} in state{late}"


def as_data(streamed: StreamingUpdate, now: datetime) -> dict[str, Any]:
    """The same for a program to read."""
    report, live = streamed.result, streamed.live
    data = run_progress.as_data(report, sum(step.duration_s for step in report.tables))
    names = ("batches", "rows", "rows_per_second", "state_rows", "late_rows", "watermark")
    lag = round((now - report.oldest_file_at).total_seconds(), 3) if report.oldest_file_at else None
    return data | {"lag_seconds": lag, "live": {name: getattr(live, name) for name in names} if live else None}


def keep_up(out: Console, lake: Lake, every_s: float | None, late_s: float, *, as_json: bool = False) -> None:
    """Stream until all that has come is taken, or every so often until SIGINT or SIGTERM."""
    stop, tally = threading.Event(), Tally()
    with stopped_by_signals(stop):
        for streamed in lake.stream(stop, every_s, late_s):
            now = datetime.now(UTC)
            line = tally.line(streamed, now)
            if as_json:
                sys.stdout.write(json.dumps(as_data(streamed, now), ensure_ascii=False, default=str) + "\n")
                sys.stdout.flush()
                continue
            run_progress.notices(out, streamed.result)
            if line:
                out.print(line, soft_wrap=True)
    ended = "Stopped; the batch in work was finished." if stop.is_set() else "All that has come is taken."
    batches = f"{number(tally.batches)} batch{'' if tally.batches == 1 else 'es'}"
    live = f" {said(tally.live).capitalize()}." if tally.live else ""
    out.print(f"{ended} It took {counted(tally.files, 'file')} in {batches}.{live}", soft_wrap=True)
