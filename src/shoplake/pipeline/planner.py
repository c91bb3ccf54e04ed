"""Plans a run: for each table nothing, a full refresh, partitions, rows or batches, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shoplake.engine import NOT_BUILT, FullRefresh, InputChanges, PendingFiles, RunPlan, RunSelection, TablePlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import File, FileRegistry, Offset, PipelineEngine

__all__ = ["Planner", "RunPlan", "RunSelection", "TablePlan"]


@dataclass(frozen=True)
class Planner:
    """Plans the tables of one run from the lake as it is. It writes nothing."""

    engine: PipelineEngine
    catalog: Catalog
    files: FileRegistry
    feeds: Feeds = ()
    selection: RunSelection = RunSelection()  # noqa: RUF009 - a frozen value

    def plan(self, table: Table[...], offsets: Mapping[tuple[str, str], Offset]) -> TablePlan:
        """Return the plan of one table, whose inputs are up to date."""
        if not table.inputs:
            return TablePlan(table.qualified_name, reason="Its rows come from files.")
        own = {name: offset for (of, name), offset in offsets.items() if of == table.name}
        inputs = InputChanges(self.engine, self.catalog, table, own, self.files, self.feeds)
        return self.engine.strategy(table).plan(table, inputs, self.selection)

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

    def _exists(self, table: Table[...]) -> bool:
        """Whether the table and its inputs exist."""
        return all(
            self.engine.location(each).exists() for each in (table, *map(self.catalog.__getitem__, table.inputs))
        )


def _not_built(table: Table[...]) -> TablePlan:
    return TablePlan(table.qualified_name, (FullRefresh(),), (), NOT_BUILT)


def _count_files(files: Iterable[File]) -> tuple[PendingFiles, ...]:
    """Count files and their bytes by the bronze table that they are ingested into."""
    counts, sizes = Counter[str](), Counter[str]()
    for file in files:
        counts[file.stream.into] += 1
        sizes[file.stream.into] += file.size
    return tuple(PendingFiles(name, counts[name], sizes[name]) for name in sorted(counts))
