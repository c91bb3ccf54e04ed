"""Maintenance of a table's files: compact, vacuum, list versions, restore one.

Delta's own SQL does it where the engine has that; else delta-rs, on the same log.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from shoplake.engine import EXPIRED, delete_expired, load_table, remove_outdated_copy, unused_files
from shoplake.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine import PipelineEngine

WEEK_H = 168
"""Hours; Delta itself refuses a shorter retention, as a reader may still be at an older version."""
CHECK = "spark.databricks.delta.retentionDurationCheck.enabled"


@dataclass(frozen=True)
class Commit:
    """A version of a table: when it was committed, and by which operation."""

    version: int
    at: datetime
    operation: str


class MaintenanceBackend(Protocol):
    """Maintains the files of one table; its rows change only by `restore`."""

    def optimize(self, table: Table[...]) -> int:
        """Compact small files; return how many were."""

    def vacuum(self, table: Table[...], hours: int = WEEK_H) -> int:
        """Delete files that no version of the last `hours` needs, also those of failed writes; return how many."""

    def history(self, table: Table[...]) -> list[Commit]:
        """Return its versions, the newest first, as far back as its log goes."""

    def columns(self, table: Table[...], version: int) -> list[str]:
        """Return the names of the columns of an earlier version."""

    def restore(self, table: Table[...], version: int) -> None:
        """Write the rows of an earlier version as a new one."""

    def expire(self, table: Table[...], where: str) -> int:
        """Delete rows whose retention is over; return how many. Tables that are made from them keep theirs."""


def maintenance_backend(engine: PipelineEngine) -> MaintenanceBackend:
    """Return the maintenance that suits the engine."""
    return SparkSqlMaintenance(engine) if engine.capabilities.has_maintenance else DeltaRsMaintenance(engine)


class DeltaRsMaintenance:
    """Maintenance by delta-rs."""

    def __init__(self, engine: PipelineEngine) -> None:
        self._engine = engine

    def optimize(self, table: Table[...]) -> int:
        """Compact small files; return how many were."""
        return int(load_table(self._engine.path(table)).optimize.compact()["numFilesRemoved"])

    def vacuum(self, table: Table[...], hours: int = WEEK_H) -> int:
        """Delete files that no version of the last `hours` needs; `full`, or delta-rs leaves those of failed writes."""
        at = self._engine.path(table)
        unused = unused_files(at, hours)
        if unused:  # two commits even where there are none
            load_table(at).vacuum(hours, dry_run=False, enforce_retention_duration=hours >= WEEK_H, full=True)
        remove_outdated_copy(self._engine.lake, table.path)
        return len(unused)

    def history(self, table: Table[...]) -> list[Commit]:
        """Return its versions, the newest first."""
        rows = load_table(self._engine.path(table)).history()
        commits = [
            Commit(int(row["version"]), datetime.fromtimestamp(row["timestamp"] / 1000, UTC), row["operation"])
            for row in rows
        ]
        return sorted(commits, key=lambda commit: -commit.version)

    def columns(self, table: Table[...], version: int) -> list[str]:
        """Return the names of the columns of an earlier version; Sail reads none before the last checkpoint."""
        delta = load_table(self._engine.path(table))
        delta.load_as_version(version)
        return [field.name for field in delta.schema().fields]

    def restore(self, table: Table[...], version: int) -> None:
        """Write the rows of an earlier version as a new one."""
        load_table(self._engine.path(table)).restore(version)

    def expire(self, table: Table[...], where: str) -> int:
        """Delete rows whose retention is over; return how many."""
        return delete_expired(self._engine.path(table), where)


class SparkSqlMaintenance:
    """Maintenance by Delta's SQL on Spark."""

    def __init__(self, engine: PipelineEngine) -> None:
        self._engine = engine

    def optimize(self, table: Table[...]) -> int:
        """Compact small files; return how many were."""
        rows = self._sql(f"OPTIMIZE {self._engine.sql_name(table)}").select("metrics.numFilesRemoved").collect()
        return int(rows[0][0])

    def vacuum(self, table: Table[...], hours: int = WEEK_H) -> int:
        """Delete files that no version of the last `hours` needs, also those of failed writes; return how many."""
        statement = f"VACUUM {self._engine.sql_name(table)} RETAIN {hours} HOURS"
        with self._retention_check(hours):
            deleted = self._sql(f"{statement} DRY RUN").count()
            self._sql(statement).collect()
        remove_outdated_copy(self._engine.lake, table.path)
        return deleted

    def history(self, table: Table[...]) -> list[Commit]:
        """Return its versions, the newest first."""
        at = F.unix_micros("timestamp").alias("at")
        rows = self._sql(f"DESCRIBE HISTORY {self._engine.sql_name(table)}").select("version", at, "operation")
        commits = [
            Commit(row.version, datetime.fromtimestamp(row["at"] / 1e6, UTC), row.operation) for row in rows.collect()
        ]
        return sorted(commits, key=lambda commit: -commit.version)

    def columns(self, table: Table[...], version: int) -> list[str]:
        """Return the names of the columns of an earlier version."""
        return self._engine.location(table).read(version).columns

    def restore(self, table: Table[...], version: int) -> None:
        """Write the rows of an earlier version as a new one."""
        self._sql(f"RESTORE TABLE {self._engine.sql_name(table)} TO VERSION AS OF {version}").collect()

    def expire(self, table: Table[...], where: str) -> int:
        """Delete rows whose retention is over; return how many."""
        name = self._engine.sql_name(table)
        rows = self._engine.read(table)
        count = rows.where(where).count()
        nothing = rows.where(F.lit(False)).writeTo(name).option("userMetadata", EXPIRED)
        nothing.overwrite(F.expr(where))
        return count

    @contextlib.contextmanager
    def _retention_check(self, hours: int) -> Iterator[None]:
        """Let Delta delete files younger than a week, where that is asked for.

        Raises UnsupportedFeatureError where the server forbids the setting, as serverless compute does.
        """
        if hours >= WEEK_H:
            yield
            return
        conf = self._engine.session.conf
        try:
            conf.set(CHECK, "false")
        except PySparkException as error:
            raise UnsupportedFeatureError(
                f"This Spark keeps files for a week. Give 7 days or more. It says: {str(error).splitlines()[0]}"
            ) from error
        try:
            yield
        finally:
            conf.unset(CHECK)

    def _sql(self, statement: str) -> DataFrame:
        return self._engine.sql(statement)
