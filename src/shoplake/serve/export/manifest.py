"""What an export contains, as two tables beside the rows: `_shoplake` and `_shoplake_columns`."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version as installed_version
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from shoplake.declare import Column
    from shoplake.serve.store.finished_run import FinishedRun

TABLES, COLUMNS = "_shoplake", "_shoplake_columns"
TABLES_SCHEMA = pa.schema(
    {
        "table_name": pa.string(),
        "version": pa.int64(),
        "row_count": pa.int64(),
        "is_truncated": pa.bool_(),
        "columns_left_out": pa.string(),
        "run_id": pa.string(),
        "run_started_at": pa.timestamp("us", tz="UTC"),
        "exported_at": pa.timestamp("us", tz="UTC"),
        "shoplake_version": pa.string(),
        "definition": pa.string(),
    }
)
COLUMNS_SCHEMA = pa.schema(dict.fromkeys(("table_name", "column_name", "type", "unit", "definition"), pa.string()))


@dataclass(frozen=True)
class ExportedTable:
    """One table of an export."""

    name: str
    version: int
    row_count: int
    definition: str
    columns: tuple[Column, ...]
    left_out: tuple[str, ...] = ()
    """The names of personal columns that are not in it."""
    is_truncated: bool = False
    """Whether the format holds fewer rows than the table has."""
    duration_s: float = 0.0


@dataclass(frozen=True)
class Manifest:
    """The tables of an export, and the run whose versions they have."""

    run: FinishedRun
    exported_at: datetime
    tables: Sequence[ExportedTable]

    def tables_table(self) -> pa.Table:
        """Return one row per exported table."""
        rows = [
            {
                "table_name": each.name,
                "version": each.version,
                "row_count": each.row_count,
                "is_truncated": each.is_truncated,
                "columns_left_out": ", ".join(each.left_out) or None,
                "run_id": self.run.run_id,
                "run_started_at": self.run.started_at,
                "exported_at": self.exported_at,
                "shoplake_version": installed_version("shoplake"),
                "definition": each.definition,
            }
            for each in self.tables
        ]
        return pa.Table.from_pylist(rows, TABLES_SCHEMA)

    def columns_table(self) -> pa.Table:
        """Return one row per column of the exported tables."""
        rows = [
            {
                "table_name": each.name,
                "column_name": column.name,
                "type": column.type,
                "unit": column.unit,
                "definition": column.doc,
            }
            for each in self.tables
            for column in each.columns
        ]
        return pa.Table.from_pylist(rows, COLUMNS_SCHEMA)

    def described_by(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield both tables with their names."""
        yield TABLES, self.tables_table()
        yield COLUMNS, self.columns_table()
