"""Replace documents: the newest version of each document, with all of its rows and no others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.declare.modes.document_mode import CONTENT, content_columns
from shoplake.declare.modes.mode import ARRIVAL
from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.storage import table_log
from shoplake.engine.write.modes.matching.document_versions import (
    NEWER,
    OLDER,
    REPEATED,
    VERSION,
    DocumentVersions,
    merge_documents,
)
from shoplake.engine.write.modes.merge import MERGE_BELOW_ROWS, PendingWrite, merge_evaluated, plan_merge, write_merge
from shoplake.engine.write.schema.map_columns import row_hash

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import ReplaceDocuments, Table
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.staging.staging_area import StagingArea
    from shoplake.engine.write.table_plan import Action, RunSelection, TablePlan
    from shoplake.engine.write.table_writer import DeltaTableWriter


class Winners(NamedTuple):
    """The newest version of each document of a write: its rows, one row per version, and the counts."""

    rows: DataFrame
    versions: DataFrame
    result: WriteResult


@dataclass(frozen=True)
class ReplaceDocumentsStrategy:
    """Keeps the newest version of each document."""

    merge_below_rows: int = MERGE_BELOW_ROWS

    def plan(self, table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
        """Plan the new batches, the partitions of feeds whose rows come from tables, and the requested dates."""
        return plan_merge(table, inputs, selection)

    def write(self, writer: DeltaTableWriter, action: Action, source: RowSource) -> WriteResult:
        """Replace the documents of batches, or overwrite the table, dates of it, or partitions of some feeds."""
        return write_merge(writer, action, source, self.replace_documents, _newest_rows)

    @crash_points("replace_documents")
    def replace_documents(self, writer: DeltaTableWriter, rows: DataFrame) -> WriteResult:
        """Replace the documents that have newer versions, and append the invalid rows to the quarantine."""
        return merge_evaluated(writer, rows, self._prepare)

    def _prepare(self, writer: DeltaTableWriter, stage: StagingArea, result: WriteResult) -> PendingWrite:
        """Stage new documents, and newer versions of stored ones."""
        table, location = writer.table, writer.location
        if not result.rows_written:
            return PendingWrite(result)
        winners = newest_versions(table, stage, result)
        if table_log.row_count(location.path) == 0:
            rows = writer.gather(writer.checked(stage, winners.rows), result.rows_written)
            return PendingWrite(winners.result, lambda: location.append(rows, table.partition_by))
        versions = _versions(table)
        stored = stage.materialize(_stored_rows(table, writer.tables.read_sooner(table), winners.versions), "stored")
        joined = _versions(table, is_joined=stage.is_joined)
        compared = stage.materialize(joined.compare(winners.versions, versions.summarize(stored)), "compared")
        totals = _totals(compared)
        has_new = sum(rows for rows, _ in totals.values()) < winners.result.rows_written
        staged = StagedDocuments(writer, stage, winners.rows, stored, compared, has_new, NEWER in totals)
        staged.check()
        at_once = winners.result.rows_written < self.merge_below_rows and not location.is_single_writer
        return PendingWrite(_with_losers(winners.result, totals), lambda: staged.commit(at_once=at_once))


@dataclass(frozen=True)
class StagedDocuments:
    """The newest versions of the documents of a write, the stored rows of these, and how the two compare."""

    writer: DeltaTableWriter
    stage: StagingArea
    winners: DataFrame
    stored: DataFrame
    compared: DataFrame
    has_new: bool
    has_newer: bool

    @property
    def versions(self) -> DocumentVersions:
        """The versions of the table's documents."""
        return _versions(self.writer.table)

    @property
    def newer(self) -> DataFrame:
        """The stored documents that a newer version replaces."""
        return self.compared.where(F.col("_verdict") == NEWER)

    @property
    def merged(self) -> DataFrame:
        """The rows of documents that replace stored ones."""
        return _rows_of(self.winners, self.newer, self.versions, "semi")

    @property
    def new(self) -> DataFrame:
        """The rows of documents that are not stored."""
        return _rows_of(self.winners, self.compared, self.versions, "anti")

    def check(self) -> None:
        """Check the rows that the commits add, beside those that they leave."""
        if self.writer.before_commit is not None and (self.has_new or self.has_newer):
            kept = _rows_of(self.writer.read(), self.newer, self.versions, "anti")
            self.writer.checked_beside(self.stage, self.merged.unionAll(self.new), kept)

    def commit(self, *, at_once: bool) -> None:
        """Append new documents, then replace stored ones in one commit; all in one commit `at_once`.

        Interrupted in between, the same rows once more write what is missing.
        """
        replaced = _rows_of(self.stored, self.newer, self.versions, "semi")
        if self.has_new and at_once:
            merge_documents(self.writer, self.stage, self.merged.unionAll(self.new), replaced, prunes=False)
            return
        if self.has_new:
            self.writer.location.append(self.writer.gather(self.new), self.writer.table.partition_by)
        if self.has_newer:
            merge_documents(self.writer, self.stage, self.merged, replaced, prunes=True)


def newest_versions(table: Table[...], stage: StagingArea, result: WriteResult) -> Winners:
    """Return the newest version of each document among the valid rows of a staging area.

    Few documents have several versions, so those are found first and only they are ranked.
    """
    versions, valid = _versions(table, is_joined=stage.is_joined), stage.valid()
    summary = stage.materialize(versions.summarize(stage.valid_with_own_batch()), "versions")
    counts = summary.groupBy(*versions.key).agg(F.count("*").alias("n")).where("n > 1")
    several = stage.materialize(counts.select(*versions.key), "several")
    if stage.count("several"):
        several = F.broadcast(several)
        ranked = stage.materialize(
            versions.rank(summary.join(several, on=versions.key, how="semi").select(*summary.columns)), "ranked"
        )
        lost = ranked.where(~F.col("_is_winner"))
        superseded, repeated = lost.agg(
            F.coalesce(F.sum(F.when(~F.col("_is_repeat"), F.col("_rows") + F.col("_repeats"))), F.lit(0)),
            F.coalesce(F.sum(F.when(F.col("_is_repeat"), F.col("_rows") + F.col("_repeats"))), F.lit(0)),
        ).collect()[0]
        losers = F.broadcast(lost.select(*versions.key, VERSION))
        valid = versions.identify(valid).join(losers, on=[*versions.key, VERSION], how="anti").select(*valid.columns)
        singles = summary.join(several, on=versions.key, how="anti").select(*summary.columns)
        winners = ranked.where("_is_winner").select(*summary.columns, "_is_changed_back")
        summary = singles.withColumn("_is_changed_back", F.lit(False)).unionAll(winners)
        result = replace(
            result,
            rows_written=result.rows_written - int(superseded) - int(repeated),
            rows_superseded=int(superseded),
            rows_duplicate=int(repeated),
        )
    else:
        summary = summary.withColumn("_is_changed_back", F.lit(False))
    rows, result = _distinct_keys(table, stage, valid, summary, result)
    return Winners(rows, summary, result)


def _newest_rows(table: Table[...], stage: StagingArea, result: WriteResult) -> tuple[DataFrame, WriteResult]:
    winners = newest_versions(table, stage, result)
    return winners.rows, winners.result


def _distinct_keys(
    table: Table[...], stage: StagingArea, rows: DataFrame, versions: DataFrame, result: WriteResult
) -> tuple[DataFrame, WriteResult]:
    """Keep one row of each key within a version: with the greatest content, then hash of all but its arrival.

    The others are conflicts where a value differs; another record that says the same is a repeat.
    """
    repeats = int(versions.agg(F.coalesce(F.sum("_repeats"), F.lit(0))).collect()[0][0])
    if not repeats:
        return rows, result
    best_first = Window.partitionBy(*table.key).orderBy(F.desc(CONTENT), F.desc("_hash"))
    content = content_columns(table)
    values = row_hash(column for column in content if column.name != CONTENT)
    placed = rows.withColumns({"_hash": row_hash(content), "_values": values}).withColumns(
        {"_place": F.row_number().over(best_first), "_differs": F.col("_values") != F.first("_values").over(best_first)}
    )
    placed = stage.materialize(placed, "placed")
    conflicts = placed.where("_place > 1 AND _differs").count()
    return placed.where("_place = 1").select(*rows.columns), replace(
        result,
        rows_written=result.rows_written - repeats,
        rows_duplicate=result.rows_duplicate + repeats,
        rows_conflicting=conflicts,
    )


def _stored_rows(table: Table[...], rows: DataFrame, new: DataFrame) -> DataFrame:
    """Return the stored rows of documents that have new versions: only the columns that decide."""
    versions = _versions(table)
    names = dict.fromkeys([*table.key, *ARRIVAL, versions.mode.order_by, CONTENT, *table.partition_by])
    return rows.select(*names).join(new.select(*versions.key), on=versions.key, how="semi").select(*names)


def _rows_of(rows: DataFrame, compared: DataFrame, versions: DocumentVersions, how: str) -> DataFrame:
    """Return the rows of documents that are among the compared ones (`semi`) or not (`anti`)."""
    return rows.join(F.broadcast(compared.select(*versions.key)), on=versions.key, how=how).select(*rows.columns)


def _totals(compared: DataFrame) -> dict[str, tuple[int, int]]:
    """Return the rows of the new and of the stored versions by how they compare."""
    sums = compared.groupBy("_verdict").agg(F.sum("_rows").alias("new"), F.sum("_stored_rows").alias("stored"))
    return {row._verdict: (int(row.new), int(row.stored)) for row in sums.collect()}


def _with_losers(result: WriteResult, totals: dict[str, tuple[int, int]]) -> WriteResult:
    """Count the rows of versions that repeat a stored one, or are older, and the rows that were replaced."""
    repeated, older = totals.get(REPEATED, (0, 0))[0], totals.get(OLDER, (0, 0))[0]
    outdated = totals.get(NEWER, (0, 0))[1]
    return replace(
        result,
        rows_written=result.rows_written - repeated - older,
        rows_duplicate=result.rows_duplicate + repeated,
        rows_superseded=result.rows_superseded + older,
        rows_replaced=outdated,
        rows_outdated=outdated,
    )


def _versions(table: Table[...], *, is_joined: bool = False) -> DocumentVersions:
    return DocumentVersions(table, cast("ReplaceDocuments", table.write), is_joined)
