"""Replace documents: the newest version of each document, with all of its rows and no others."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.declare.modes.document_mode import ARRIVAL, CONTENT
from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.storage import delta_log
from shoplake.engine.write.map_columns import row_hash
from shoplake.engine.write.modes.document_versions import NEWER, OLDER, REPEATED, VERSION, DocumentVersions
from shoplake.engine.write.modes.merge import MERGE_BELOW_ROWS, merge_evaluated, plan_merge, write_merge

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import ReplaceDocuments, Table
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.staging import StagingArea
    from shoplake.engine.write.table_plan import Action, RunSelection, TablePlan
    from shoplake.engine.write.table_writer import DeltaTableWriter

IS_REMOVED = "_is_removed"
"""Marks the key of a stored row that the new version of its document does not have."""


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
        return merge_evaluated(writer, rows, self._merge_valid)

    def _merge_valid(self, writer: DeltaTableWriter, stage: StagingArea, result: WriteResult) -> WriteResult:
        """Append new documents, then replace stored ones in one commit.

        Interrupted in between, the same rows once more write what is missing.
        """
        table, location = writer.table, writer.location
        if not result.rows_written:
            return result
        winners = newest_versions(table, stage, result)
        if delta_log.row_count(location.path) == 0:
            location.append(winners.rows, table.partition_by)
            return winners.result
        versions = _versions(table)
        stored = stage.materialize(_stored_rows(table, location.read(), winners.versions), "stored")
        compared = stage.materialize(versions.compare(winners.versions, versions.summarize(stored)), "compared")
        totals = _totals(compared)
        newer = compared.where(F.col("_verdict") == NEWER)
        merged = _rows_of(winners.rows, newer, versions, "semi")
        has_new = sum(rows for rows, _ in totals.values()) < winners.result.rows_written
        new = _rows_of(winners.rows, compared, versions, "anti")
        if has_new and winners.result.rows_written < self.merge_below_rows and not location.is_single_writer:
            _merge(writer, stage, merged.unionAll(new), _rows_of(stored, newer, versions, "semi"), prunes=False)
        else:
            if has_new:
                location.append(new, table.partition_by)
            if NEWER in totals:
                _merge(writer, stage, merged, _rows_of(stored, newer, versions, "semi"), prunes=True)
        return _with_losers(winners.result, totals)


def newest_versions(table: Table[...], stage: StagingArea, result: WriteResult) -> Winners:
    """Return the newest version of each document among the valid rows of a staging area.

    Few documents have several versions, so those are found first and only they are ranked.
    """
    versions, valid = _versions(table), stage.valid()
    summary = stage.materialize(versions.summarize(valid), "versions")
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
    """Keep one row of each key within a version: the one with the greatest content, then hash of all columns."""
    repeats = int(versions.agg(F.coalesce(F.sum("_repeats"), F.lit(0))).collect()[0][0])
    if not repeats:
        return rows, result
    best_first = Window.partitionBy(*table.key).orderBy(F.desc(CONTENT), F.desc("_hash"))
    placed = rows.withColumn("_hash", row_hash(table.columns)).withColumns(
        {"_place": F.row_number().over(best_first), "_differs": F.col("_hash") != F.first("_hash").over(best_first)}
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
    return replace(
        result,
        rows_written=result.rows_written - repeated - older,
        rows_duplicate=result.rows_duplicate + repeated,
        rows_superseded=result.rows_superseded + older,
        rows_replaced=totals.get(NEWER, (0, 0))[1],
    )


def _merge(writer: DeltaTableWriter, stage: StagingArea, rows: DataFrame, stored: DataFrame, *, prunes: bool) -> None:
    """Write the rows of documents in one commit: insert new keys, update stored ones, delete those that are gone.

    With `prunes`, only the partitions of the `stored` rows are read: no other process adds rows of these documents.
    """
    table = writer.table
    gone = stored.join(F.broadcast(rows.select(*table.key)), on=list(table.key), how="anti")
    cells = [F.col(each.name) if each.name in table.key else F.lit(None).cast(each.type) for each in table.columns]
    named = [cell.alias(each.name) for cell, each in zip(cells, table.columns, strict=True)]
    names = [each.name for each in table.columns]
    marked = rows.select(*names).withColumn(IS_REMOVED, F.lit(False))
    removed = gone.select(*named).withColumn(IS_REMOVED, F.lit(True))
    source = stage.materialize(marked.unionAll(removed), "merged")
    _commit(writer, source, _partitions_of(table, stored) if prunes else "true")


def _partitions_of(table: Table[...], stored: DataFrame) -> str:
    """Return the SQL condition of the partitions that have the stored rows."""
    if not table.partition_by:
        return "true"
    day = table.partition_by[0]
    days = sorted(f"DATE '{row[0]}'" for row in stored.select(day).distinct().collect())
    return f"t.{day} IN ({', '.join(days)})"


@crash_points("merge")
def _commit(writer: DeltaTableWriter, source: DataFrame, where: str) -> None:
    view = f"shoplake_documents_{uuid.uuid4().hex}"
    source.createOrReplaceTempView(view)
    retry_on_conflict(lambda: writer.session.sql(_merge_sql(writer, view, where)).collect())
    writer.session.catalog.dropTempView(view)


def _merge_sql(writer: DeltaTableWriter, view: str, where: str) -> str:
    table = writer.table
    names = [column.name for column in table.columns]
    is_same = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    return (
        f"MERGE INTO {writer.location.sql} AS t USING {view} AS s ON {is_same} AND {where} "
        f"WHEN MATCHED AND s.{IS_REMOVED} THEN DELETE "
        f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{name} = s.{name}' for name in names)} "
        f"WHEN NOT MATCHED AND NOT s.{IS_REMOVED} THEN INSERT ({', '.join(names)}) "
        f"VALUES ({', '.join(f's.{name}' for name in names)})"
    )


def _versions(table: Table[...]) -> DocumentVersions:
    return DocumentVersions(table, cast("ReplaceDocuments", table.write))
