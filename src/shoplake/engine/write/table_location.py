"""The location of one table, a folder or a name in a catalog, and how it is created, read and written there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pyspark.sql import functions as F

from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.session.capabilities import writer
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.storage import delta_log, filesystem, table_log
from shoplake.engine.storage.catalog.address import CatalogAddress
from shoplake.engine.storage.catalog.catalog_tables import create_table
from shoplake.engine.storage.log_statistics import set_properties
from shoplake.engine.write.schema.plain_texts import with_plain_texts

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.session.capabilities import EngineCapabilities
    from shoplake.engine.write.local_server.fetched_rows import FetchedRows
    from shoplake.engine.write.local_server.listed_files import ListedFiles


class TableLocation(Protocol):
    """The location of one table."""

    @property
    def path(self) -> str:
        """The folder with its log, or its address in a catalog."""

    @property
    def sql(self) -> str:
        """The name of it in a query."""

    @property
    def is_single_writer(self) -> bool:
        """Whether only the process that has the lake's lease can write to it."""

    def exists(self) -> bool:
        """Whether it has been created."""

    def create_if_missing(self, table: Table[...]) -> None:
        """Create it, without rows, unless it exists."""

    def read(self, version: int | None = None) -> DataFrame:
        """Return all rows of the current version, or of another."""

    def append(self, rows: DataFrame, partition_by: Collection[str] = ()) -> None:
        """Append rows in one commit."""

    def overwrite(self, rows: DataFrame, partition_by: Collection[str] = (), where: str | None = None) -> None:
        """Overwrite the rows that satisfy `where`, or all, in one commit."""

    def delete_batches(self, batches: Collection[str]) -> None:
        """Delete the rows of `batches` from a table that is partitioned by `batch_id`, if there are any."""


@dataclass(frozen=True)
class PathTable:
    """A table that is a folder."""

    session: SparkSession
    path: str
    capabilities: EngineCapabilities
    can_change_schema: bool = False
    """Whether an overwrite of all rows may also change columns, types and partitions."""
    linked: str | None = None
    """Another path of the folder, by which the engine reaches it."""
    listed: ListedFiles | None = None
    """Reads the files that the log names, where the engine would read the log by jobs of its own."""
    fetched: FetchedRows | None = None
    """Says whether few rows are written here, where the engine would write them by jobs of its own."""

    @property
    def engine_path(self) -> str:
        """The path of the folder in queries."""
        return self.linked or self.path

    @property
    def sql(self) -> str:
        """The name of it in a query."""
        return f"delta.`{self.engine_path}`"

    @property
    def is_single_writer(self) -> bool:
        """The operating system locks a folder of this machine; a lease of an object store can be lost."""
        return not filesystem.is_remote(self.path)

    def exists(self) -> bool:
        """Whether it has been created."""
        return delta_log.table_exists(self.path)

    @crash_points("create_table")
    def create_if_missing(self, table: Table[...]) -> None:
        """Create it, without rows, unless it exists; then set the properties that its log lacks."""
        delta_log.create_if_missing(table, self.path)
        set_properties(table, self.path)

    def read(self, version: int | None = None) -> DataFrame:
        """Return all rows of the current version, or of another."""
        if self.listed and version is None and (rows := self.listed.read(self.session, self.path)) is not None:
            return self.fetched.gather(rows) if self.fetched else rows
        reader = self.session.read.format("delta")
        return (reader if version is None else reader.option("versionAsOf", version)).load(self.engine_path)

    @crash_points("commit")
    def append(self, rows: DataFrame, partition_by: Collection[str] = ()) -> None:
        """Append rows in one commit."""
        if self.fetched and self.fetched.commit(self.path, rows, "append"):
            return
        to = writer(rows, self.capabilities, "append", partition_by)
        retry_on_conflict(lambda: to.save(self.engine_path))

    @crash_points("commit")
    def overwrite(self, rows: DataFrame, partition_by: Collection[str] = (), where: str | None = None) -> None:
        """Overwrite the rows that satisfy `where`, or all, in one commit."""
        options = {} if where is None else {"replaceWhere": where}
        if where is None and self.can_change_schema:
            options = {"overwriteSchema": "true"}
            rows = rows if self.capabilities.is_in_process else with_plain_texts(rows)
        elif self.fetched and self.fetched.commit(self.path, rows, "overwrite", where):
            return
        to = writer(rows, self.capabilities, "overwrite", partition_by, **options)
        retry_on_conflict(lambda: to.save(self.engine_path))

    @crash_points("delete_batches")
    def delete_batches(self, batches: Collection[str]) -> None:
        """Delete the rows of `batches`, if there are any."""
        delta_log.delete_batches(self.path, batches)


@dataclass(frozen=True)
class CatalogTable:
    """A table in a catalog, `catalog.layer.table`: made, written and described by that name alone."""

    session: SparkSession
    name: str
    can_change_schema: bool = False
    """Whether an overwrite of all rows may also change columns, types and partitions."""

    @property
    def path(self) -> CatalogAddress:
        """Its address: its folder is the catalog's own affair."""
        return CatalogAddress(self.name, self.session)

    @property
    def sql(self) -> str:
        """The name of it in a query."""
        return self.path.sql

    @property
    def is_single_writer(self) -> bool:
        """Other processes can write to a catalog."""
        return False

    def exists(self) -> bool:
        """Whether the catalog has it."""
        return table_log.table_exists(self.path)

    @crash_points("create_table")
    def create_if_missing(self, table: Table[...]) -> None:
        """Create it, without rows, unless it exists; without deletion vectors, so that every reader can read it."""
        create_table(table, self.path)

    def read(self, version: int | None = None) -> DataFrame:
        """Return all rows of the current version, or of another."""
        reader = self.session.read.format("delta")
        return (reader if version is None else reader.option("versionAsOf", version)).table(self.name)

    @crash_points("commit")
    def append(self, rows: DataFrame, partition_by: Collection[str] = ()) -> None:
        """Append rows in one commit."""
        retry_on_conflict(lambda: rows.writeTo(self.name).append())

    @crash_points("commit")
    def overwrite(self, rows: DataFrame, partition_by: Collection[str] = (), where: str | None = None) -> None:
        """Overwrite the rows that satisfy `where`, or all, in one commit."""
        if where is None and self.can_change_schema:
            plain = with_plain_texts(rows)
            to = plain.write.format("delta").mode("overwrite").option("overwriteSchema", "true")
            retry_on_conflict(lambda: to.partitionBy(*partition_by).saveAsTable(self.name))
        else:
            chosen = F.lit(True) if where is None else F.expr(where)
            retry_on_conflict(lambda: rows.writeTo(self.name).overwrite(chosen))

    @crash_points("delete_batches")
    def delete_batches(self, batches: Collection[str]) -> None:
        """Delete the rows of `batches`, if there are any."""
        retry_on_conflict(lambda: table_log.delete_batches(self.path, batches))
