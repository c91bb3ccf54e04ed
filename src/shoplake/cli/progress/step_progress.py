"""Progress of work on one table after another: on a terminal a spinner with the table in progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.live import Live
from rich.spinner import Spinner

from shoplake.cli.console import pluralize

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from shoplake.pipeline.runner import TableResult


class StepProgressView:
    """Shows the table in progress on a terminal, inside a `with`; elsewhere nothing."""

    def __init__(self, console: Console, verb: str) -> None:
        self._console, self._verb, self._tables = console, verb, 0
        self._live = Live(console=console, transient=True, refresh_per_second=10)

    def __enter__(self) -> StepProgressView:
        if self._console.is_terminal:
            self._live.start()
            self._live.update(Spinner("dots", self.line()))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def line(self, table: str = "") -> str:
        """Return the present state as one line."""
        done = f" ({pluralize(self._tables - 1, 'step')} done)" if self._tables > 1 else ""
        return f"{self._verb} {table}{done}" if table else self._verb

    def started(self, table: str) -> None:
        """Show that a table is in progress."""
        self._tables += 1
        if self._live.is_started:
            self._live.update(Spinner("dots", self.line(table)))

    def finished(self, step: TableResult) -> None:
        """Do nothing: the next table replaces this one."""
