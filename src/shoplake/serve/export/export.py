"""Exports tables of the last finished run to one destination."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shoplake.declare.names import find_table
from shoplake.engine import crash_points
from shoplake.errors import TableNotFoundError
from shoplake.serve.export.manifest import ExportedTable, Manifest
from shoplake.serve.export.source import last_finished_run
from shoplake.serve.export.table_rows import open_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from shoplake.declare import Table
    from shoplake.serve.export.destinations.destination import Destination
    from shoplake.serve.export.source import SourceLake
    from shoplake.serve.export.table_rows import TableRows
    from shoplake.serve.store.finished_run import FinishedRun

DEFAULT_LAYERS = ("gold",)


@dataclass(frozen=True)
class ExportResult:
    """What an export wrote."""

    format: str
    label: str
    """Where to, without a password."""
    manifest: Manifest
    remarks: tuple[str, ...] = ()
    """What an earlier export left that could not be removed."""

    @property
    def left_out(self) -> dict[str, tuple[str, ...]]:
        """The personal columns that are not in it, by table."""
        return {each.name: each.left_out for each in self.manifest.tables if each.left_out}


def export_tables(
    lake: SourceLake,
    destination: Destination,
    names: Sequence[str] = (),
    *,
    layers: Collection[str] = DEFAULT_LAYERS,
    with_personal: bool = False,
    listener: Callable[[ExportedTable], None] | None = None,
) -> ExportResult:
    """Export tables by name, or without names those of `layers`, at their versions of the last finished run.

    Nothing is visible at the destination before all tables are written; then they replace the export before.
    Columns with personal data are left out unless they are wanted. `listener` is called with each written table.
    Raises UnknownTableError, TableNotFoundError for a table that no finished run has written, and ExportError.
    """
    declared = {table.qualified_name: table for table in lake.catalog.ordered}
    chosen = list({table.qualified_name: table for table in (find_table(name, declared) for name in names)}.values())
    run = last_finished_run(lake)
    if not names:
        chosen = [table for name, table in declared.items() if table.layer in layers and name in run.versions]
    _check_written(lake, run, chosen)
    exported = []
    with destination:
        for table in chosen:
            rows = open_rows(lake, run, table, with_personal=with_personal)
            exported.append(_write(destination, rows))
            if listener is not None:
                listener(exported[-1])
        manifest = Manifest(run, datetime.now(UTC), exported)
        remarks = destination.publish(manifest)
    return ExportResult(destination.format, destination.label, manifest, tuple(remarks))


@crash_points("export_table")
def _write(destination: Destination, rows: TableRows) -> ExportedTable:
    began = time.perf_counter()
    table = ExportedTable(rows.name, rows.version, 0, rows.table.doc, rows.columns, rows.left_out)
    written = destination.write(rows)
    seconds = time.perf_counter() - began
    return replace(table, row_count=written.count, is_truncated=written.is_truncated, duration_s=seconds)


def _check_written(lake: SourceLake, run: FinishedRun, tables: Sequence[Table[...]]) -> None:
    for table in tables:
        if table.qualified_name not in run.versions:
            raise TableNotFoundError(table.qualified_name, lake.settings.lake)
