"""What SQL says of a table in a catalog: rows, versions, partitions, and what changed since a version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import functions as F

from shoplake.engine.storage.commit_diff import EXPIRED, CommitDiff
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pyarrow as pa
    from pyspark.sql import DataFrame

    from shoplake.engine.storage.catalog.address import CatalogAddress

CHANGE_FEED = "delta.enableChangeDataFeed"
"""The property of a table that lets SQL say which rows changed between two versions."""


@dataclass(frozen=True)
class ChangeFeed(CommitDiff):
    """What changed between two versions of a table in a catalog.

    `added` and `removed` name partitions alone: instead of a file, each has the address of the table.
    """

    at: CatalogAddress
    since: int
    until: int
    expired: tuple[int, ...] = ()
    """The versions that deleted expired rows, which is no change."""

    def signed_rows(self) -> DataFrame:
        """Return the rows that were added, `_sign` 1, or removed, -1; a changed row is both."""
        reader = self.at.session.read.option("readChangeFeed", "true")
        bounds = reader.option("startingVersion", self.since + 1).option("endingVersion", self.until)
        rows = bounds.table(self.at)
        sign = F.when(F.col("_change_type").isin("insert", "update_postimage"), F.lit(1)).otherwise(F.lit(-1))
        return rows.where(~F.col("_commit_version").isin(list(self.expired))).withColumn("_sign", sign)


@dataclass(frozen=True)
class CatalogLog:
    """Answers by SQL what the log of a table says; `at` is the table's address."""

    at: CatalogAddress

    def exists(self) -> bool:
        """Whether the catalog has the table."""
        return bool(self.at.session.catalog.tableExists(self.at))

    def version(self) -> int:
        """Return the number of the last commit."""
        return int(self.at.query(f"DESCRIBE HISTORY {self.at.sql} LIMIT 1")[0].version)

    def table_id(self) -> str:
        """Return what tells the table from any other, also from one that had its name before."""
        return str(self._detail("id"))

    def row_count(self, batch: str | None = None) -> int:
        """Return the number of rows, of the table or of a batch in it."""
        where = "" if batch is None else f" WHERE batch_id = {sql_literal(batch)}"
        return int(self.at.value(f"SELECT count(*) FROM {self.at.sql}{where}"))

    def size(self) -> tuple[int, int]:
        """Return the number of data files of the current version, and their size in bytes."""
        return int(self._detail("numFiles")), int(self._detail("sizeInBytes"))

    def file_paths(self) -> list[str]:
        """Return nothing: the catalog alone knows the files."""
        return []

    def partition_values(self, column: str) -> set[str]:
        """Return the values of a partition column, as text."""
        query = f"SELECT DISTINCT CAST(`{column}` AS string) FROM {self.at.sql} WHERE `{column}` IS NOT NULL"
        return {str(row[0]) for row in self.at.query(query)}

    def null_counts(self) -> dict[str, int | None]:
        """Count the nulls of each column that is no array, map or struct."""
        rows = self.at.session.table(self.at)
        names = [field.name for field in rows.schema if "<" not in field.dataType.simpleString()]
        counts = rows.agg(*[F.count_if(F.col(name).isNull()).alias(name) for name in names]).collect()[0]
        return {name: int(counts[name]) for name in names}

    def scan_batch(self, batch: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield columns of the rows of one batch; rows that are the same in all of them, once."""
        rows = self.at.session.table(self.at).where(F.col("batch_id") == batch)
        yield from rows.select(*columns).distinct().toArrow().to_batches()

    def delete_batches(self, batches: Collection[str]) -> None:
        """Delete the rows of `batches` from a table that is partitioned by `batch_id`, if there are any."""
        if present := sorted(self.partition_values("batch_id") & set(batches)):
            self.at.query(f"DELETE FROM {self.at.sql} WHERE batch_id IN ({', '.join(map(sql_literal, present))})")

    def compact(self, partition_by: Collection[str], max_files: int) -> None:
        """Do nothing: a catalog compacts its tables itself, and `shoplake maintain` asks it to."""

    def commit_times(self) -> dict[int, datetime]:
        """Return when each version that the history names was committed, the oldest first."""
        return {version: at for version, at, _ in sorted(self._history())}

    def last_commit_at(self) -> datetime:
        """Return when the current version was committed."""
        return max(self._history())[1]

    def is_readable(self, version: int) -> bool:
        """Whether the rows of a version can still be read."""
        try:
            self.at.session.sql(f"SELECT count(*) FROM {self.at.sql} VERSION AS OF {version}").collect()
        except PySparkException:
            return False
        return True

    def has_expiry(self, since: int, until: int) -> bool:
        """Whether a commit after version `since`, up to `until`, deleted expired rows."""
        return bool(self._expired(since, until))

    def diff(self, since: int, until: int, partition_by: Collection[str] = ()) -> CommitDiff | None:
        """Return what the commits after version `since`, up to `until`, changed; None where that is not known.

        It is unknown for versions that are vacuumed, or from before the table recorded its changes.
        """
        if since >= until:
            return CommitDiff((), ())
        changes = ChangeFeed((), (), self.at, since, until, self._expired(since, until))
        parts = list(partition_by)
        try:
            signs = changes.signed_rows().select("_sign", *[F.col(name).cast("string").alias(name) for name in parts])
            rows = signs.distinct().collect()
        except PySparkException:
            return None
        sides: dict[int, list[Any]] = {1: [], -1: []}
        for row in rows:
            sides[row["_sign"]].append((str(self.at), tuple((name, row[name]) for name in parts)))
        added, removed = (tuple(sorted(sides[sign], key=repr)) for sign in (1, -1))
        return ChangeFeed(added, removed, self.at, since, until, changes.expired)

    def is_complete(self, diff: CommitDiff) -> bool:
        """Whether the rows that changed can still be read: they were, to find their partitions."""
        return True

    def partition_columns(self) -> list[str]:
        """Return the names of the partition columns, in order."""
        return list(self._detail("partitionColumns"))

    def column_names(self) -> list[str] | None:
        """Return the names of the columns; None where there is no such table."""
        try:
            return list(self.at.session.table(self.at).columns)
        except AnalysisException as error:
            if "NOT_FOUND" not in str(error):
                raise
            return None

    def columns(self) -> list[tuple[str, str, str]]:
        """Return name, type and comment of each column, in order."""
        fields = self.at.session.table(self.at).schema
        return [(each.name, each.dataType.simpleString(), each.metadata.get("comment", "")) for each in fields]

    def properties(self) -> dict[str, str]:
        """Return the properties of the table."""
        return {row[0]: row[1] for row in self.at.query(f"SHOW TBLPROPERTIES {self.at.sql}")}

    def _detail(self, name: str) -> Any:
        return self.at.query(f"DESCRIBE DETAIL {self.at.sql}")[0][name]

    def _expired(self, since: int, until: int) -> tuple[int, ...]:
        versions = [version for version, _, metadata in self._history() if metadata == EXPIRED]
        return tuple(sorted(version for version in versions if since < version <= until))

    def _history(self) -> list[tuple[int, datetime, str | None]]:
        at = F.unix_micros("timestamp").alias("at")
        rows = self.at.session.sql(f"DESCRIBE HISTORY {self.at.sql}").select("version", at, "userMetadata").collect()
        return [
            (int(row["version"]), datetime.fromtimestamp(row["at"] / 1e6, UTC), row["userMetadata"]) for row in rows
        ]
