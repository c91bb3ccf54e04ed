"""Progress of a run: one line per finished table; on a terminal also a spinner with the tables in progress."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.live import Live
from rich.spinner import Spinner

from shoplake.cli.console import format_number

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from shoplake.pipeline.runner import TableResult

LINE = "{:<30} {:>9} {:>7} {:>11} {:>10} {:>8}"
HEADER = LINE.format("table", "rows read", "written", "quarantined", "duplicates", "duration")


class RunProgressView:
    """Listens to a run and prints it, unless it is `quiet`."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console, self._live = console, Live(console=console, transient=True, refresh_per_second=10)
        self._quiet, self._has_header = quiet, False
        self._started_at = time.perf_counter()
        self._in_progress: list[str] = []

    def __enter__(self) -> RunProgressView:
        if self._console.is_terminal and not self._quiet:
            self._live.start()
            self._live.update(Spinner("dots", "searching for new files"))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    @property
    def duration_s(self) -> float:
        """The seconds since this view was created."""
        return time.perf_counter() - self._started_at

    def started(self, table: str) -> None:
        """Show that a table is in progress."""
        if not self._has_header and not self._quiet:
            self._console.print(HEADER, style="bold", soft_wrap=True)
            self._has_header = True
        self._in_progress.append(table)
        self._update_spinner()

    def finished(self, step: TableResult) -> None:
        """Print the line of a finished table, in yellow if rows were quarantined."""
        self._in_progress = [table for table in self._in_progress if table != step.table]
        if not self._quiet:
            style = "yellow" if step.result.rows_quarantined else None
            self._console.print(format_table_result(step), style=style, soft_wrap=True)
        self._update_spinner()

    def _update_spinner(self) -> None:
        if self._live.is_started and self._in_progress:
            self._live.update(Spinner("dots", ", ".join(self._in_progress)))


def format_table_result(table: TableResult) -> str:
    """Format the counts and the duration of a table as one line of 80 characters; large numbers make it longer."""
    result = table.result
    counts = (result.rows_read, result.rows_written, result.rows_quarantined, result.rows_duplicate)
    return LINE.format(table.table, *map(format_number, counts), f"{table.duration_s:.2f} s")
