"""Upsert: one row per key, whatever order rows arrive in and however often."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.storage import table_log
from shoplake.engine.write.modes.matching.upsert_match import (
    HASH,
    ExistingRows,
    KeyMatch,
    MatchCounts,
    merge,
    row_order,
)
from shoplake.engine.write.modes.merge import MERGE_BELOW_ROWS, PendingWrite, merge_evaluated, plan_merge, write_merge
from shoplake.engine.write.staging.staging_area import ROW

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Table, Upsert
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.staging.staging_area import StagingArea
    from shoplake.engine.write.table_plan import Action, RunSelection, TablePlan
    from shoplake.engine.write.table_writer import DeltaTableWriter

LOSERS = struct_type(f"{ROW} bigint, _differs boolean")
HASH_MATCH_FROM_ROWS = 250_000
"""Rows from which on matches are found by hashes: a join of so many needs memory."""
KEYS_IN_MEMORY = 50_000
"""Rows below which repeated keys are looked for in the staged files, without a query."""
RANK_ALL_BELOW_ROWS = 2_000
"""Rows below which it costs less to rank all of them than to pick those of repeated keys."""


@dataclass(frozen=True)
class UpsertStrategy:
    """Keeps the first or the last row per key."""

    merge_below_rows: int = MERGE_BELOW_ROWS
    hash_match_from_rows: int = HASH_MATCH_FROM_ROWS
    keys_in_memory: int = KEYS_IN_MEMORY

    def plan(self, table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
        """Plan the new batches, the partitions of feeds whose rows come from tables, and the requested dates."""
        return plan_merge(table, inputs, selection)

    def write(self, writer: DeltaTableWriter, action: Action, source: RowSource) -> WriteResult:
        """Merge batches, or overwrite the table, dates of it, or partitions of some feeds."""
        return write_merge(writer, action, source, self.merge_rows, deduplicate)

    @crash_points("upsert")
    def merge_rows(self, writer: DeltaTableWriter, rows: DataFrame) -> WriteResult:
        """Merge the valid rows into the table, and append the invalid ones to its quarantine."""
        return merge_evaluated(writer, rows, self.prepare)

    def prepare(self, writer: DeltaTableWriter, stage: StagingArea, result: WriteResult) -> PendingWrite:
        """Stage the winners of new keys, and those that win over existing rows."""
        table, location = writer.table, writer.location
        winners, counted = deduplicate(table, stage, result, self.keys_in_memory)
        if not result.rows_written:
            return PendingWrite(counted)
        if table_log.row_count(location.path) == 0:
            rows = writer.gather(writer.checked(stage, winners), counted.rows_written)
            return PendingWrite(counted, lambda: location.append(rows, table.partition_by))
        keys = KeyMatch(table, _mode(table))
        existing = ExistingRows(keys, location.read(), winners, stage)
        by_hash = counted.rows_written >= self.hash_match_from_rows
        pairs = stage.materialize(existing.match(by_hash=by_hash).select(*keys.facts()), "pairs")
        matches = keys.count(pairs) if stage.count("pairs") else MatchCounts()
        staged = StagedUpsert(writer, keys, winners, pairs, matches, counted.rows_written)
        staged.check(stage)
        at_once = counted.rows_written < self.merge_below_rows and not location.is_single_writer
        return PendingWrite(staged.count(counted), lambda: staged.commit(existing.where, at_once=at_once))


@dataclass(frozen=True)
class StagedUpsert:
    """The winners of a write, and which of them match existing rows."""

    writer: DeltaTableWriter
    keys: KeyMatch
    winners: DataFrame
    pairs: DataFrame
    matches: MatchCounts
    rows: int

    @property
    def has_new(self) -> bool:
        """Whether a winner matches no existing row."""
        return self.matches.rows < self.rows

    @property
    def new(self) -> DataFrame:
        """The winners that match no existing row."""
        return self.keys.select(self.winners, self.pairs, "anti") if self.matches.rows else self.winners

    @property
    def better(self) -> DataFrame:
        """The winners that win over the row that they match."""
        return self.keys.select(self.winners, self.pairs.where("_better"), "semi")

    def check(self, stage: StagingArea) -> None:
        """Check the rows that the commits add, beside those that they leave."""
        if self.writer.before_commit is not None and (self.has_new or self.matches.better):
            kept = self.keys.kept(self.writer.read(), self.pairs.where("_better"))
            self.writer.checked_beside(stage, self.new.unionAll(self.better), kept)

    def commit(self, where: str, *, at_once: bool) -> None:
        """Append the winners of new keys, then merge those that win over existing rows.

        Interrupted in between, the same rows once more add what is missing. Appending is safe for a single writer only:
        where others may write, few rows are all merged in one commit, `at_once`.
        """
        session, location = self.writer.session, self.writer.location
        if at_once:
            if self.has_new or self.matches.better:
                merge(session, self.keys, location, self.winners, where)
            return
        if self.has_new:
            location.append(self.writer.gather(self.new, self.rows), self.writer.table.partition_by)
        if self.matches.better:
            better = self.keys.partitions_of(self.pairs.where("_better"))
            merge(session, self.keys, location, self.better, better)

    def count(self, counted: WriteResult) -> WriteResult:
        """Return the counts, with the winners that repeat existing rows as duplicates."""
        repeats = self.matches.rows - self.matches.own
        return replace(
            counted,
            rows_written=counted.rows_written - repeats,
            rows_duplicate=counted.rows_duplicate + repeats,
            rows_conflicting=counted.rows_conflicting + self.matches.conflicts,
        )


def deduplicate(
    table: Table[...], stage: StagingArea, result: WriteResult, keys_in_memory: int = KEYS_IN_MEMORY
) -> tuple[DataFrame, WriteResult]:
    """Return the winner of each key among the valid rows, or of each repeat of it outside the dedup window.

    Few keys repeat, so only the rows of those are sorted, only by the columns that decide; the losers are left out.
    """
    candidates = _repeated(table, stage, result.rows_written, keys_in_memory)
    if candidates is None:
        return stage.valid(), result
    best_first = Window.partitionBy(*table.key, "_window").orderBy(*_order(table), ROW)
    best_hash = F.first(HASH).over(best_first)
    ranked = _with_window_number(table, candidates).withColumns(
        {"_place": F.row_number().over(best_first), "_differs": F.col(HASH) != best_hash}
    )
    stage.materialize(ranked.where("_place > 1").select(ROW, "_differs"), "losers", LOSERS)
    lost = stage.count("losers")
    if not lost:
        return stage.valid(), result
    return stage.valid_without("losers"), replace(
        result,
        rows_written=result.rows_written - lost,
        rows_duplicate=lost,
        rows_conflicting=stage.count_true("losers", "_differs"),
    )


def _repeated(table: Table[...], stage: StagingArea, count: int, keys_in_memory: int) -> DataFrame | None:
    """Return what decides of the `count` valid rows; None if no key repeats.

    Of fewer rows than `keys_in_memory`, a query is saved where no key repeats; of few rows, also where one does: then
    all of them are returned. Of more, only those of the keys that repeat.
    """
    key = list(table.key)
    candidates = stage.numbered().select(ROW, *KeyMatch(table, _mode(table)).decisive)
    in_memory = count < keys_in_memory
    if in_memory and not stage.has_repeats(key):
        return None
    if in_memory and count < RANK_ALL_BELOW_ROWS:
        return candidates
    repeated = stage.materialize(candidates.groupBy(*key).agg(F.count("*").alias("n")).where("n > 1"), "repeated")
    if not stage.count("repeated"):
        return None
    return candidates.join(F.broadcast(repeated.select(*key)), on=key, how="semi")


def _with_window_number(table: Table[...], rows: DataFrame) -> DataFrame:
    """Add the number of the repeat of a key: another `_window` after more than `dedup_window_days`."""
    days = _mode(table).dedup_window_days
    if days is None:
        return rows.withColumn("_window", F.lit(0))
    day = F.col(table.partition_by[0])
    in_time = Window.partitionBy(*table.key).orderBy(*_order(table))
    is_new = F.coalesce(F.abs(F.datediff(day, F.lag(day).over(in_time))) > days, F.lit(False))
    numbered = rows.withColumn("_new", is_new.cast("int")).withColumn("_window", F.sum("_new").over(in_time))
    return numbered.drop("_new")


def _mode(table: Table[...]) -> Upsert:
    return cast("Upsert", table.write)


def _order(table: Table[...]) -> list[Column]:
    direction = F.asc if _mode(table).keep == "first" else F.desc
    return [direction(F.expr(each)) for each in row_order(table)]
