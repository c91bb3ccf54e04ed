"""The definitions of one lake: plan what a change means, apply it, and keep runs from mixing two definitions."""

from __future__ import annotations

import uuid
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from shoplake.engine import RunSelection
from shoplake.errors import DeclarationError, PendingChangesError
from shoplake.operations.definitions.change_plan import ChangePlan, ChangePlanner
from shoplake.operations.definitions.changes import ChangeAction
from shoplake.operations.definitions.definition_store import DefinitionStore
from shoplake.operations.definitions.source_stamp import Stamps, definition_memo

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from shoplake.declare.catalog import Catalog
    from shoplake.engine import DefinitionEngine, StateStore
    from shoplake.operations.definitions.change_executor import ChangeExecutor
    from shoplake.operations.definitions.changes import TableChange
    from shoplake.pipeline.run_result import ProgressListener, TableResult
    from shoplake.settings import Settings

BASELINE = "baseline"


class LakeDefinitions:
    """Plans and applies changes of a catalog and settings in a lake. Whoever writes has the lake's lease."""

    def __init__(self, engine: DefinitionEngine, catalog: Catalog, state: StateStore, settings: Settings) -> None:
        self._engine, self._catalog, self._state, self._settings = engine, catalog, state, settings
        self._store = DefinitionStore(state, uuid.uuid4().hex)

    def plan(self) -> ChangePlan:
        """Return what the code and settings now mean for each table; reads only.

        Raises DeclarationError or SchemaMismatchError where a table's function fails on the declared columns.
        """
        return self._plan(None, self._stamps())

    def _plan(self, stamp: int | None, stamps: Stamps) -> ChangePlan:
        """Return the plan. What this process knows of the definitions of a stamp is not worked out again."""
        recorded, unfinished = self._store.read_all()
        feeds, memo = self._settings.feeds, definition_memo(stamp, self._catalog, self._settings.feeds)
        planner = ChangePlanner(self._engine, self._catalog, self._state, feeds, memo, unfinished)
        if stamps.lake is not None and stamps.lake == self._store.stamp:
            return planner.plan(recorded, recorded.keys())
        known = [name for name, each in stamps.tables.items() if each == self._store.stamp_of(name)]
        others = [recorded[name] for name in stamps.tables.keys() - {*known} if name in recorded]
        same_code = [each.table for each in others if stamps.with_settings_of(each) == self._store.stamp_of(each.table)]
        return planner.plan(recorded, known, same_code)

    def record_baseline(self, plan: ChangePlan) -> None:
        """Record the definitions of tables that were written before there were definitions."""
        recorded = self._store.read()
        unknown = {name: each for name, each in plan.recorded.items() if name not in recorded}
        self._store.write(unknown, BASELINE, dict.fromkeys(unknown, "unknown before"))

    def apply(
        self,
        select: str | None = None,
        keep: Collection[str] = (),
        listener: ProgressListener | None = None,
        lease_check: Callable[[], None] = lambda: None,
    ) -> list[TableResult]:
        """Apply all changes, or those of `select` (a table; with a `+` behind it also its downstream tables).

        Tables in `keep` keep their rows: their definition is recorded as it is now, with a note.
        Raises UnknownTableError, and DeclarationError where the columns or partitions of a table to keep changed.
        """
        stamps = self._stamps()
        plan = self._plan(None, stamps)
        self.record_baseline(plan)
        kept = {self._catalog[name].qualified_name for name in keep}
        self._refuse_to_keep(plan, kept)
        chosen = [change for change in plan.changes if self._is_chosen(change, plan, select)]
        results = self._executor(listener, lease_check).apply(plan, chosen, kept)
        if select is None:
            self._store.write_stamps(stamps.lake, stamps.tables)
        return results

    @contextmanager
    def during_run(
        self,
        listener: ProgressListener | None = None,
        lease_check: Callable[[], None] = lambda: None,
        *,
        full_refresh: bool = False,
    ) -> Iterator[set[str]]:
        """Let a run inside `with` write only rows of the current definitions.

        Changes that touch no row are applied before. Others are refused with PendingChangesError, or applied where the
        settings say so. A `full_refresh` of all tables applies them itself; they are recorded after it, but for those
        of the tables that the run adds to the set it is given: it has left them as they were.
        """
        stamps, left = self._stamps(), set[str]()
        if stamps.lake is not None and stamps.lake == self._store.stamp:
            yield left
            return
        plan = self._plan(stamps.lake, stamps)
        self.record_baseline(plan)
        if plan.breaking and not full_refresh and self._settings.on_change == "refuse":
            raise PendingChangesError(plan.breaking)
        executor = self._executor(listener, lease_check)
        changes = [change for change in plan.changes if change.action is not ChangeAction.DROP]
        is_apply = self._settings.on_change == "apply" and bool(plan.breaking) and not full_refresh
        executor.apply(plan, changes) if is_apply else executor.record(plan, changes)
        with executor.rebuilding(plan, changes, left) if full_refresh and not is_apply else nullcontext():
            yield left
        if not left & {*plan.breaking}:
            self._store.write_stamps(stamps.lake, stamps.tables)

    def allow_pending(self) -> None:
        """Let a command write rows of the current definitions to tables whose recorded ones are others.

        That is recorded: with whatever definitions are applied next, those tables are brought to them.
        """
        stamps = self._stamps()
        if stamps.lake is None or stamps.lake != self._store.stamp:
            plan = self._plan(stamps.lake, stamps)
            self.record_baseline(plan)
            self._executor(None, lambda: None).begin(plan, plan.changes)

    def _executor(self, listener: ProgressListener | None, lease_check: Callable[[], None]) -> ChangeExecutor:
        from shoplake.operations.definitions.change_executor import ChangeExecutor

        return ChangeExecutor(
            self._engine, self._catalog, self._state, self._settings, self._store, listener, lease_check
        )

    def _stamps(self) -> Stamps:
        """Return the stamps of the sources as they are now: an edit during a run is of the next one."""
        return Stamps(self._engine, self._catalog, self._settings.feeds)

    def _is_chosen(self, change: TableChange, plan: ChangePlan, select: str | None) -> bool:
        if select is None or change.table == select:
            return True
        if any(each.table == select for each in plan.changes) and select.rpartition(".")[2] not in set(self._catalog):
            return False
        tables = RunSelection(select=select).tables(self._catalog)
        return change.table in {table.qualified_name for table in tables}

    def _refuse_to_keep(self, plan: ChangePlan, kept: Collection[str]) -> None:
        for name in kept & plan.recorded.keys():
            before, after = plan.recorded[name], plan.current[name]
            types = [[(column[0], column[1]) for column in each.columns] for each in (before, after)]
            if types[0] != types[1] or before.partition_by != after.partition_by:
                raise DeclarationError(
                    f"{name} cannot be kept: its columns or partitions changed. "
                    f"Rebuild it: shoplake apply --select {name}"
                )
