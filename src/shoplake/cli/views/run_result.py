"""View of a run's result: new files, tables, speed, and what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, pluralize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from shoplake.pipeline.runner import RunResult, TableResult

MAX_NAMES = 5
REJECTED = (
    "ingested files whose content has changed. Give changed files a new name, or set "
    'on_changed_file = "replace" in [landing].'
)
UNREADABLE = "truncated or damaged files. A later run reads them when their content changes."
MISREAD = "files that do not fit their stream's options. All of their records are quarantined."
UNMATCHED = "files that no stream of the feed's kind reads. Check the names and folders: shoplake.toml, and the kind."
NEW_FIELDS = 'unknown fields, kept in bronze only. See ops.schema_changes, or set schema_drift = "quarantine".'


@dataclass(frozen=True)
class RunResultView:
    """The result of a run, and how long the run took."""

    result: RunResult
    duration_s: float

    def render(self, console: Console) -> None:
        """Print the warnings, then one line with files, rows, tables and speed."""
        print_warnings(console, self.result)
        if not self.result.tables:
            console.print(f"Nothing new. ({self.duration_s:.1f} s)")
            return
        tables = pluralize(len({table.table for table in self.result.tables}), "table")
        summary = f"{self._files()} into {tables}" if self.result.files else f"No new files; {tables}"
        speed = self._speed() if self.result.files else ""
        console.print(f"\n{summary} in {self.duration_s:.1f} s{speed}", style="bold")

    def to_json(self) -> dict[str, Any]:
        """Return the run with one object per table."""
        result, (records, events) = self.result, count_records(self.result)
        return {
            "run_id": result.run_id,
            "files": result.files,
            "bytes": result.bytes,
            "records": records,
            "events": events,
            "duration_s": round(self.duration_s, 3),
            "oldest_file_at": result.oldest_file_at.isoformat() if result.oldest_file_at else None,
            "rejected": result.rejected,
            "unreadable": result.unreadable,
            "misread": result.misread,
            "unmatched": result.unmatched,
            "new_fields": result.new_fields,
            "tables": [_table_to_json(table) for table in result.tables],
        }

    def _files(self) -> str:
        records, events = count_records(self.result)
        rows = pluralize(events, "event") if events else pluralize(records, "record")
        return f"{pluralize(self.result.files, 'file')}, {self.result.bytes / 1e6:,.1f} MB, {rows}"

    def _speed(self) -> str:
        records, events = count_records(self.result)
        rows, noun = (events, "events") if events else (records, "records")
        return f": {format_number(round(rows / self.duration_s))} {noun}/s" if rows else ""


def print_warnings(console: Console, result: RunResult) -> None:
    """Print the files that were not ingested or are misread, and the fields seen for the first time."""
    _print_warning(console, "red", "REJECTED", result.rejected, REJECTED)
    _print_warning(console, "red", "UNREADABLE", result.unreadable, UNREADABLE)
    _print_warning(console, "red", "MISREAD", result.misread, MISREAD)
    print_unmatched(console, result.unmatched)
    _print_warning(console, "yellow", "NEW FIELDS", result.new_fields, NEW_FIELDS)


def print_unmatched(console: Console, names: Sequence[str]) -> None:
    """Print the files that no stream reads."""
    _print_warning(console, "yellow", "UNMATCHED", names, UNMATCHED)


def count_records(result: RunResult) -> tuple[int, int]:
    """Return the raw records that a run ingested, and how many of them are events."""
    bronze = [table for table in result.tables if table.table.startswith("bronze.")]
    events = [table for table in bronze if table.table == "bronze.events_raw"]
    return sum(table.result.rows_read for table in bronze), sum(table.result.rows_read for table in events)


def _print_warning(console: Console, colour: str, title: str, names: Sequence[str], explanation: str) -> None:
    if not names:
        return
    console.print(f"{title} {format_number(len(names))}: {explanation}", style=f"bold {colour}", soft_wrap=True)
    for name in names[:MAX_NAMES]:
        console.print(f"  {name}", style=colour, soft_wrap=True)
    if len(names) > MAX_NAMES:
        console.print(f"  … and {format_number(len(names) - MAX_NAMES)} more", style=colour)


def _table_to_json(table: TableResult) -> dict[str, Any]:
    return {
        "table": table.table,
        "rows_read": table.result.rows_read,
        "rows_written": table.result.rows_written,
        "rows_quarantined": table.result.rows_quarantined,
        "rows_duplicate": table.result.rows_duplicate,
        "rows_conflicting": table.result.rows_conflicting,
        "rows_superseded": table.result.rows_superseded,
        "rows_replaced": table.result.rows_replaced,
        "violations": dict(table.result.violations),
        "rows": table.row_count,
        "version": table.version,
        "duration_s": round(table.duration_s, 3),
    }
