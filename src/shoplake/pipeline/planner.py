"""Plans a run: for each table nothing, a full refresh, partitions, rows or batches, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from shoplake.declare.retention import retention_column
from shoplake.engine import (
    NOT_BUILT,
    AllRows,
    FeedPartitions,
    FullRefresh,
    InputChanges,
    Keys,
    Partitions,
    PendingFiles,
    RunPlan,
    RunSelection,
    TablePlan,
    days_since,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import Action, File, FileRegistry, Offset, PipelineEngine

LOST = "Older partitions keep what was made of expired rows."

__all__ = ["Planner", "RunPlan", "RunSelection", "TablePlan"]


@dataclass(frozen=True)
class Planner:
    """Plans the tables of one run from the lake as it is. It writes nothing."""

    engine: PipelineEngine
    catalog: Catalog
    files: FileRegistry
    feeds: Feeds = ()
    selection: RunSelection = RunSelection()  # noqa: RUF009 - a frozen value
    kept: Mapping[str, date] = field(default_factory=dict)
    """The first day that is kept of each table, by `layer.name`, of which rows have expired."""

    def plan(self, table: Table[...], offsets: Mapping[tuple[str, str], Offset]) -> TablePlan:
        """Return the plan of one table, whose inputs are up to date."""
        if not table.inputs:
            return TablePlan(table.qualified_name, reason="Its rows come from files.")
        plan = self.engine.strategy(table).plan(table, self._changes(table, offsets), self.selection)
        return self._with_totals_kept(table, self._without_expired(table, plan))

    def is_idle(self, table: Table[...], offsets: Mapping[tuple[str, str], Offset]) -> bool:
        """Whether a table, whose inputs are up to date, has nothing to read and is not asked to be rebuilt."""
        return not self.selection.rebuilds and not self._changes(table, offsets).has_changed()

    def _changes(self, table: Table[...], offsets: Mapping[tuple[str, str], Offset]) -> InputChanges:
        own = {name: offset for (of, name), offset in offsets.items() if of == table.name}
        return InputChanges(self.engine, self.catalog, table, own, self.files, self.feeds)

    def plan_all(self, pending: Iterable[File], offsets: Mapping[tuple[str, str], Offset]) -> RunPlan:
        """Return the plan of a run that begins now. A table whose inputs change in the run depends on them.

        Tables that commands write are left out.
        """
        files = _count_files(pending)
        writes = {each.table for each in files}
        plans = []
        for table in self.selection.tables(self.catalog):
            if not table.inputs or not table.write.is_written_by_runs:
                continue
            plan = self.plan(table, offsets) if self._exists(table) else _not_built(table)
            if (first := [name for name in table.inputs if name in writes]) and FullRefresh() not in plan.actions:
                names = [self.catalog[name].qualified_name for name in first]
                reason = f"After {' and '.join(names)}: {table.write.update_scope}."
                reason = f"{plan.reason} {reason}" if plan.actions else reason
                plan = replace(plan, depends_on=tuple(names), reason=reason)
            if not plan.is_nothing:
                writes.add(table.name)
            plans.append(plan)
        return RunPlan(files, tuple(plans))

    def _without_expired(self, table: Table[...], plan: TablePlan) -> TablePlan:
        """Return the plan of a rebuild of a partitioned gold table, of which tables upstream have lost expired rows.

        It leaves older partitions than its inputs have whole: these were made of the rows that are gone.
        """
        is_rebuild = FullRefresh() in plan.actions or AllRows() in plan.actions
        column, kept = table.partition_column, self._first_kept_upstream(table)
        if not is_rebuild or table.layer != "gold" or column is None or kept is None:
            return plan
        if not self._exists(table) or not self.engine.row_count(table):
            return plan
        there = days_since(self.engine, self.catalog, table, date.min)
        first = min(there, default="")
        known = {part for part in map(table.write.partition_of, there) if part >= first}
        stored = self.engine.partitions(table, column)
        left = frozenset(value for value in stored - known if value < str(kept))
        if not there or not left:
            return plan
        actions = tuple(_leaving(action, left) for action in plan.actions)
        return replace(plan, actions=actions, reason=f"{plan.reason} {LOST}")

    def _with_totals_kept(self, table: Table[...], plan: TablePlan) -> TablePlan:
        """Return the plan of a table, whose inputs have lost expired rows, without the partitions made of those.

        Some rows of such a day may come late, or change with a lookup: alone they are not what the totals are of.
        """
        if not plan.actions or not (lost := self._lost_partitions(table)):
            return plan
        left = [self._without(table, action, lost) for action in plan.actions]
        actions = tuple(each for each in left if each != Partitions(frozenset()))
        return replace(plan, actions=actions, reason=plan.reason if LOST in plan.reason else f"{plan.reason} {LOST}")

    def _lost_partitions(self, table: Table[...]) -> set[str]:
        """Return the partitions of a table that are made of expired rows of its inputs, which have days.

        For a run that is asked to rebuild, these are those on whose days an input has no row again.
        """
        column = table.partition_column
        inputs = [self.catalog[name] for name in table.inputs]
        inputs = [each for each in inputs if each.layer != "bronze" and each.qualified_name in self.kept]
        if column is None or not inputs or not self._exists(table):
            return set()
        first = str(max(self.kept[each.qualified_name] for each in inputs))
        lost = {value for value in self.engine.partitions(table, column) if value < first}
        if lost and self.selection.rebuilds:
            lost -= reduce(and_, [self._partitions_of(table, each) for each in inputs])
        return lost

    def _without(self, table: Table[...], action: Action, lost: set[str]) -> Action:
        """Return an action that leaves some partitions as they are; a rebuild of silver leaves none."""
        if isinstance(action, Partitions):
            return Partitions(action.values - lost)
        if self.selection.rebuilds and table.layer != "gold" and isinstance(action, FullRefresh | AllRows):
            return action
        return _leaving(action, frozenset(lost))

    def _partitions_of(self, table: Table[...], upstream: Table[...]) -> set[str]:
        """Return the partitions of a table on whose days an input has rows."""
        column = retention_column(upstream)
        days = set[str]() if column is None else self.engine.partitions(upstream, column.name)
        return set(map(table.write.partition_of, days))

    def _first_kept_upstream(self, table: Table[...]) -> date | None:
        """Return the first day that all tables upstream keep; None where none has lost rows."""
        names = (self.catalog[name].qualified_name for name in self.catalog.upstream_of([table.name]))
        return max((self.kept[name] for name in names if name in self.kept), default=None)

    def _exists(self, table: Table[...]) -> bool:
        """Whether the table and its inputs exist."""
        return all(
            self.engine.location(each).exists() for each in (table, *map(self.catalog.__getitem__, table.inputs))
        )


def _leaving(action: Action, partitions: frozenset[str]) -> Action:
    """Return an action on all rows, or on keys or feeds in any partition, that leaves some partitions as they are."""
    if isinstance(action, FullRefresh | AllRows | Keys | FeedPartitions):
        return replace(action, left=action.left | partitions)
    return action


def _not_built(table: Table[...]) -> TablePlan:
    return TablePlan(table.qualified_name, (FullRefresh(),), (), NOT_BUILT)


def _count_files(files: Iterable[File]) -> tuple[PendingFiles, ...]:
    """Count files and their bytes by the bronze table that they are ingested into."""
    counts, sizes = Counter[str](), Counter[str]()
    for file in files:
        counts[file.stream.into] += 1
        sizes[file.stream.into] += file.size
    return tuple(PendingFiles(name, counts[name], sizes[name]) for name in sorted(counts))
