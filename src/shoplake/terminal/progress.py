"""A run as it goes, one line a table, and what it came to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.live import Live
from rich.spinner import Spinner

from shoplake.terminal.screen import number

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from shoplake.run import Report, Step

LINE = "{:<30} {:>9} {:>8} {:>11} {:>10} {:>7}"
HEADER = LINE.format("table", "rows in", "good", "quarantined", "duplicates", "seconds")
MOST_REFUSED = 5


class Progress:
    """Watches a run: each table is a line as it finishes; on a terminal the one in work turns below."""

    def __init__(self, out: Console, *, quiet: bool = False) -> None:
        self._out, self._live = out, Live(console=out, transient=True, refresh_per_second=10)
        self._quiet, self._has_header = quiet, False
        self._began = time.perf_counter()

    def __enter__(self) -> Progress:
        if self._out.is_terminal and not self._quiet:
            self._live.start()
            self._live.update(Spinner("dots", "looking for new files"))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    @property
    def seconds(self) -> float:
        """Since it began to watch."""
        return time.perf_counter() - self._began

    def started(self, table: str) -> None:
        """Show what is in work."""
        if not self._has_header and not self._quiet:
            self._out.print(HEADER, style="bold", soft_wrap=True)
            self._has_header = True
        if self._live.is_started:
            self._live.update(Spinner("dots", table))

    def finished(self, step: Step) -> None:
        """Leave a table's line."""
        if not self._quiet:
            self._out.print(line(step), style="yellow" if step.written.quarantined else None, soft_wrap=True)


def line(step: Step) -> str:
    """What was done to a table, as one line."""
    written = step.written
    counts = (written.rows_in, written.good, written.quarantined, written.duplicates)
    return LINE.format(step.table, *map(number, counts), f"{step.seconds:.2f}")


def summary(out: Console, report: Report, seconds: float) -> None:
    """Say what a run came to; loudly, if it refused files."""
    refused(out, report)
    if not report.steps:
        out.print(f"Nothing new. ({seconds:.1f} s)")
        return
    records, events = arrived(report)
    what, counted = ("events", events) if events else ("records", records)
    out.print(
        f"\n{number(report.files)} files, {report.bytes / 1e6:,.1f} MB, {number(counted)} {what} "
        f"into {len({step.table for step in report.steps})} tables in {seconds:.1f} s"
        + (f": {number(round(counted / seconds))} {what}/s" if counted else ""),
        style="bold",
    )


def refused(out: Console, report: Report) -> None:
    """Name the files that were refused, if any."""
    if not report.refused:
        return
    out.print(
        f"REFUSED {len(report.refused)}: files that were taken before and whose content has changed. "
        "Give changed files a new name.",
        style="bold red",
        soft_wrap=True,
    )
    for name in report.refused[:MOST_REFUSED]:
        out.print(f"  {name}", style="red", soft_wrap=True)
    if len(report.refused) > MOST_REFUSED:
        out.print(f"  … and {len(report.refused) - MOST_REFUSED} more", style="red")


def arrived(report: Report) -> tuple[int, int]:
    """The raw records that a run took in, and those of them that are events."""
    bronze = [step for step in report.steps if step.table.startswith("bronze.")]
    events = [step for step in bronze if step.table == "bronze.events_raw"]
    return sum(step.written.rows_in for step in bronze), sum(step.written.rows_in for step in events)


def as_data(report: Report, seconds: float) -> dict[str, Any]:
    """A run for a program to read."""
    records, events = arrived(report)
    return {
        "run_id": report.run_id,
        "files": report.files,
        "bytes": report.bytes,
        "records": records,
        "events": events,
        "seconds": round(seconds, 3),
        "refused": report.refused,
        "tables": [
            {
                "table": step.table,
                "rows_in": step.written.rows_in,
                "good": step.written.good,
                "quarantined": step.written.quarantined,
                "duplicates": step.written.duplicates,
                "conflicts": step.written.conflicts,
                "broken": dict(step.written.broken),
                "rows": step.rows,
                "version": step.version,
                "seconds": round(step.seconds, 3),
            }
            for step in report.steps
        ],
    }
