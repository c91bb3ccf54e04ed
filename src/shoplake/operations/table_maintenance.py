"""The care of a table's files: put small ones together, delete those no version needs, look back, go back.

Where the engine has Delta's own SQL, that does it; else delta-rs, on the same log.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from pyspark.sql import functions as F

from shoplake.engine.storage.table_cache import load_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from shoplake.engine.write.table_location import TableLocation

WEEK_H = 168
"""Hours; Delta itself refuses to keep files for less, as a reader may still be at an older version."""
CHECK = "spark.databricks.delta.retentionDurationCheck.enabled"


@dataclass(frozen=True)
class Commit:
    """A version of a table: when it was made, and by what."""

    version: int
    at: datetime
    operation: str


class MaintenanceBackend(Protocol):
    """What both engines do with the files of one table; its rows stay as they are but for `restore`."""

    def optimize(self, place: TableLocation) -> int:
        """Put small files together; how many were."""

    def vacuum(self, place: TableLocation, hours: int = WEEK_H) -> int:
        """Delete files that no version of the last `hours` needs, those of failed writes among them; how many."""

    def history(self, place: TableLocation) -> list[Commit]:
        """Its versions, the newest first, as far back as its log says."""

    def restore(self, place: TableLocation, version: int) -> None:
        """Make the rows of an earlier version those of a new one."""


class DeltaRsMaintenance:
    """Maintenance by delta-rs."""

    def optimize(self, place: TableLocation) -> int:
        """Put small files together; how many were."""
        return int(load_table(place.path).optimize.compact()["numFilesRemoved"])

    def vacuum(self, place: TableLocation, hours: int = WEEK_H) -> int:
        """Delete files that no version of the last `hours` needs; `full`, or delta-rs leaves those of failed writes."""
        table = load_table(place.path)
        gone = table.vacuum(hours, dry_run=False, enforce_retention_duration=hours >= WEEK_H, full=True)
        return len(gone)

    def history(self, place: TableLocation) -> list[Commit]:
        """Its versions, the newest first."""
        said = load_table(place.path).history()
        made = [
            Commit(int(each["version"]), datetime.fromtimestamp(each["timestamp"] / 1000, UTC), each["operation"])
            for each in said
        ]
        return sorted(made, key=lambda commit: -commit.version)

    def restore(self, place: TableLocation, version: int) -> None:
        """Make the rows of an earlier version those of a new one."""
        load_table(place.path).restore(version)


class SparkSqlMaintenance:
    """Maintenance by Delta's SQL on Spark."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session

    def optimize(self, place: TableLocation) -> int:
        """Put small files together; how many were."""
        done = self._session.sql(f"OPTIMIZE {place.sql}").select("metrics.numFilesRemoved").collect()
        return int(done[0][0])

    def vacuum(self, place: TableLocation, hours: int = WEEK_H) -> int:
        """Delete files that no version of the last `hours` needs, those of failed writes among them; how many."""
        with self._kept_for(hours):
            gone = self._session.sql(f"VACUUM {place.sql} RETAIN {hours} HOURS DRY RUN").count()
            self._session.sql(f"VACUUM {place.sql} RETAIN {hours} HOURS").collect()
        return gone

    def history(self, place: TableLocation) -> list[Commit]:
        """Its versions, the newest first."""
        moment = F.unix_micros("timestamp").alias("at")
        said = self._session.sql(f"DESCRIBE HISTORY {place.sql}").select("version", moment, "operation").collect()
        made = [Commit(row.version, datetime.fromtimestamp(row["at"] / 1e6, UTC), row.operation) for row in said]
        return sorted(made, key=lambda commit: -commit.version)

    def restore(self, place: TableLocation, version: int) -> None:
        """Make the rows of an earlier version those of a new one."""
        self._session.sql(f"RESTORE TABLE {place.sql} TO VERSION AS OF {version}").collect()

    @contextlib.contextmanager
    def _kept_for(self, hours: int) -> Iterator[None]:
        """Let Delta delete files younger than a week, where that is asked for."""
        if hours < WEEK_H:
            self._session.conf.set(CHECK, "false")
        try:
            yield
        finally:
            if hours < WEEK_H:
                self._session.conf.unset(CHECK)
