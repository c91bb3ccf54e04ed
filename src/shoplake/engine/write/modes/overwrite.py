"""Replace: the whole table or some of its partitions are overwritten."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, cast

from pyspark.sql import functions as F

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.modes.incremental import NOT_BUILT, REQUESTED, UNCHANGED
from shoplake.engine.write.modes.rebuild_keys import PRUNE_ABOVE_PARTITIONS, changed_keys, write_keys
from shoplake.engine.write.modes.strategy import unsupported
from shoplake.engine.write.row_diff import differing_partitions, differing_values
from shoplake.engine.write.schema.map_columns import distinct_rows
from shoplake.engine.write.schema.partition_columns import is_of_partitions
from shoplake.engine.write.table_plan import AllRows, FullRefresh, Keys, Partitions, Rows, TablePlan

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pyspark.sql import DataFrame

    from shoplake.declare import Replace, Table
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.staging.staging_area import StagingArea
    from shoplake.engine.write.table_plan import Action, InputRange, RunSelection
    from shoplake.engine.write.table_writer import DeltaTableWriter


@dataclass(frozen=True)
class ReplaceStrategy:
    """Overwrites a table, or its partitions, with what its inputs now make of them."""

    prune_above_partitions: int = PRUNE_ABOVE_PARTITIONS

    def plan(self, table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
        """Plan the partitions that differ, the rows that were added, or a full refresh."""
        name, ranges = table.qualified_name, inputs.versions(table.inputs)
        if selection.full_refresh:
            return TablePlan(name, (FullRefresh(),), ranges, REQUESTED)
        changed = [each for each in ranges if each.has_changed]
        dates = selection.dates if table.partition_column is not None else None
        if not changed and dates is None:
            return TablePlan(name, (), ranges, UNCHANGED)
        if all(each.before.version is None for each in ranges):
            return TablePlan(name, (FullRefresh(),), ranges, NOT_BUILT)
        reason = f"{', '.join(each.table for each in changed)} changed." if changed else "Dates are requested."
        can_use_keys = dates is None and cast("Replace", table.write).rebuild_keys is not None
        few = inputs.few_partitions(changed) if can_use_keys and not table.write.compare_partitions else None
        keys = self._changed_keys(table, inputs, changed) if can_use_keys and few is None else None
        if keys is not None and keys.partitions == frozenset():
            return TablePlan(name, (), ranges, f"{reason} No partition differs.")
        if keys is not None or table.write.compare_partitions:
            reason = f"{reason} The partitions that differ are overwritten."
            return TablePlan(name, (keys or AllRows(),), ranges, reason)
        action = few or inputs.changed_partitions(ranges, dates)
        if action == Partitions(frozenset()):
            return TablePlan(name, (), ranges, f"{reason} No partition differs." if changed else UNCHANGED)
        if action == FullRefresh() and table.partition_column is not None:
            reason = f"{reason} The partitions that differ are unknown."
        return TablePlan(name, (action,), ranges, reason)

    def write(self, writer: DeltaTableWriter, action: Action, source: RowSource) -> WriteResult:
        """Overwrite the table or the action's partitions, or append the rows that were added."""
        if writer.table.quarantine is not None:
            return _overwrite_records(writer, next(source.rows(AllRows())))
        column, mode = writer.table.partition_column, cast("Replace", writer.table.write)
        if isinstance(action, Keys) and mode.rebuild_keys is not None:
            return write_keys(writer, mode.rebuild_keys, action, source)
        if isinstance(action, Partitions) and column is not None:
            return _overwrite_partitions(writer, action, source, column)
        chunks = list(source.rows(action))
        if isinstance(action, FullRefresh | AllRows) and action.left:
            chunks = _beside_left(writer, chunks, action.left)
        if writer.table.write.compare_partitions and action == AllRows():
            return _overwrite_compared(writer, chunks)
        if isinstance(action, Rows):
            writer.check(chunks[0])
            return writer.append(chunks[0])
        if not isinstance(action, FullRefresh | AllRows):
            raise unsupported(writer, action)
        return writer.overwrite_chunks(chunks) if len(chunks) > 1 else _overwrite_whole(writer, chunks[0], source)

    def _changed_keys(self, table: Table[...], inputs: InputChanges, changed: Sequence[InputRange]) -> Keys | None:
        """Return the keys to recompute; None where the table has none or they are unknown."""
        keys = cast("Replace", table.write).rebuild_keys
        return None if keys is None else changed_keys(keys, inputs, changed, self.prune_above_partitions)


def _beside_left(writer: DeltaTableWriter, chunks: Sequence[DataFrame], left: Collection[str]) -> list[DataFrame]:
    """Return computed rows without those of the partitions that are left, and the stored rows of these."""
    is_left, names = is_of_partitions(writer.table, left), [each.name for each in writer.table.columns]
    return [*(rows.where(~is_left) for rows in chunks), writer.read().where(is_left).select(*names)]


def _overwrite_partitions(writer: DeltaTableWriter, action: Partitions, source: RowSource, column: str) -> WriteResult:
    """Overwrite the partitions; inputs of many small files are read once, also for other tables."""
    if len(parts := source.divided(action)) > 1:
        return _overwrite_parts(writer, parts, source, column)
    inputs = source.pruned(action)
    rows = source.build_from(inputs)
    with writer.staging() as stage:
        if scattered := source.scattered(rows, action):
            copied = source.pruned(action, scattered)
            rows = source.build_from(inputs | writer.stage_inputs(stage, copied, scattered))
        writer.check(rows)
        before = writer.row_count()
        writer.overwrite_partitions(stage, rows, action.values, column)
        return writer.count_all(before)


def _overwrite_parts(
    writer: DeltaTableWriter, parts: Sequence[Partitions], source: RowSource, column: str
) -> WriteResult:
    """Overwrite the partitions of all parts in one commit, with rows that are computed one part after another."""
    computed = [
        source.build_from(source.pruned(part)).where(F.col(column).cast("string").isin(sorted(part.values)))
        for part in parts
    ]
    for rows in computed:
        writer.check(rows)
    values = frozenset[str]().union(*[part.values for part in parts])
    with writer.staging() as stage:
        before = writer.row_count()
        writer.overwrite_partitions(stage, stage.materialize_union(computed), values, column)
        return writer.count_all(before)


def _overwrite_whole(writer: DeltaTableWriter, rows: DataFrame, source: RowSource) -> WriteResult:
    """Overwrite the table; inputs of many small files are read once, also for other tables."""
    scattered = source.scattered(rows)
    if not scattered:
        return writer.overwrite_chunks([rows], source.most_rows())
    with writer.staging() as stage:
        inputs = {name: source.read(name) for name in scattered}
        return writer.overwrite_chunks([source.build_from(writer.stage_inputs(stage, inputs, scattered))])


def _overwrite_compared(writer: DeltaTableWriter, parts: Sequence[DataFrame]) -> WriteResult:
    """Compute all rows, one part after another, and overwrite the partitions that differ; count all where any does."""
    schemas = [writer.check(rows) for rows in parts]
    with writer.staging() as stage:
        before = writer.row_count()
        if len(parts) == 1:
            computed = stage.materialize(parts[0], "computed", schemas[0])
        else:
            computed = stage.materialize_union(parts)
        is_different = overwrite_differences(writer, stage, computed)
        return writer.count_all(before) if is_different else WriteResult(0, 0)


def overwrite_differences(writer: DeltaTableWriter, stage: StagingArea, new: DataFrame) -> bool:
    """Overwrite the partitions in which the table differs from materialized rows, in one commit.

    All of it where the table has no partitions, or one of null. Returns whether anything differs.
    """
    columns, partitions = writer.table.columns, writer.table.partition_by
    names = [each.name for each in columns]
    old, new = writer.read().select(*names), new.select(*names)
    if not partitions:
        is_different = bool(differing_values(old, new, columns))
        if is_different:
            writer.overwrite(writer.checked(stage, new))
        return is_different
    changed = differing_partitions(old, new, columns, partitions[0])
    if None in changed:
        writer.overwrite(writer.checked(stage, new))
    elif changed:
        writer.overwrite_partitions(stage, writer.with_stored_types(new, old), changed, partitions[0])
    return bool(changed)


def _overwrite_records(writer: DeltaTableWriter, rows: DataFrame) -> WriteResult:
    """Overwrite the table with the distinct valid rows, and its quarantine with the invalid ones."""
    writer.check(rows)
    with writer.staging() as stage:
        result, before = stage.evaluate(rows), writer.row_count()
        distinct = writer.checked(stage, distinct_rows(stage.valid(), writer.table.columns))
        writer.overwrite(distinct)
        writer.replace_quarantine(stage)
        count = writer.row_count()
        return replace(result, rows_written=count, rows_duplicate=result.rows_written - count, rows_replaced=before)


class PartitionChange(NamedTuple):
    """The partitions that differ, the new rows in them, and all rows that they have afterwards."""

    days: list[object]
    new: DataFrame
    rows: DataFrame


def partition_change(
    table: Table[...], new: DataFrame, old: DataFrame, feeds: Collection[str], days: Collection[str] | None
) -> PartitionChange:
    """Return what to write so that `feeds` have exactly the `new` rows in the partitions `days` (None: in all)."""
    names, day = [column.name for column in table.columns], F.col(table.partition_by[0]).cast("string")
    new, old = new.select(*names), old.select(*names)
    is_of_feeds = F.col("feed").isin(*feeds)
    of_feeds = old.where(is_of_feeds if days is None else is_of_feeds & day.isin(*days))
    changed = sorted(differing_partitions(of_feeds, new, table.columns, table.partition_by[0]))
    written, others = new.where(day.isin(*changed)), old.where(day.isin(*changed) & ~is_of_feeds)
    return PartitionChange(changed, written, others.unionAll(written))
