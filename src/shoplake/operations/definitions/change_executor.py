"""Applies a change plan, table by table; each definition is recorded after the table's rows are committed."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine import (
    OFFSETS,
    FileIngestion,
    InputChanges,
    RunSelection,
    WriteResult,
    add_columns,
    empty_trash,
    move_to_trash,
    row_count,
    schema_difference,
    table_exists,
    update_comments,
)
from shoplake.operations.definitions.change_plan import COMPANIONS
from shoplake.operations.definitions.changes import ChangeAction, TableChange
from shoplake.operations.definitions.definition_store import APPLYING, DROPPED
from shoplake.operations.definitions.record_evaluation import RecordEvaluator
from shoplake.pipeline.logged_run import run_logged
from shoplake.pipeline.run_recorder import recorded
from shoplake.pipeline.run_result import NullListener
from shoplake.quality.gates import UNSTOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import DefinitionEngine, StateStore
    from shoplake.operations.definitions.change_plan import ChangePlan
    from shoplake.operations.definitions.definition_store import DefinitionStore
    from shoplake.pipeline.run_result import ProgressListener, TableResult
    from shoplake.settings import Settings

APPLIED, KEPT = "applied", "kept"


class ChangeExecutor:
    """Brings the rows of tables to their current definitions; under the lake's lease."""

    def __init__(
        self,
        engine: DefinitionEngine,
        catalog: Catalog,
        state: StateStore,
        settings: Settings,
        store: DefinitionStore,
        listener: ProgressListener | None = None,
        lease_check: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine, self._catalog, self._state, self._settings = engine, catalog, state, settings
        self._store, self._listener, self._lease_check = store, listener or NullListener(), lease_check
        self._evaluator = RecordEvaluator(engine, catalog, state, settings)
        self._names = {table.qualified_name for table in catalog.values()}
        self.results: list[TableResult] = []

    def apply(self, plan: ChangePlan, changes: Iterable[TableChange], keep: Collection[str] = ()) -> list[TableResult]:
        """Do what the `changes` of a plan ask for, in order; tables in `keep` only get their definition recorded."""
        changes = list(changes)
        self.prepare()
        self.begin(plan, [change for change in changes if change.table not in keep])
        for change in changes:
            self._lease_check()
            if change.table in keep:
                self._record(plan, [change], KEPT)
            elif change.action is ChangeAction.DROP:
                self._drop(plan, change)
            elif change.table in self._names:
                self._apply_change(self._catalog[change.table], change)
                self._record(plan, [change], APPLIED)
        empty_trash(self._engine.lake)
        return self.results

    def record(self, plan: ChangePlan, changes: Iterable[TableChange]) -> None:
        """Do what touches no row: add columns, update comments, record the definitions of tables without rows."""
        self.prepare()
        harmless = [each for each in changes if each.table in self._names and not each.action.is_breaking]
        for change in harmless:
            self.settle(self._catalog[change.table])
        self._record(plan, harmless, APPLIED)

    @contextmanager
    def rebuilding(self, plan: ChangePlan, changes: Iterable[TableChange], left: Collection[str]) -> Iterator[None]:
        """Let a full refresh of all tables inside `with` apply the breaking changes; they are recorded after it.

        Tables that are then in `left` keep their rows and the definition of these.
        """
        breaking = self.begin(plan, changes)
        for change in breaking:
            table = self._catalog[change.table]
            self.prepare_rebuild(table)
            if table.layer == "bronze":
                self._rewrite(table)
        yield
        rebuilt = [change for change in breaking if change.table not in left]
        for change in rebuilt:
            self.settle(self._catalog[change.table])
        self._record(plan, rebuilt, APPLIED)

    def begin(self, plan: ChangePlan, changes: Iterable[TableChange]) -> list[TableChange]:
        """Record that tables get rows of their new definitions, before the first is written; return their changes.

        Else a change that is taken back after an interruption would leave those rows.
        """
        breaking = [change for change in changes if change.action.is_breaking and change.table in self._names]
        new = {change.table: plan.current[change.table] for change in breaking}
        begun = {name: each[-1] for name, each in plan.unfinished.items()}
        self._store.write({name: each for name, each in new.items() if begun.get(name) != each}, APPLYING)
        return breaking

    def prepare(self) -> None:
        """Make tables, and add to their logs the columns that they lack; the rows that are there have null in them.

        What had been read by a table that was dropped, and of it, is forgotten: its versions begin anew.
        """
        missing = [table for table in self._catalog.ordered if not self._engine.location(table).exists()]
        self._forget_offsets(*missing, is_own=True)
        for table in self._catalog.ordered:
            for each in (table, *table.companion_tables):
                self._add_columns(each)
            self._engine.create_if_missing(table)

    def _add_columns(self, table: Table[...]) -> None:
        location = self._engine.location(table)
        if location.exists():
            add_columns(table, location.path)

    def prepare_rebuild(self, table: Table[...]) -> None:
        """Let the rebuild of a table change its columns and partitions; its readers then read all of it again."""
        for each in (table, table.changelog):
            if each is not None and schema_difference(each, self._engine.path(each)).needs_overwrite:
                self._engine.allow_schema_change(each)
                self._forget_offsets(each)

    def settle(self, table: Table[...]) -> None:
        """Bring the schema in the logs of a table and its companions to the declaration, where no rows were written."""
        for each in (table, *table.companion_tables):
            at = self._engine.path(each)
            if schema_difference(each, at).needs_overwrite and row_count(at) == 0:
                self._engine.allow_schema_change(each)
                nothing = self._engine.session.createDataFrame([], each.types_ddl)
                self._engine.location(each).overwrite(nothing, each.partition_by)
            update_comments(each, at)

    def _apply_change(self, table: Table[...], change: TableChange) -> None:
        """Bring the rows of one table to its definition."""
        action = change.action
        if action is ChangeAction.REEVALUATE and self._has_table_fed_feeds(table):
            action = ChangeAction.REBUILD
        if action is ChangeAction.REBUILD:
            self.prepare_rebuild(table)
            self._rewrite(table) if table.layer == "bronze" else self._run(table, full_refresh=True)
        elif action is ChangeAction.REEVALUATE:
            self._measured(table, lambda: self._evaluator.reevaluate(table))
        elif action is ChangeAction.REPLAY:
            self._measured(table, lambda: self._evaluator.replay(table, change.rules))
        elif action in (ChangeAction.UPDATE, ChangeAction.BUILD):
            self.settle(table)
            self._run(table)
        self.settle(table)

    def _run(self, table: Table[...], *, full_refresh: bool = False) -> None:
        selection = RunSelection(full_refresh, select=table.qualified_name)
        arguments = (self._engine, self._catalog, self._state, self._settings, self._listener, selection)
        result = run_logged(*arguments, self._lease_check, acceptance=UNSTOPPED)
        self.results += result.tables

    def _has_table_fed_feeds(self, table: Table[...]) -> bool:
        """Whether an incremental table also has rows made of inputs that are not incremental."""
        files = FileIngestion(self._state, self._settings, "", self._state.next_run_time()).registry
        inputs = InputChanges(self._engine, self._catalog, table, {}, files, self._settings.feeds)
        _, feeds = inputs.table_fed_feeds()
        return bool(feeds)

    def _measured(self, table: Table[...], write: Callable[[], WriteResult]) -> None:
        """Write to a table and record the result as that of a run."""
        feeds = self._settings.feeds
        record = recorded(self._engine, self._state, self._listener, self._lease_check, feeds=feeds)
        with record as recorder, recorder.measure(table) as step:
            step.result = write()
        self.results += recorder.result.tables

    def _rewrite(self, table: Table[...]) -> None:
        """Write the rows of a bronze table again with its declared columns; what has another type is cast."""

        def write() -> WriteResult:
            rows = self._engine.read(table)
            stored = set(rows.columns)
            cells = [
                (F.col(each.name) if each.name in stored else F.lit(None)).cast(each.type).alias(each.name)
                for each in table.columns
            ]
            writer = self._engine.writer(table)
            with writer.staging() as stage:
                writer.overwrite(stage.materialize(rows.select(*cells), "rows"))
            count = writer.row_count()
            return WriteResult(count, count)

        self._measured(table, write)

    def _drop(self, plan: ChangePlan, change: TableChange) -> None:
        path, note = change.table.replace(".", "/"), {change.table: "no longer declared"}
        self._store.write({change.table: plan.recorded[change.table]}, APPLYING, note)
        for each in (path, *(f"{path}{end}" for end in COMPANIONS)):
            move_to_trash(self._engine.lake, each)
        self._store.write({change.table: plan.recorded[change.table]}, DROPPED, note)

    def _record(self, plan: ChangePlan, changes: Iterable[TableChange], status: str) -> None:
        """Record the definitions of tables, but for those that are as recorded, in one commit."""
        known = {name: each for name, each in plan.recorded.items() if name not in plan.unfinished}
        new = [each for each in changes if known.get(each.table) != plan.current[each.table]]
        notes = {each.table: f"{each.action}: {'; '.join(each.reasons)}" for each in new}
        self._store.write({each.table: plan.current[each.table] for each in new}, status, notes)

    def _forget_offsets(self, *tables: Table[...], is_own: bool = False) -> None:
        """Let the tables that read some tables read all of them again, and where `is_own` these their inputs."""
        names = {table.name for table in tables}
        if not names or not table_exists(self._state.path(OFFSETS)):
            return
        self._state.create_if_missing()  # an interrupted run may have left some of them alone
        offsets = self._state.offsets()
        kept = {
            of: offset
            for of, offset in offsets.items()
            if not (is_own and of[0] in names) and (of[1] not in names or offset.version is None)
        }
        if kept != offsets:
            self._state.commit_offsets(kept, uuid.uuid4().hex, self._state.next_run_time())
