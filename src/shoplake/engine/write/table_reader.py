"""Reads tables: their locations, rows, versions, and what changed since a version."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.session.linked_folders import LINKS
from shoplake.engine.storage import filesystem, table_log
from shoplake.engine.write.kept_copies import KeptCopies
from shoplake.engine.write.local_server.fetched_rows import FetchedRows
from shoplake.engine.write.local_server.listed_files import ListedFiles
from shoplake.engine.write.once_cache import OnceCache
from shoplake.engine.write.past_versions import PastVersions
from shoplake.engine.write.row_diff import MANY_PARTITIONS, added_rows, changed_rows, first_changed_at, stored_rows
from shoplake.engine.write.schema.map_columns import encode_maps
from shoplake.engine.write.schema.partition_columns import is_list_of_days
from shoplake.engine.write.schema.schema_change import with_former_names
from shoplake.engine.write.shared_inputs import BYTES_PER_FILE, SharedInputs, count_reads
from shoplake.engine.write.table_location import CatalogTable, PathTable
from shoplake.engine.write.table_plan import DateRange
from shoplake.errors import CommitError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.session.capabilities import EngineCapabilities
    from shoplake.engine.storage.commit_diff import CommitDiff


class DeltaTableReader:
    """Tables at `<lake>/<layer>/<table>`, or by their names in a catalog, to be read."""

    def __init__(
        self, session: SparkSession, lake: str, capabilities: EngineCapabilities = SAIL, catalog: str | None = None
    ) -> None:
        """Raise SettingsError for a folder that the embedded engine cannot reach."""
        self.session, self.lake, self.capabilities = session, lake.rstrip("/"), capabilities
        is_linked = capabilities.is_in_process and not filesystem.is_remote(self.lake)
        self.engine_folder = LINKS.path(self.lake) if is_linked else self.lake
        """The path of the lake's folder in queries."""
        self._catalog = catalog
        self._locations: dict[str, PathTable | CatalogTable] = {}
        self._past_versions = PastVersions(capabilities)
        self._changed_dates = OnceCache["set[DateRange] | None"]()
        self.shared_inputs = SharedInputs()
        self.copies = KeptCopies(self)
        """The copies that are kept of tables of many small files."""
        is_listed = capabilities.shares_disk and not filesystem.is_remote(self.lake)
        self._listed = ListedFiles() if is_listed else None
        self.fetched = FetchedRows() if is_listed else None
        """Says of a Spark server on this machine whether its results are written here."""

    def location(self, table: Table[...]) -> PathTable | CatalogTable:
        """Return the location of the table: in the lake or in the catalog."""
        if table.path not in self._locations:
            name = f"{self._catalog}.{table.qualified_name}"
            linked = self._engine_path(table)
            path = f"{self.lake}/{table.path}"
            folder = PathTable(
                self.session, path, self.capabilities, linked=linked, listed=self._listed, fetched=self.fetched
            )
            self._locations[table.path] = folder if self._catalog is None else CatalogTable(self.session, name)
        return self._locations[table.path]

    def _engine_path(self, table: Table[...]) -> str:
        """Return the path of a table's folder in queries."""
        return f"{self.engine_folder}/{table.path}"

    def folder(self, name: str) -> str | None:
        """Return the folder of a table by its `layer.name`, also of one that is not declared; None in a catalog."""
        return f"{self.lake}/{name.replace('.', '/')}" if self._catalog is None else None

    def sql(self, query: str) -> DataFrame:
        """Return the result of a query that names tables by `sql_name`."""
        return self.session.sql(query)

    @contextmanager
    def share_inputs(self, tables: Iterable[Table[...]]) -> Iterator[None]:
        """Stage input rows that several of the tables are made of once, while they are written inside `with`.

        A local Spark server reads tables from the files that their logs name meanwhile.
        """
        listing = self._listed.list_files() if self._listed else nullcontext()
        with self.shared_inputs.share(tables), listing:
            yield

    def sql_name(self, table: Table[...], version: int | None = None) -> str:
        """Return the name of the table, or of an earlier version of it, in a query of `sql`.

        Raises VersionNotFoundError for a version whose log or files are gone, UnsupportedFeatureError for one that
        Sail cannot read in an object store.
        """
        location = self.location(table)
        return location.sql if version is None else self._past_versions.sql_name(table, location, version)

    def path(self, table: Table[...]) -> str:
        """Return the folder of the table, or its address in a catalog."""
        return self.location(table).path

    def read(self, table: Table[...]) -> DataFrame:
        """Return all rows of the current version."""
        return with_former_names(self.location(table).read(), table)

    def read_copy(self, table: Table[...]) -> DataFrame | None:
        """Return all rows of the current version from a copy in one file; None where none is kept.

        Only in a run that may read the whole table for others. The copy is brought up to date.
        """
        if not self._is_copied(table):
            return None
        return self.shared_inputs.copy_once((table.path, self.version(table)), partial(self.copies.read, table))

    def _is_copied(self, table: Table[...]) -> bool:
        return self.shared_inputs.is_read_whole(table) and self.copies.is_kept(table)

    def read_sooner(self, table: Table[...]) -> DataFrame:
        """Return all rows of the current version, from a copy where one is kept."""
        rows = self.read_copy(table)
        return self.read(table) if rows is None else rows

    def allow_schema_change(self, table: Table[...]) -> None:
        """Let the next overwrite of all rows of the table also change its columns, types and partitions."""
        self._locations[table.path] = replace(self.location(table), can_change_schema=True)

    def read_batches(self, table: Table[...], batches: Collection[str]) -> DataFrame:
        """Return the rows of a bronze table that arrived in `batches`."""
        return self.read(table).where(F.col("batch_id").isin(sorted(batches)))

    def scan_batch(self, table: Table[...], batch: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield columns of the rows of a bronze table that arrived in a batch, from its files and without a query."""
        yield from table_log.scan_batch(self.path(table), batch, columns)

    def row_count(self, table: Table[...]) -> int:
        """How many rows the table has."""
        return table_log.row_count(self.path(table))

    def version(self, table: Table[...]) -> int:
        """Return the number of the table's last commit."""
        return table_log.table_version(self.path(table))

    def commit_diff(self, table: Table[...], since: int) -> CommitDiff | None:
        """Return what commits after version `since` changed; None where log or files no longer exist.

        The files are under the path by which the engine reaches them.
        """
        diff = table_log.diff_commits(self.path(table), since, self.version(table), table.partition_by)
        if diff is None or not table_log.is_complete(self.path(table), diff):
            return None
        return diff if self.engine_folder == self.lake else diff.moved(self.lake, self.engine_folder)

    def partitions(self, table: Table[...], column: str) -> set[str]:
        """Return the values of a column by which a table is rebuilt in part, as text; by its log where it can."""
        if column in table.partition_by:
            return table_log.partition_values(self.path(table), column)
        values = self.read(table).select(F.col(column).cast("string")).distinct().collect()
        return {value for (value,) in values if value is not None}

    def added_rows(self, table: Table[...], since: int) -> DataFrame:
        """Return the rows of files added after a version. Raises CommitError where files were removed."""
        changes = self.commit_diff(table, since)
        if changes is None or changes.removed:
            raise CommitError(
                f"{table.qualified_name} was changed by another process meanwhile. Run again: shoplake run"
            )
        return added_rows(self.session, table, changes)

    def is_scattered(self, table: Table[...], rows: DataFrame, share: float = 1.0) -> bool:
        """Whether a query reads a small table from many files, so often that a copy in one file is cheaper.

        The copy has this `share` of the table's rows, at most 1. A copy of all rows also serves the other tables of a
        run that are made of them, each of which is taken to read them once. One that is kept is always cheaper.

        The embedded engine passes the rows of each file on by themselves, through every step of the query.
        """
        if self._catalog is not None or not self.capabilities.is_in_process:
            return False
        if share == 1 and self._is_copied(table):
            return count_reads(rows, self._engine_path(table)) > 0
        files, size = table_log.table_size(self.path(table))
        if files <= table_log.MANY_FILES:
            return False
        reads = count_reads(rows, self._engine_path(table))
        if reads and share == 1:
            reads += self.shared_inputs.other_readers(table)
        return share * size <= BYTES_PER_FILE * files * reads

    def changed_since(self, table: Table[...], changes: CommitDiff) -> datetime | None:
        """Return the first moment at which versions differ after some changes; None if they are the same."""
        moments = [
            first_changed_at(encode_maps(rows, table.columns)) for rows in changed_rows(self.session, table, changes)
        ]
        return min((moment for moment in moments if moment is not None), default=None)

    def changed_dates(self, table: Table[...], changes: CommitDiff, first: str, last: str) -> set[DateRange] | None:
        """Return the days, from `first` to `last` (null: no end), of the rows that some changes added or removed.

        None where one of these rows has no first day. One column of days lists them; of many partitions, they are those
        of all rows in the changed files. Tables that read the same changes are answered by one query.
        """
        ask = partial(self._query_changed_dates, table, changes, first, last)
        return self._changed_dates.get((table.path, changes, first, last), ask)

    def _query_changed_dates(
        self, table: Table[...], changes: CommitDiff, first: str, last: str
    ) -> set[DateRange] | None:
        ends = [F.col(first).alias("first"), F.col(last).alias("last")]
        if is_list := is_list_of_days(table, first):
            ends = [F.explode(first).alias("first")]
        if is_list and len(changes.partitions) > MANY_PARTITIONS:
            parts = iter([stored_rows(self.session, table, changes)])
        else:
            parts = changed_rows(self.session, table, changes, tuple(dict.fromkeys((first, last))))
        spans = [rows.select(*ends).distinct().collect() for rows in parts]
        found = [row for rows in spans for row in rows]
        return None if any(row[0] is None for row in found) else {DateRange(row[0], row[-1]) for row in found}

    def exact_changes(self, table: Table[...], since: int, columns: Sequence[str]) -> Iterator[DataFrame]:
        """Yield columns of the rows that were added or removed since a version, in parts; rows may repeat.

        Raises CommitError where the log no longer has the changes.
        """
        changes = self.commit_diff(table, since)
        if changes is None:
            raise CommitError(f"The changes of {table.qualified_name} are no longer known. Run again: shoplake run")
        yield from changed_rows(self.session, table, changes, columns)

    def changed_rows(self, table: Table[...], since: int) -> DataFrame | None:
        """Return the rows added or removed since a version, and maybe some that did not change; None if unknown."""
        changes = self.commit_diff(table, since)
        if changes is None:
            return None
        if not changes.files:
            return self.read(table).limit(0)
        return stored_rows(self.session, table, changes)
