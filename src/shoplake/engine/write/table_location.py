"""Where one table lies, and how it is made, read and written there: a folder, or a name that a catalog keeps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from pyspark.sql import functions as F

from shoplake.engine.session.capabilities import writer
from shoplake.engine.session.error_mapping import patiently
from shoplake.engine.storage import delta_log, filesystem

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.session.capabilities import Offer


def in_lake(table: Table[...], catalog: str | None) -> bool:
    """Whether the table lies in the lake's folder, not where a catalog keeps it; the ledger always does."""
    return catalog is None or table.layer == "ops"


class Place(Protocol):
    """Where one table lies."""

    @property
    def at(self) -> str:
        """Its folder, with its log."""

    @property
    def sql(self) -> str:
        """How a query calls it."""

    @property
    def has_one_writer(self) -> bool:
        """Whether nobody can write to it but who has the lake's lease."""

    def ensure(self, table: Table[...]) -> None:
        """Make it, without rows, unless it is there."""

    def read(self, version: int | None = None) -> DataFrame:
        """All rows as they now stand, or stood at a version."""

    def append(self, rows: DataFrame, partition_by: Collection[str] = ()) -> None:
        """Add the rows, in one commit."""

    def put(self, rows: DataFrame, partition_by: Collection[str] = (), where: str | None = None) -> None:
        """Put the rows in place of those `where` it says, or of all, in one commit."""

    def forget(self, batches: Collection[str]) -> None:
        """Take out the rows of `batches` from a table that is partitioned by `batch_id`, if there are any."""


@dataclass(frozen=True)
class Folder:
    """A table that is its folder."""

    session: SparkSession
    at: str
    offer: Offer

    @property
    def sql(self) -> str:
        """How a query calls it."""
        return f"delta.`{self.at}`"

    @property
    def has_one_writer(self) -> bool:
        """In a folder of this machine the operating system sees to it; a lease of an object store can be lost."""
        return not filesystem.is_remote(self.at)

    def ensure(self, table: Table[...]) -> None:
        """Make it, without rows, unless it is there."""
        delta_log.ensure(table, self.at)

    def read(self, version: int | None = None) -> DataFrame:
        """All rows as they now stand, or stood at a version."""
        reader = self.session.read.format("delta")
        return (reader if version is None else reader.option("versionAsOf", version)).load(self.at)

    def append(self, rows: DataFrame, partition_by: Collection[str] = ()) -> None:
        """Add the rows, in one commit."""
        to = writer(rows, self.offer, "append", partition_by)
        patiently(lambda: to.save(self.at))

    def put(self, rows: DataFrame, partition_by: Collection[str] = (), where: str | None = None) -> None:
        """Put the rows in place of those `where` it says, or of all, in one commit."""
        options = {} if where is None else {"replaceWhere": where}
        to = writer(rows, self.offer, "overwrite", partition_by, **options)
        patiently(lambda: to.save(self.at))

    def forget(self, batches: Collection[str]) -> None:
        """Take out the rows of `batches`, if there are any."""
        delta_log.forget(self.at, batches)


@dataclass(frozen=True)
class Named:
    """A table that a catalog keeps by its name, `catalog.layer.table`; it is written by that name alone."""

    session: SparkSession
    name: str

    @cached_property
    def at(self) -> str:
        """Its folder, as the catalog says."""
        location: str = self.session.sql(f"DESCRIBE DETAIL {self.sql}").select("location").collect()[0][0]
        return unquote(urlsplit(location).path) if location.startswith("file:") else location

    @property
    def sql(self) -> str:
        """How a query calls it."""
        return ".".join(f"`{part}`" for part in self.name.split("."))

    @property
    def has_one_writer(self) -> bool:
        """A catalog lets others write too."""
        return False

    def ensure(self, table: Table[...]) -> None:
        """Make it, without rows, unless it is there; without deletion vectors, so that every reader can read it."""
        if not self.session.catalog.tableExists(self.name):
            catalog, layer, _ = self.name.split(".")
            self.session.sql(f"CREATE SCHEMA IF NOT EXISTS `{catalog}`.`{layer}`").collect()
            columns = ", ".join(f"{each.name} {each.type} COMMENT {_text(each.meaning)}" for each in table.columns)
            parts = f"PARTITIONED BY ({', '.join(table.partition_by)})" if table.partition_by else ""
            about = _text(table.doc.split("\n", 1)[0])
            properties = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'false')"
            made = f"CREATE TABLE IF NOT EXISTS {self.sql} ({columns}) USING delta {parts} COMMENT {about} {properties}"
            self.session.sql(made).collect()
        delta_log.ensure(table, self.at)

    def read(self, version: int | None = None) -> DataFrame:
        """All rows as they now stand, or stood at a version."""
        reader = self.session.read.format("delta")
        return (reader if version is None else reader.option("versionAsOf", version)).table(self.name)

    def append(self, rows: DataFrame, partition_by: Collection[str] = ()) -> None:
        """Add the rows, in one commit."""
        patiently(lambda: rows.writeTo(self.name).append())

    def put(self, rows: DataFrame, partition_by: Collection[str] = (), where: str | None = None) -> None:
        """Put the rows in place of those `where` it says, or of all, in one commit."""
        chosen = F.lit(True) if where is None else F.expr(where)
        patiently(lambda: rows.writeTo(self.name).overwrite(chosen))

    def forget(self, batches: Collection[str]) -> None:
        """Take out the rows of `batches`, if there are any."""
        if left := sorted(delta_log.partitions(self.at, "batch_id") & set(batches)):
            chosen = ", ".join(map(_text, left))
            patiently(lambda: self.session.sql(f"DELETE FROM {self.sql} WHERE batch_id IN ({chosen})").collect())


def _text(said: str) -> str:
    """A text in SQL."""
    escaped = said.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
