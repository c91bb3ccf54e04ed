"""The rows of one table as an export writes them: declared columns, without personal ones unless they are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from shoplake.engine import scan_version, version_schema
from shoplake.serve.export.source import load_version, vacuumed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deltalake import DeltaTable

    from shoplake.declare import Column, Table
    from shoplake.serve.export.source import SourceLake
    from shoplake.serve.store.finished_run import FinishedRun


@dataclass(frozen=True)
class TableRows:
    """The rows of one table at one version."""

    table: Table[...]
    version: int
    columns: tuple[Column, ...]
    """Those that are exported, as declared."""
    left_out: tuple[str, ...]
    """The names of personal columns that are not."""
    source: DeltaTable
    stored_names: tuple[str, ...]
    """The names of `columns` in the stored files; a renamed column has its former name there."""

    @property
    def name(self) -> str:
        """`layer.table`."""
        return self.table.qualified_name

    @property
    def schema(self) -> pa.Schema:
        """Names, Arrow types, and the definition of each column as its `comment`."""
        stored = version_schema(self.source)
        types = [stored.field(name).type for name in self.stored_names]
        fields = zip(self.columns, types, strict=True)
        return pa.schema(
            [pa.field(each.name, type, metadata={"comment": each.meaning}) for each, type in fields],
            metadata={"table": self.name, "version": str(self.version), "definition": self.table.doc},
        )

    def read(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in batches. Raises ExportError where their files are deleted."""
        schema = self.schema
        try:
            for batch in scan_version(self.source, self.stored_names):
                yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)
        except FileNotFoundError as error:
            raise vacuumed(self.name, self.version) from error


def open_rows(lake: SourceLake, run: FinishedRun, table: Table[...], *, with_personal: bool) -> TableRows:
    """Return the rows of a table at its version in the run.

    A stored column that is not declared any more is left out. Raises TableNotFoundError, ExportError.
    """
    version = run.versions[table.qualified_name]
    handle = load_version(lake, table, version)
    stored_names = version_schema(handle).names
    stored = {each.name: _stored_name(each, stored_names) for each in table.columns}
    present = [each for each in table.columns if stored[each.name] is not None]
    kept = tuple(each for each in present if with_personal or not each.personal)
    left_out = tuple(each.name for each in present if each not in kept)
    names = tuple(str(stored[each.name]) for each in kept)
    return TableRows(table, int(handle.version()), kept, left_out, handle, names)


def _stored_name(column: Column, stored: list[str]) -> str | None:
    """Return the name of a column in the stored files: its own, or else its former one; None where it has neither."""
    return next((name for name in (column.name, column.was) if name in stored), None)
