"""Tables in a dict, for tests: the whole house runs on a handful of rows in a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import Scd2
from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.schema_check import check_schema
from shoplake.errors import LakeBroken
from shoplake.transforms.expectations import VIOLATIONS, split_valid
from shoplake.transforms.scd2 import build_scd2

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch


class MemoryEngine:
    """Keeps the last rows written to each table. It replaces, whatever a table declares, and lands no files."""

    def __init__(self, **tables: DataFrame) -> None:
        self.tables = tables
        self.quarantine: dict[str, DataFrame] = {}
        self._versions: dict[str, int] = {}

    def ensure(self, table: Table[...]) -> None:
        """Nothing is to be made."""

    def at(self, table: Table[...]) -> str:
        """Where the table would lie."""
        return table.path

    def read(self, table: Table[...]) -> DataFrame:
        """The rows last written to it."""
        if table.name not in self.tables:
            raise LakeBroken(f"Nobody has written {table.qualified_name} yet.")
        return self.tables[table.name]

    def read_batches(self, table: Table[...], batches: Collection[str]) -> DataFrame:
        """Those of them that arrived in `batches`."""
        return self.read(table).where(F.col("batch_id").isin(sorted(batches)))

    def land(self, table: Table[...], batch: Batch) -> WriteResult:
        """Refused: give a bronze table's rows to the constructor."""
        raise LakeBroken(
            f"Tables in memory take no files; give the rows of {table.name} as MemoryEngine({table.name}=…)."
        )

    def write(self, table: Table[...], rows: DataFrame, *, slices: Collection[object] | None = None) -> WriteResult:
        """Keep the good rows, set the bad ones aside."""
        check_schema(table, rows.schema)
        good, bad = split_valid(rows, table.expectations)
        kept = good.select(*[column.name for column in table.output_columns])
        if isinstance(table.write, Scd2):
            kept = build_scd2(kept, [name for name in table.key if name != "valid_from"], table.write)
        self.tables[table.name], self.quarantine[table.name] = kept, bad.select(VIOLATIONS)
        self._versions[table.name] = self.version(table) + 1
        counts = good.count(), bad.count()
        return WriteResult(sum(counts), *counts)

    def rows(self, table: Table[...]) -> int:
        """How many rows the table has."""
        return self.read(table).count()

    def version(self, table: Table[...]) -> int:
        """How often it was written."""
        return self._versions.get(table.name, 0)
