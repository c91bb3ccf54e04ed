"""What the modes that merge records have in common: their plan, and what they overwrite instead of merging."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.modes.incremental import plan_records
from shoplake.engine.write.modes.overwrite import overwrite_differences, partition_change
from shoplake.engine.write.modes.rebuild_dates import RebuiltDates
from shoplake.engine.write.modes.strategy import unsupported, write_batches
from shoplake.engine.write.schema.partition_columns import is_of_partitions
from shoplake.engine.write.table_plan import (
    AllRows,
    Batches,
    DateRange,
    FeedPartitions,
    FullRefresh,
    Partitions,
    TablePlan,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.staging.staging_area import StagingArea
    from shoplake.engine.write.table_plan import Action, RunSelection
    from shoplake.engine.write.table_writer import DeltaTableWriter

MERGE_BELOW_ROWS = 20_000
"""Rows below which all are merged in one commit where other writers are possible: a merge needs memory."""


def nothing() -> None:
    """Commit nothing."""


@dataclass(frozen=True)
class PendingWrite:
    """A write that is staged and checked: its counts, and what commits it."""

    result: WriteResult
    commit: Callable[[], None] = nothing


if TYPE_CHECKING:
    Deduplicate: TypeAlias = Callable[[Table[...], StagingArea, WriteResult], tuple[DataFrame, WriteResult]]
    """Returns the winners among the valid rows of a staging area, and the counts with those that lost."""
    MergeRows: TypeAlias = Callable[[DeltaTableWriter, DataFrame], WriteResult]
    """Merges the rows of one batch into the table."""
    PrepareMerge: TypeAlias = Callable[[DeltaTableWriter, StagingArea, WriteResult], PendingWrite]
    """Prepares the merge of the valid rows of a staging area into the table."""


def plan_merge(table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
    """Plan the new batches, the partitions of feeds whose rows come from tables, and the requested dates."""
    plan = plan_records(table, inputs, selection)
    if not table.incremental:
        return plan
    if selection.dates is not None and table.partition_by:
        plan = replace(plan, actions=(*plan.actions, selection.dates), reason=f"{plan.reason} Dates are requested.")
    return _with_feed_partitions(table, inputs, selection, plan)


def write_merge(
    writer: DeltaTableWriter, action: Action, source: RowSource, merge_rows: MergeRows, deduplicate: Deduplicate
) -> WriteResult:
    """Merge batches, or overwrite the table, dates of it, or partitions of some feeds."""
    if isinstance(action, Batches | AllRows):
        return write_batches(writer, source.rows(action), lambda rows: merge_rows(writer, rows))
    return _overwrite(writer, action, source, deduplicate)


def merge_evaluated(writer: DeltaTableWriter, rows: DataFrame, prepare: PrepareMerge) -> WriteResult:
    """Prepare the merge of the valid ones of `rows`; append the invalid ones to the quarantine, then commit it."""
    writer.check(rows)
    with writer.staging() as stage:
        result = stage.evaluate(rows)
        pending = prepare(writer, stage, result)
        if result.rows_quarantined:
            writer.quarantine_batches(stage)
        pending.commit()
        return pending.result


def _overwrite(writer: DeltaTableWriter, action: Action, source: RowSource, deduplicate: Deduplicate) -> WriteResult:
    """Overwrite the table and then its quarantine, dates of it, or partitions of some feeds.

    Interrupted in between, a record that is valid now is in both, and in none in the other order.
    """
    if not isinstance(action, FullRefresh | DateRange | FeedPartitions):
        raise unsupported(writer, action)
    rows = next(source.rows(action))
    writer.check(rows)
    with writer.staging() as stage:
        if isinstance(action, FeedPartitions):
            return _overwrite_feeds(writer, stage, rows, action)
        winners, result = deduplicate(writer.table, stage, stage.evaluate(rows))
        if isinstance(action, DateRange):
            return RebuiltDates(writer, stage, winners).write(action)
        replaced = writer.row_count()
        if action.keeps_equal:
            overwrite_differences(writer, stage, stage.materialize(winners, "winners"))
        else:
            writer.overwrite(writer.checked(stage, winners))
        writer.replace_quarantine(stage)
        return replace(result, rows_replaced=replaced)


def _with_feed_partitions(
    table: Table[...], inputs: InputChanges, selection: RunSelection, plan: TablePlan
) -> TablePlan:
    """Add the partitions in which the rows of feeds differ that come from inputs that are not incremental."""
    names, feeds = inputs.table_fed_feeds()
    if not feeds:
        return plan
    ranges = inputs.versions(names)
    changed = [each.table for each in ranges if each.has_changed]
    if not changed and not selection.full_refresh:
        return replace(plan, inputs=(*plan.inputs, *ranges))
    partitions = FullRefresh() if selection.full_refresh else inputs.changed_partitions(ranges, selection.dates)
    action = FeedPartitions(tuple(feeds), partitions if isinstance(partitions, Partitions) else FullRefresh())
    actions = plan.actions if partitions == Partitions(frozenset()) else (*plan.actions, action)
    reason = f"{plan.reason} {', '.join(changed)} changed." if plan.actions else f"{', '.join(changed)} changed."
    return TablePlan(plan.table, actions, (*plan.inputs, *ranges), reason if changed else plan.reason)


def _overwrite_feeds(
    writer: DeltaTableWriter, stage: StagingArea, rows: DataFrame, action: FeedPartitions
) -> WriteResult:
    """Overwrite the partitions in which the rows of the feeds differ."""
    table, partitions = writer.table, action.partitions
    days = partitions.values if isinstance(partitions, Partitions) else None
    sides = [each.where(~is_of_partitions(table, action.left)) for each in (rows, writer.read())]
    change = partition_change(table, stage.materialize(sides[0], "new"), sides[1], action.feeds, days)
    if not change.days:
        return WriteResult(0, 0)
    count, before = change.new.count(), writer.row_count()
    writer.overwrite_partitions(stage, change.rows, change.days, table.partition_by[0])
    replaced = before + count - writer.row_count()
    return WriteResult(count, count, rows_replaced=replaced, violations=stage.warning_counts(change.new))
