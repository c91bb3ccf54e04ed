"""Where one table lies, and how it is made, read and written there: a folder, or a name that a catalog keeps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from pyspark.sql import functions as F

from shoplake.engine.session.capabilities import writer
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.storage import delta_log, filesystem

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.session.capabilities import EngineCapabilities


def is_path_table(table: Table[...], catalog: str | None) -> bool:
    """Whether the table lies in the lake's folder, not where a catalog keeps it; the ledger always does."""
    return catalog is None or table.layer == "ops"


class TableLocation(Protocol):
    """Where one table lies."""

    @property
    def path(self) -> str:
        """Its folder, with its log."""

    @property
    def sql(self) -> str:
        """How a query calls it."""

    @property
    def is_single_writer(self) -> bool:
        """Whether nobody can write to it but who has the lake's lease."""

    def create_if_missing(self, table: Table[...]) -> None:
        """Make it, without rows, unless it is there."""

    def read(self, version: int | None = None) -> DataFrame:
        """All rows as they now stand, or stood at a version."""

    def append(self, rows: DataFrame, partition_by: Collection[str] = ()) -> None:
        """Add the rows, in one commit."""

    def overwrite(self, rows: DataFrame, partition_by: Collection[str] = (), where: str | None = None) -> None:
        """Put the rows in place of those `where` it says, or of all, in one commit."""

    def delete_batches(self, batches: Collection[str]) -> None:
        """Take out the rows of `batches` from a table that is partitioned by `batch_id`, if there are any."""


@dataclass(frozen=True)
class PathTable:
    """A table that is its folder."""

    session: SparkSession
    path: str
    capabilities: EngineCapabilities

    @property
    def sql(self) -> str:
        """How a query calls it."""
        return f"delta.`{self.path}`"

    @property
    def is_single_writer(self) -> bool:
        """In a folder of this machine the operating system sees to it; a lease of an object store can be lost."""
        return not filesystem.is_remote(self.path)

    def create_if_missing(self, table: Table[...]) -> None:
        """Make it, without rows, unless it is there."""
        delta_log.create_if_missing(table, self.path)

    def read(self, version: int | None = None) -> DataFrame:
        """All rows as they now stand, or stood at a version."""
        reader = self.session.read.format("delta")
        return (reader if version is None else reader.option("versionAsOf", version)).load(self.path)

    def append(self, rows: DataFrame, partition_by: Collection[str] = ()) -> None:
        """Add the rows, in one commit."""
        to = writer(rows, self.capabilities, "append", partition_by)
        retry_on_conflict(lambda: to.save(self.path))

    def overwrite(self, rows: DataFrame, partition_by: Collection[str] = (), where: str | None = None) -> None:
        """Put the rows in place of those `where` it says, or of all, in one commit."""
        options = {} if where is None else {"replaceWhere": where}
        to = writer(rows, self.capabilities, "overwrite", partition_by, **options)
        retry_on_conflict(lambda: to.save(self.path))

    def delete_batches(self, batches: Collection[str]) -> None:
        """Take out the rows of `batches`, if there are any."""
        delta_log.delete_batches(self.path, batches)


@dataclass(frozen=True)
class CatalogTable:
    """A table that a catalog keeps by its name, `catalog.layer.table`; it is written by that name alone."""

    session: SparkSession
    name: str

    @cached_property
    def path(self) -> str:
        """Its folder, as the catalog says."""
        location: str = self.session.sql(f"DESCRIBE DETAIL {self.sql}").select("location").collect()[0][0]
        return unquote(urlsplit(location).path) if location.startswith("file:") else location

    @property
    def sql(self) -> str:
        """How a query calls it."""
        return ".".join(f"`{part}`" for part in self.name.split("."))

    @property
    def is_single_writer(self) -> bool:
        """A catalog lets others write too."""
        return False

    def create_if_missing(self, table: Table[...]) -> None:
        """Make it, without rows, unless it is there; without deletion vectors, so that every reader can read it."""
        if not self.session.catalog.tableExists(self.name):
            catalog, layer, _ = self.name.split(".")
            self.session.sql(f"CREATE SCHEMA IF NOT EXISTS `{catalog}`.`{layer}`").collect()
            columns = ", ".join(f"{each.name} {each.type} COMMENT {_text(each.meaning)}" for each in table.columns)
            parts = f"PARTITIONED BY ({', '.join(table.partition_by)})" if table.partition_by else ""
            about = _text(table.summary)
            properties = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')"
            made = f"CREATE TABLE IF NOT EXISTS {self.sql} ({columns}) USING delta {parts} COMMENT {about} {properties}"
            self.session.sql(made).collect()
        delta_log.create_if_missing(table, self.path)

    def read(self, version: int | None = None) -> DataFrame:
        """All rows as they now stand, or stood at a version."""
        reader = self.session.read.format("delta")
        return (reader if version is None else reader.option("versionAsOf", version)).table(self.name)

    def append(self, rows: DataFrame, partition_by: Collection[str] = ()) -> None:
        """Add the rows, in one commit."""
        retry_on_conflict(lambda: rows.writeTo(self.name).append())

    def overwrite(self, rows: DataFrame, partition_by: Collection[str] = (), where: str | None = None) -> None:
        """Put the rows in place of those `where` it says, or of all, in one commit."""
        chosen = F.lit(True) if where is None else F.expr(where)
        retry_on_conflict(lambda: rows.writeTo(self.name).overwrite(chosen))

    def delete_batches(self, batches: Collection[str]) -> None:
        """Take out the rows of `batches`, if there are any."""
        if left := sorted(delta_log.partition_values(self.path, "batch_id") & set(batches)):
            chosen = ", ".join(map(_text, left))
            retry_on_conflict(
                lambda: self.session.sql(f"DELETE FROM {self.sql} WHERE batch_id IN ({chosen})").collect()
            )


def _text(said: str) -> str:
    """A text in SQL."""
    escaped = said.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
