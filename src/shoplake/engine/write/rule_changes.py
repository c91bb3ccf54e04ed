"""Writes of records whose rules changed: some batches are replayed, or all records are evaluated again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine.write.modes.scd2 import Scd2Writer
from shoplake.engine.write.modes.upsert import UpsertStrategy, deduplicate
from shoplake.engine.write.row_diff import differing_rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.delta_engine import DeltaEngine
    from shoplake.engine.write.staging import StagingArea
    from shoplake.engine.write.table_writer import TableWriter


def replay_batches(engine: DeltaEngine, table: Table[...], rows: DataFrame, batches: Collection[str]) -> WriteResult:
    """Merge all `rows` of some batches into an upserted table or a history, then replace their quarantined records.

    Rows that are in the table already change nothing. Interrupted in between, the quarantine still has the records.
    """
    writer, strategy = engine.writer(table), engine.strategy(table)
    writer.check(rows)
    with writer.staging() as stage:
        evaluated = stage.evaluate(rows)
        if isinstance(strategy, UpsertStrategy):
            result = strategy.merge_valid(writer, stage, evaluated)
        else:
            result = Scd2Writer.of(writer).merge(stage, evaluated)
        if table.quarantine is not None:
            _replace_quarantined(engine, table.quarantine, stage, batches)
        return result


def overwrite_differing(engine: DeltaEngine, table: Table[...], rows: DataFrame) -> WriteResult:
    """Evaluate all rows of an upserted table: overwrite its quarantine, and the partitions whose rows differ."""
    writer = engine.writer(table)
    writer.check(rows)
    with writer.staging() as stage:
        winners, result = deduplicate(table, stage, stage.evaluate(rows))
        writer.replace_quarantine(stage)
        _overwrite_where_different(writer, stage.materialize(winners, "winners"))
        return result


def _replace_quarantined(
    engine: DeltaEngine, quarantine: Table[...], stage: StagingArea, batches: Collection[str]
) -> None:
    """Replace the quarantined records of batches in one commit."""
    writer = engine.writer(quarantine)
    if not stage.invalid_batches:
        writer.location.delete_batches(batches)
        return
    names = [column.name for column in quarantine.columns]
    others = writer.read().where(~F.col("batch_id").isin([*batches])).select(*names)
    writer.overwrite(stage.materialize_union([others, stage.invalid(quarantine)]))


def _overwrite_where_different(writer: TableWriter, rows: DataFrame) -> None:
    table, names = writer.table, [column.name for column in writer.table.columns]
    old, new = writer.read().select(*names), rows.select(*names)
    if not table.partition_by:
        if not differing_rows(old, new, table.columns).isEmpty():
            writer.overwrite(new)
        return
    column = table.partition_by[0]
    differing = differing_rows(old, new, table.columns).select(F.col(column).cast("string")).distinct().collect()
    values = [row[0] for row in differing]
    if None in values:
        writer.overwrite(new)
    elif values:
        writer.overwrite_partitions(new, values, column)
