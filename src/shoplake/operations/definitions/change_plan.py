"""The changes between the recorded definitions of a lake and those of the code and settings now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine import OFFSETS, TABLE_RUNS, row_count, schema_difference, stored_columns, table_exists
from shoplake.operations.definitions.changes import ChangeAction, TableChange, compare
from shoplake.operations.definitions.current_definitions import CurrentDefinitions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import PipelineEngine, StateStore
    from shoplake.operations.definitions.current_definitions import DefinitionMemo
    from shoplake.operations.definitions.definition import Definition

QUIET = (ChangeAction.NOTHING, ChangeAction.BASELINE)
LIGHTER = (*QUIET, ChangeAction.COMMENT)
"""What is done besides an update of the same table."""
COMPANIONS = ("_quarantine", "_changelog")
"""The ends of the names of what is written with a table."""


@dataclass(frozen=True)
class ChangePlan:
    """What a change of code or settings means for each table, in the order in which it is applied.

    `recorded` are the definitions that the rows have, `current` those of the code and settings now; of the tables
    `unknown_before` none was recorded, and the current one counts. `unfinished` are definitions that were being applied
    when a command ended: their tables may have rows of them.
    """

    changes: tuple[TableChange, ...]
    recorded: Mapping[str, Definition]
    current: Mapping[str, Definition]
    unknown_before: tuple[str, ...] = ()
    unfinished: Mapping[str, Sequence[Definition]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do to any table."""
        return all(change.action in QUIET for change in self.changes)

    @property
    def breaking(self) -> tuple[str, ...]:
        """The tables with rows that are not those of their definition."""
        return tuple(change.table for change in self.changes if change.action.is_breaking)


class ChangePlanner:
    """Compares a lake with a catalog and feeds; reads only."""

    def __init__(
        self,
        engine: PipelineEngine,
        catalog: Catalog,
        state: StateStore,
        feeds: Feeds,
        memo: DefinitionMemo | None = None,
        unfinished: Mapping[str, Sequence[Definition]] | None = None,
    ) -> None:
        self._engine, self._catalog, self._state = engine, catalog, state
        self._unfinished = unfinished or {}
        self._definitions = CurrentDefinitions(engine, catalog, feeds, memo)
        has_offsets = all(table_exists(state.path(table)) for table in (OFFSETS, TABLE_RUNS))
        self._offsets = state.offsets() if has_offsets else {}
        self._readers = {name for name, _ in self._offsets}

    def plan(
        self, recorded: Mapping[str, Definition], known: Collection[str] = (), same_code: Collection[str] = ()
    ) -> ChangePlan:
        """Return the changes since the `recorded` definitions.

        Of the tables `known`, code and settings are those of the recorded definitions: their functions are not called
        to compare them. Of those in `same_code` only settings differ: their source is not read, and the types that
        their functions return are not checked again.
        Raises DeclarationError or SchemaMismatchError for a function that fails on the columns declared now.
        """
        names = {table.qualified_name for table in self._catalog.values()}
        same = {name: recorded[name] for name in known if name in recorded}
        other_settings = {name: recorded[name] for name in same_code if name in recorded}
        current = recorded if names <= same.keys() else self._definitions.read(same, other_settings)
        before = dict(recorded)
        changes: dict[str, TableChange] = {}
        for table in self._catalog.ordered:
            name = table.qualified_name
            change = self._change(table, before, current[name])
            if change is not None:
                changes[name] = change
            else:
                changes.update(self._companions(table))
        self._check({name: each for name, each in changes.items() if name not in other_settings}, before, current)
        changes |= {change.table: change for change in self._updates(dict(changes))}
        planned = [*changes.values(), *self._dropped(recorded)]
        order = {table.qualified_name: place for place, table in enumerate(self._catalog.ordered)}
        planned.sort(key=lambda change: order.get(change.table, len(order)))
        unknown = tuple(name for name in before if name not in recorded)
        return ChangePlan(tuple(planned), before, current, unknown, self._unfinished)

    def _change(self, table: Table[...], before: dict[str, Definition], new: Definition) -> TableChange | None:
        name = table.qualified_name
        if self._is_empty(table):
            old = before.get(name)
            change = compare(table, old, new) if old else None
            if old and change is None:
                return None
            return TableChange(name, ChangeAction.BUILD, change.reasons if change else ("not built yet",))
        if name not in before:
            before[name] = replace(new, columns=stored_columns(table, self._engine.path(table)))
            change = compare(table, before[name], new)
            return (
                self._counted(table, change)
                if change
                else TableChange(name, ChangeAction.BASELINE, ("unknown before",))
            )
        change = compare(table, before[name], new)
        if any(_is_breaking(compare(table, each, new)) for each in self._unfinished.get(name, ())):
            change = TableChange(name, ChangeAction.REBUILD, ("another change of it was interrupted",))
        return self._counted(table, change) if change else None

    def _is_empty(self, table: Table[...]) -> bool:
        """Whether the table has no rows and has read nothing: then no definition is wrong for it."""
        if not self._engine.location(table).exists():
            return True
        return table.name not in self._readers and self._engine.row_count(table) == 0

    def _companions(self, table: Table[...]) -> dict[str, TableChange]:
        """Return the quarantine and changelog of a table, where their logs lack a declared column."""
        found = {}
        for each in table.companion_tables:
            location = self._engine.location(each)
            if location.exists() and (added := schema_difference(each, location.path).added):
                reasons = tuple(f"column {name} added" for name in added)
                found[each.qualified_name] = TableChange(each.qualified_name, ChangeAction.ADD_COLUMNS, reasons)
        return found

    def _check(
        self, changes: Mapping[str, TableChange], before: Mapping[str, Definition], current: Mapping[str, Definition]
    ) -> None:
        """Call the functions of tables that change, or read a table whose columns do, before any data is touched."""
        changed = {name for name in changes if name in before and before[name].columns != current[name].columns}
        for table in self._catalog.ordered:
            change = changes.get(table.qualified_name)
            reads = {self._catalog[name].qualified_name for name in table.inputs}
            if table.inputs and ((change and change.action is not ChangeAction.NOTHING) or reads & changed):
                self._definitions.check(table)

    def _updates(self, changes: Mapping[str, TableChange]) -> Iterator[TableChange]:
        """Yield the tables that follow: those that read a table which changes, or has changed since they read it.

        Bronze is read batch by batch: to write it again with other columns changes no row of its readers.
        """
        stale = {name for name, change in changes.items() if change.action.is_breaking and "bronze." not in name}
        for table in self._catalog.ordered:
            name = table.qualified_name
            reads = [self._catalog[each].qualified_name for each in table.inputs]
            behind = [each for each in reads if each in stale] or self._behind(table)
            change = changes.get(name)
            if behind and (change is None or change.action in LIGHTER):
                stale.add(name)
                reasons = tuple(f"reads {each}" for each in behind)
                yield TableChange(name, ChangeAction.UPDATE, (change.reasons if change else ()) + reasons)

    def _behind(self, table: Table[...]) -> list[str]:
        """Return the tables that have newer versions than those that the table has read."""
        found = []
        for name in table.inputs:
            offset, upstream = self._offsets.get((table.name, name)), self._catalog[name]
            if offset is None or offset.version in (None, self._engine.version(upstream)):
                continue
            diff = self._engine.commit_diff(upstream, offset.version or 0)
            if diff is None or diff.files:
                found.append(upstream.qualified_name)
        return found

    def _dropped(self, recorded: Mapping[str, Definition]) -> Iterator[TableChange]:
        known = {table.qualified_name for table in self._catalog.values()}
        for name in sorted(recorded.keys() - known):
            folder = self._engine.folder(name)  # what a catalog has beyond the declarations is left there
            if folder is not None and any(table_exists(f"{folder}{each}") for each in ("", *COMPANIONS)):
                yield TableChange(name, ChangeAction.DROP, ("no longer declared",))

    def _counted(self, table: Table[...], change: TableChange) -> TableChange:
        """Return the change with the amount of work that it means."""
        return replace(change, amount=self._amount(table, change)) if change.action.is_breaking else change

    def _amount(self, table: Table[...], change: TableChange) -> str:
        if change.action is ChangeAction.REPLAY and table.quarantine is not None:
            reasons = F.array(*[F.lit(name) for name in change.rules])
            bad = self._engine.read(table.quarantine).where(F.arrays_overlap("reasons", reasons)).count()
            return _counted(bad, "quarantined record")
        column = table.column(table.partition_by[0]) if table.partition_by else None
        path = self._engine.path(table)
        if change.action is ChangeAction.REBUILD and column is not None and column.type == "date":
            stored = {name for name, _, _ in stored_columns(table, path)}
            if column.name in stored and not schema_difference(table, path).is_repartitioned:
                return _counted(len(self._engine.partitions(table, column.name)), _period(column.name))
        return _counted(row_count(path), "row")


def _is_breaking(change: TableChange | None) -> bool:
    return change is not None and change.action.is_breaking


def _period(column: str) -> str:
    return "month" if column.endswith("_month") else "day"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
