"""Writes of records whose rules changed: some batches are replayed, or all records are evaluated again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine.write.modes.merge import nothing
from shoplake.engine.write.modes.overwrite import overwrite_differences
from shoplake.engine.write.modes.scd2 import Scd2Writer
from shoplake.engine.write.modes.upsert import UpsertStrategy, deduplicate

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.protocol import DefinitionEngine, WriteResult
    from shoplake.engine.write.staging.staging_area import StagingArea


def replay_batches(
    engine: DefinitionEngine, table: Table[...], rows: DataFrame, batches: Collection[str]
) -> WriteResult:
    """Merge all `rows` of some batches into an upserted table or a history, then replace their quarantined records.

    Rows that are in the table already change nothing. Interrupted in between, the quarantine still has the records.
    """
    writer, strategy = engine.writer(table), engine.strategy(table)
    writer.check(rows)
    with writer.staging() as stage:
        evaluated = stage.evaluate(rows)
        if isinstance(strategy, UpsertStrategy):
            pending = strategy.prepare(writer, stage, evaluated)
            pending.commit()
            result = pending.result
        else:
            result = Scd2Writer.of(writer).merge(stage, evaluated, nothing)
        if table.quarantine is not None:
            _replace_quarantined(engine, table.quarantine, stage, batches)
        return result


def overwrite_differing(engine: DefinitionEngine, table: Table[...], rows: DataFrame) -> WriteResult:
    """Evaluate all rows of an upserted table: overwrite its quarantine, and the partitions whose rows differ."""
    writer = engine.writer(table)
    writer.check(rows)
    with writer.staging() as stage:
        winners, result = deduplicate(table, stage, stage.evaluate(rows))
        writer.replace_quarantine(stage)
        overwrite_differences(writer, stage, stage.materialize(winners, "winners"))
        return result


def _replace_quarantined(
    engine: DefinitionEngine, quarantine: Table[...], stage: StagingArea, batches: Collection[str]
) -> None:
    """Replace the quarantined records of batches in one commit."""
    writer = engine.writer(quarantine)
    if not stage.invalid_batches:
        writer.location.delete_batches(batches)
        return
    names = [column.name for column in quarantine.columns]
    others = writer.read().where(~F.col("batch_id").isin([*batches])).select(*names)
    writer.overwrite(stage.materialize_union([others, stage.invalid(quarantine)]))
