"""A run as it goes, one line a table, and what it came to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.live import Live
from rich.spinner import Spinner

from shoplake.cli.console import counted, number

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from shoplake.pipeline.runner import RunResult, TableResult

LINE = "{:<30} {:>9} {:>8} {:>11} {:>10} {:>7}"
HEADER = LINE.format("table", "rows read", "written", "quarantined", "duplicates", "seconds")
MOST_NAMED = 5


class Progress:
    """Watches a run: each table is a line as it finishes; on a terminal those in work turn below."""

    def __init__(self, out: Console, *, quiet: bool = False) -> None:
        self._out, self._live = out, Live(console=out, transient=True, refresh_per_second=10)
        self._quiet, self._has_header = quiet, False
        self._began = time.perf_counter()
        self._in_work: list[str] = []

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
        self._in_work.append(table)
        self._turn()

    def finished(self, step: TableResult) -> None:
        """Leave a table's line."""
        self._in_work = [table for table in self._in_work if table != step.table]
        if not self._quiet:
            self._out.print(line(step), style="yellow" if step.result.rows_quarantined else None, soft_wrap=True)
        self._turn()

    def _turn(self) -> None:
        if self._live.is_started and self._in_work:
            self._live.update(Spinner("dots", ", ".join(self._in_work)))


def line(step: TableResult) -> str:
    """What was done to a table, as one line."""
    written = step.result
    counts = (written.rows_read, written.rows_written, written.rows_quarantined, written.rows_duplicate)
    return LINE.format(step.table, *map(number, counts), f"{step.duration_s:.2f}")


def summary(out: Console, report: RunResult, seconds: float) -> None:
    """Say what a run came to; loudly, what it did not take and which fields it does not know."""
    notices(out, report)
    if not report.tables:
        out.print(f"Nothing new. ({seconds:.1f} s)")
        return
    tables = f"{counted(len({step.table for step in report.tables}), 'table')} in {seconds:.1f} s"
    said = f"{_took(report)} into {tables}{_speed(report, seconds)}" if report.files else f"No new files; {tables}"
    out.print(f"\n{said}", style="bold")


def _took(report: RunResult) -> str:
    records, events = arrived(report)
    rows = counted(events, "event") if events else counted(records, "record")
    return f"{counted(report.files, 'file')}, {report.bytes / 1e6:,.1f} MB, {rows}"


def _speed(report: RunResult, seconds: float) -> str:
    records, events = arrived(report)
    rows, what = (events, "events") if events else (records, "records")
    return f": {number(round(rows / seconds))} {what}/s" if rows else ""


REFUSED = (
    "files that were taken before and whose content has changed. Give changed files a new name, or set "
    'on_changed_file = "replace".'
)
UNREADABLE = "files cut off or damaged; they are looked at again when their content changes."
NEW_FIELDS = 'kept in bronze, read by no table. See ops.schema_changes, or set schema_drift = "quarantine".'


def notices(out: Console, report: RunResult) -> None:
    """Name the files that were not taken, and the fields seen for the first time."""
    _loud(out, "red", "REFUSED", report.rejected, REFUSED)
    _loud(out, "red", "UNREADABLE", report.unreadable, UNREADABLE)
    _loud(out, "yellow", "NEW FIELDS", report.new_fields, NEW_FIELDS)


def _loud(out: Console, colour: str, word: str, names: list[str], what: str) -> None:
    if not names:
        return
    out.print(f"{word} {number(len(names))}: {what}", style=f"bold {colour}", soft_wrap=True)
    for name in names[:MOST_NAMED]:
        out.print(f"  {name}", style=colour, soft_wrap=True)
    if len(names) > MOST_NAMED:
        out.print(f"  … and {number(len(names) - MOST_NAMED)} more", style=colour)


def arrived(report: RunResult) -> tuple[int, int]:
    """The raw records that a run took in, and those of them that are events."""
    bronze = [step for step in report.tables if step.table.startswith("bronze.")]
    events = [step for step in bronze if step.table == "bronze.events_raw"]
    return sum(step.result.rows_read for step in bronze), sum(step.result.rows_read for step in events)


def as_data(report: RunResult, seconds: float) -> dict[str, Any]:
    """A run for a program to read."""
    records, events = arrived(report)
    return {
        "run_id": report.run_id,
        "files": report.files,
        "bytes": report.bytes,
        "records": records,
        "events": events,
        "duration_s": round(seconds, 3),
        "oldest": report.oldest_file_at.isoformat() if report.oldest_file_at else None,
        "rejected": report.rejected,
        "unreadable": report.unreadable,
        "new_fields": report.new_fields,
        "tables": [
            {
                "table": step.table,
                "rows_read": step.result.rows_read,
                "rows_written": step.result.rows_written,
                "rows_quarantined": step.result.rows_quarantined,
                "rows_duplicate": step.result.rows_duplicate,
                "rows_conflicting": step.result.rows_conflicting,
                "violations": dict(step.result.violations),
                "rows": step.row_count,
                "version": step.version,
                "duration_s": round(step.duration_s, 3),
            }
            for step in report.tables
        ],
    }
