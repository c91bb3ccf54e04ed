"""What lies in a lake: where each table is, its rows, and what changed in it since a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.commit_diff import CommitDiff, diff_commits
from shoplake.engine.write.map_columns import encode_maps
from shoplake.engine.write.modes.scd2 import first_changed_at
from shoplake.engine.write.row_diff import added_rows, changed_rows
from shoplake.engine.write.table_location import CatalogTable, PathTable, is_path_table
from shoplake.errors import CommitError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.session.capabilities import EngineCapabilities
    from shoplake.engine.write.table_location import TableLocation


class DeltaTableReader:
    """Tables at `<lake>/<layer>/<table>`, or by their names in a catalog, to be read."""

    def __init__(
        self, session: SparkSession, lake: str, offer: EngineCapabilities = SAIL, catalog: str | None = None
    ) -> None:
        self.session, self.lake, self.capabilities = session, lake.rstrip("/"), offer
        self._catalog = catalog
        self._places: dict[str, TableLocation] = {}

    def location(self, table: Table[...]) -> TableLocation:
        """Where the table lies: in the lake, or where the catalog keeps it; the ledger's always in the lake."""
        if table.path not in self._places:
            name = f"{self._catalog}.{table.qualified_name}"
            folder = PathTable(self.session, f"{self.lake}/{table.path}", self.capabilities)
            self._places[table.path] = (
                folder if is_path_table(table, self._catalog) else CatalogTable(self.session, name)
            )
        return self._places[table.path]

    def sql(self, query: str) -> DataFrame:
        """Return the result of a query that names tables by `sql_name`."""
        return self.session.sql(query)

    def sql_name(self, table: Table[...]) -> str:
        """Return the name of the table in a query of `sql`."""
        return self.location(table).sql

    def path(self, table: Table[...]) -> str:
        """The folder that the table lies in."""
        return self.location(table).path

    def read(self, table: Table[...]) -> DataFrame:
        """All rows as they now stand; no rows if nothing was ever written."""
        return self.location(table).read()

    def read_batches(self, table: Table[...], batches: Collection[str]) -> DataFrame:
        """The rows of a bronze table that arrived in `batches`."""
        return self.read(table).where(F.col("batch_id").isin(sorted(batches)))

    def row_count(self, table: Table[...]) -> int:
        """How many rows the table has, by its log."""
        return delta_log.row_count(self.path(table))

    def version(self, table: Table[...]) -> int:
        """The number of the table's last commit."""
        return delta_log.table_version(self.path(table))

    def commit_diff(self, table: Table[...], since: int) -> CommitDiff | None:
        """What commits after version `since` changed; None where the log no longer says, or the files are gone."""
        found = diff_commits(self.path(table), since, self.version(table))
        return found if found is not None and delta_log.files_exist(self.path(table), found.files) else None

    def partitions(self, table: Table[...], column: str) -> set[str]:
        """The values of a partition column that the table holds, as text."""
        return delta_log.partition_values(self.path(table), column)

    def added_rows(self, table: Table[...], since: int) -> DataFrame:
        """The rows of the files that came after a version. Raises CommitError where others went, or nobody knows."""
        changes = self.commit_diff(table, since)
        if changes is None or changes.removed:
            raise CommitError(f"{table.qualified_name} was changed by somebody else meanwhile. Run again: shoplake run")
        return added_rows(self.session, table, changes)

    def changed_since(self, table: Table[...], changes: CommitDiff) -> datetime | None:
        """The first moment at which a history says something else after some changes; None if it says the same."""
        found = [
            first_changed_at(encode_maps(rows, table.columns)) for rows in changed_rows(self.session, table, changes)
        ]
        return min((moment for moment in found if moment is not None), default=None)

    def changed_days(self, table: Table[...], changes: CommitDiff, first: str, last: str) -> set[str]:
        """The days, from `first` to `last`, of the rows that are new or gone after some changes."""
        span = F.explode(F.sequence(F.col(first), F.col(last))).alias("day")
        found = [
            rows.select(span).distinct().collect()
            for rows in changed_rows(self.session, table, changes, tuple(dict.fromkeys((first, last))))
        ]
        return {str(row.day) for rows in found for row in rows}

    def changed_rows(self, table: Table[...], since: int) -> DataFrame | None:
        """The rows that are new or gone since a version, and maybe some that are neither.

        None where the log no longer says.
        """
        changes = self.commit_diff(table, since)
        if changes is None:
            return None
        if not changes.files:
            return self.read(table).limit(0)
        stored = ", ".join(f"{each.name} {each.type}" for each in table.columns if each.name not in table.partition_by)
        return self.session.read.schema(stored).parquet(*changes.files)
