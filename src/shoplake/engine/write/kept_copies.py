"""Copies of tables of many small files, kept from run to run: a run copies only the partitions that differ."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.storage import filesystem, table_log
from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.storage.table_cache import open_table
from shoplake.engine.storage.upkeep import kept_files
from shoplake.engine.storage.upkeep.kept_files import CopyRecord

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.write.table_reader import DeltaTableReader

MIN_FILES = 64
"""Files of a table from which on a copy is kept; fewer are opened in less time than a copy is brought up to date."""
MAX_BYTES_PER_FILE = 32_000
"""Of a table, on average: larger files are not read sooner from a copy of all columns."""


@dataclass(frozen=True)
class KeptCopies:
    """The copies of a lake on this machine, for the embedded engine.

    A copy has the rows of the files that its record names. Where a partition of the table has other files now, its rows
    are read from the table, and all others from the former copy: whatever happened to the table, the rows are its own.
    """

    tables: DeltaTableReader
    min_files: int = MIN_FILES
    max_bytes_per_file: int = MAX_BYTES_PER_FILE

    def is_kept(self, table: Table[...]) -> bool:
        """Whether a copy of the table is kept: days divide it, and maybe more, into many small files."""
        tables = self.tables
        if not tables.capabilities.is_in_process or filesystem.is_remote(tables.lake):
            return False
        at = tables.path(table)
        if isinstance(at, CatalogAddress) or not table.partition_by:
            return False
        if next(each.type for each in table.columns if each.name == table.partition_by[0]) != "date":
            return False
        files, size = table_log.table_size(at)
        is_small = files >= self.min_files and size <= self.max_bytes_per_file * files
        return is_small and open_table(at).protocol().min_reader_version == 1

    def read(self, table: Table[...]) -> DataFrame:
        """Return all rows of the current version from the copy, which is brought up to date or made before."""
        lake, column = self.tables.lake, table.partition_by[0]
        columns = [[each.name, each.type] for each in table.columns]
        known = kept_files.load_record(lake, table.path)
        files = kept_files.files_by_partition(self.tables.path(table), column)
        if known is not None and known.columns == columns:
            stale = kept_files.differing_partitions(known.partitions, files)
            if not stale:
                return self._rows(table, known)
            if None not in stale and 2 * len(stale) <= len(files):
                former, current = self._rows(table, known), self._current(table)
                days = [F.lit(day).cast("date") for day in sorted(filter(None, stale))]
                is_stale = F.col(column).isin(days)
                rows = former.where(F.coalesce(~is_stale, F.lit(True))).unionAll(current.where(is_stale))
                return self._write(table, rows, CopyRecord(uuid.uuid4().hex, columns, files))
        return self._write(table, self._current(table), CopyRecord(uuid.uuid4().hex, columns, files))

    def _current(self, table: Table[...]) -> DataFrame:
        return self.tables.read(table).select(*[each.name for each in table.columns])

    def _rows(self, table: Table[...], record: CopyRecord) -> DataFrame:
        """Return the rows of a copy."""
        schema = struct_type(", ".join(f"{each.name} {each.type}" for each in table.columns))
        return self.tables.session.read.schema(schema).parquet(self._folder(table, record))

    def _folder(self, table: Table[...], record: CopyRecord) -> str:
        """Return the folder of a copy's files, by the path by which the engine reaches it."""
        return f"{kept_files.copy_folder(self.tables.engine_folder, table.path)}/{record.folder}"

    def _write(self, table: Table[...], rows: DataFrame, record: CopyRecord) -> DataFrame:
        """Write a copy beside the former one, then its record, and return its rows."""
        to = rows.write.mode("overwrite").option("compression", self.tables.capabilities.codec)
        retry_on_conflict(lambda: to.parquet(self._folder(table, record)))
        return self._rows(table, kept_files.save_record(self.tables.lake, table.path, record))
