"""The commits of one table: what every write mode is made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Action
from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.schema.map_columns import has_maps, with_stored_types
from shoplake.engine.write.schema.schema_check import check_schema
from shoplake.engine.write.shared_inputs import WholeTable
from shoplake.engine.write.staging.staging_area import RETURNED, StagingArea
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence

    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

    from shoplake.declare import Table
    from shoplake.engine.protocol import CommitCheck
    from shoplake.engine.write.schema.schema_check import SchemaCache
    from shoplake.engine.write.table_location import TableLocation
    from shoplake.engine.write.table_reader import DeltaTableReader

GATHER_BELOW_ROWS = 1_000_000
"""Rows of a batch below which one stream writes them."""

LARGE_INPUT_ROWS = 10_000_000
"""Rows of a table's largest input from which on several streams overwrite it: one keeps one core busy with 24 M events,
while the other waits. The partitions of as many are large, in two files each too."""


@dataclass(frozen=True)
class DeltaTableWriter:
    """Checks, stages and commits the rows of one table and of its quarantine."""

    tables: DeltaTableReader
    table: Table[...]
    schemas: SchemaCache
    before_commit: CommitCheck | None = None

    @property
    def session(self) -> SparkSession:
        """The session that computes the rows."""
        return self.tables.session

    @property
    def is_particular_about_types(self) -> bool:
        """Whether the engine replaces partitions only by rows whose maps and lists are named like the stored ones."""
        return self.tables.capabilities.is_in_process

    def with_stored_types(self, rows: DataFrame, stored: DataFrame) -> DataFrame:
        """Return materialized rows, on an engine that asks for it with the types of the table's stored ones."""
        return with_stored_types(rows, stored) if self.is_particular_about_types else rows

    @property
    def location(self) -> TableLocation:
        """Where the table is stored."""
        return self.tables.location(self.table)

    def check(self, rows: DataFrame) -> StructType:
        """Return the schema of what the table's function returned.

        Raises SchemaMismatchError unless that has the columns that the function declares.
        """
        schema = self.schemas.of(self.table, RETURNED, rows)
        check_schema(self.table, schema)
        return schema

    def staging(self) -> StagingArea:
        """Create a staging area for one write."""
        tables = self.tables
        engine, folder = tables.capabilities, tables.engine_folder
        return StagingArea(tables.session, folder, self.table, engine, self.schemas, tables.fetched)

    def stage_inputs(
        self, stage: StagingArea, inputs: Mapping[str, DataFrame], keys: Mapping[str, Hashable]
    ) -> dict[str, DataFrame]:
        """Stage the inputs that have keys, each once in a run, and return them from there, or from kept copies."""
        shared, found = self.tables.shared_inputs, dict[str, DataFrame]()
        for name, key in sorted(keys.items()):
            kept = self.tables.read_copy(key.table) if isinstance(key, WholeTable) else None
            staged = partial(shared.stage, key, inputs[name], f"copy-{name}", stage, self.staging)
            found[name] = staged() if kept is None else kept
        return found

    def read(self) -> DataFrame:
        """Return all rows of the current version."""
        return self.tables.read(self.table)

    def row_count(self) -> int:
        """Return the number of rows of the current version."""
        return self.tables.row_count(self.table)

    def checked(self, stage: StagingArea, rows: DataFrame, where: str | None = None) -> DataFrame:
        """Return rows that overwrite those that satisfy `where`, or all, once `before_commit` has seen them staged."""
        if self.before_commit is None:
            return rows
        if where is None:
            return self.checked_beside(stage, rows, None)
        kept = self.read().where(~F.coalesce(F.expr(where), F.lit(False)))
        return self.with_stored_types(self.checked_beside(stage, rows, kept), self.location.read())

    def checked_beside(self, stage: StagingArea, rows: DataFrame, kept: DataFrame | None) -> DataFrame:
        """Return rows that are written beside the `kept` ones, once `before_commit` has seen them staged."""
        if self.before_commit is None:
            return rows
        staged = stage.materialize(rows, "checked")
        self.before_commit(staged, kept)
        return staged

    def gather(self, rows: DataFrame, count: int = 0) -> DataFrame:
        """Return the rows in one stream, so that they are written to one file a partition.

        Sail computes them in several streams nevertheless. Spark would not: there they are returned as they are, as
        are `GATHER_BELOW_ROWS` and more, which several streams write sooner.
        """
        is_gathered = self.tables.capabilities.is_in_process and count < GATHER_BELOW_ROWS
        return rows.coalesce(1) if is_gathered else rows

    def divide(self, rows: DataFrame) -> DataFrame:
        """Return staged rows in several streams, of which one has all rows of a partition.

        On Sail, each stream has a file open in memory for each of its partitions, until it ends.
        """
        columns = self.table.partition_by if self.tables.capabilities.is_in_process else ()
        return rows.repartition(*columns) if columns else rows

    @crash_points("overwrite")
    def overwrite(self, rows: DataFrame, where: str | None = None, *, is_large: bool = False) -> None:
        """Overwrite the rows that satisfy `where`, or all, in one commit; those that are not large in one stream."""
        rows = rows if is_large else self.gather(rows)
        if where is None or not self.is_particular_about_types or not has_maps(self.table.columns):
            self.location.overwrite(rows, self.table.partition_by, where)
            return
        with self.staging() as stage:  # Sail 0.7.2 cannot optimize a union within the union that casts
            maps = with_stored_types(stage.materialize(rows, "maps"), self.location.read())
            self.location.overwrite(maps, self.table.partition_by, where)

    def overwrite_chunks(self, chunks: Sequence[DataFrame], count: int = 0) -> WriteResult:
        """Overwrite the table with the rows of all chunks in one commit; each chunk is computed on its own before.

        `count` is of the rows that the largest input has: those of `LARGE_INPUT_ROWS` are not gathered.
        """
        is_large = len(chunks) > 1 or count >= LARGE_INPUT_ROWS
        for rows in chunks:
            self.check(rows)
        before = self.row_count()
        if len(chunks) == 1 and self.before_commit is None:
            self.overwrite(chunks[0], is_large=is_large)
        else:
            with self.staging() as stage:
                rows = chunks[0] if len(chunks) == 1 else stage.materialize_union(chunks)
                rows = self.checked(stage, rows)
                self.overwrite(rows if len(chunks) == 1 else self.divide(rows), is_large=is_large)
        return self.count_all(before)

    def count_all(self, replaced: int) -> WriteResult:
        """Count the rows of the current version, and those that violate each rule that only warns."""
        count, violations = self.row_count(), dict[str, int]()
        if count and any(each.on_violation is Action.WARN for each in self.table.expectations):
            violations = self.staging().warning_counts(self.tables.read_sooner(self.table))
        return WriteResult(count, count, violations=violations, rows_replaced=replaced)

    def overwrite_partitions(
        self, stage: StagingArea, rows: DataFrame, values: Collection[object], column: str
    ) -> None:
        """Overwrite the rows with those values of a column in one commit; other rows are ignored."""
        texts = sorted(map(str, values))
        is_named = F.col(column).cast("string").isin(texts)
        where = f"{column} IN ({', '.join(map(sql_literal, texts))})"
        rows = self.checked(stage, rows.where(is_named), where)
        if self.tables.capabilities.is_in_process and column not in self.table.partition_by:
            self._overwrite_beside(stage, rows, self.read().where(~F.coalesce(is_named, F.lit(False))))
        else:
            self.overwrite(rows, where)

    def _overwrite_beside(self, stage: StagingArea, rows: DataFrame, kept: DataFrame) -> None:
        """Overwrite a table with rows and those that it keeps.

        Sail 0.7.2 rewrites a table without partitions for each `replaceWhere`, and takes for 1,200 values of a column
        ten times as long as for 400.
        """
        names = [each.name for each in self.table.columns]
        if any(each.type.startswith(("array<", "map<", "struct<")) for each in self.table.columns):
            rows = self.with_stored_types(stage.materialize(rows, "beside"), kept)
        self.overwrite(kept.select(*names).unionAll(rows.select(*names)))

    @crash_points("append_rows")
    def append(self, rows: DataFrame) -> WriteResult:
        """Append rows in one commit, and count them by the log."""
        before = self.row_count()
        with self.staging() as stage:
            rows = self.checked_beside(stage, rows, self.read())
            self.location.append(self.gather(rows), self.table.partition_by)
        count = self.row_count() - before
        return WriteResult(count, count)

    def quarantine_batches(self, stage: StagingArea) -> None:
        """Append the invalid rows of a staging area, replacing those of an earlier attempt.

        A corrected record is one of the batch of the record that it replaces, of which all other ones stay.
        """
        quarantine, batches = self.table.quarantine, stage.invalid_batches
        if quarantine is None:
            return
        rows, writer = stage.invalid(quarantine), DeltaTableWriter(self.tables, quarantine, self.schemas)
        if not self.tables.partitions(quarantine, "batch_id").intersection(batches):
            append_batches(writer.location, rows, batches)
            return
        others = stage.not_evaluated(writer.read()).select(*rows.columns)
        writer.overwrite(stage.materialize_union([others, rows]))

    def replace_quarantine(self, stage: StagingArea) -> None:
        """Overwrite the quarantine with the invalid rows of a staging area."""
        if self.table.quarantine is not None:
            quarantine = DeltaTableWriter(self.tables, self.table.quarantine, self.schemas)
            quarantine.overwrite(stage.invalid(self.table.quarantine))


@crash_points("append")
def append_batches(location: TableLocation, rows: DataFrame, batches: Collection[str]) -> None:
    """Append the rows of batches to a table partitioned by `batch_id`, replacing those of an earlier attempt."""
    location.delete_batches(batches)
    location.append(rows, ["batch_id"])
