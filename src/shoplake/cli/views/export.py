"""Views of an export: a line per written table, then what it wrote, what it left out, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.live import Live
from rich.spinner import Spinner

from shoplake.cli.console import format_number, pluralize

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

    from shoplake.serve.export.export import ExportResult
    from shoplake.serve.export.manifest import ExportedTable

LINE = "{:<34} {:>11} {:>8} {:>9}"


class ExportProgressView:
    """Prints a line per written table, unless it is `quiet`."""

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console, self._quiet, self._has_header = console, quiet, False
        self._live = Live(Spinner("dots", "exporting"), console=console, transient=True, refresh_per_second=10)

    def __enter__(self) -> ExportProgressView:
        if self._console.is_terminal and not self._quiet:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def written(self, table: ExportedTable) -> None:
        """Print the rows, version and duration of a table."""
        if self._quiet:
            return
        if not self._has_header:
            self._console.print(LINE.format("table", "rows", "version", "duration"), style="bold", soft_wrap=True)
            self._has_header = True
        rows = format_number(table.row_count)
        line = LINE.format(table.name, rows, table.version, f"{table.duration_s:.2f} s")
        self._console.print(line, style="yellow" if table.is_truncated else None, soft_wrap=True)


@dataclass(frozen=True)
class ExportView:
    """The result of an export."""

    result: ExportResult

    def render(self, console: Console) -> None:
        """Print what is where, of which run, and what is not in it."""
        result, tables = self.result, self.result.manifest.tables
        started_at = result.manifest.run.started_at
        rows = pluralize(sum(table.row_count for table in tables), "row")
        console.print(
            f"\n{pluralize(len(tables), 'table')} with {rows} in {result.label} ({result.format}), "
            f"as of the run of {started_at:%Y-%m-%d %H:%M} UTC.",
            soft_wrap=True,
        )
        for table in tables:
            if table.is_truncated:
                limit = f"{table.name} is cut off: the format holds {format_number(table.row_count)} rows."
                console.print(limit, style="yellow", soft_wrap=True)
        for name, columns in result.left_out.items():
            console.print(f"Personal columns left out: {name} ({', '.join(columns)}). Add them: --with-personal")
        for remark in result.remarks:
            console.print(remark, style="yellow", soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Return the run, the destination, and one object per table."""
        result, run = self.result, self.result.manifest.run
        return {
            "to": result.label,
            "format": result.format,
            "run_id": run.run_id,
            "run_started_at": run.started_at.isoformat(),
            "tables": [
                {
                    "table": table.name,
                    "version": table.version,
                    "rows": table.row_count,
                    "is_truncated": table.is_truncated,
                    "columns_left_out": list(table.left_out),
                }
                for table in result.manifest.tables
            ],
            "remarks": list(result.remarks),
        }
