"""Runs the pipeline: ingest new files, then plan, execute and record each table.

Every write is idempotent, and offsets are committed after it: an interrupted run repeats work and changes nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from functools import cached_property, partial
from threading import Lock
from typing import TYPE_CHECKING

from shoplake.declare.gate import References
from shoplake.engine import Batches, FileIngestion, RunSelection, remove_leftovers
from shoplake.pipeline.audit import record_decisions
from shoplake.pipeline.memory.chunking import estimated_rows, max_parallel, max_rows
from shoplake.pipeline.memory.smaller_parts import SmallerParts
from shoplake.pipeline.memory.stalled_tables import update_once_more
from shoplake.pipeline.planner import Planner
from shoplake.pipeline.repeated_write import count_growth, reconcile_counts, reconcile_rebuild, recorded_rows
from shoplake.pipeline.run_recorder import RunRecorder
from shoplake.pipeline.run_result import ProgressListener, RunResult, TableResult
from shoplake.pipeline.scheduler import run_topologically
from shoplake.pipeline.stopped_tables import RunStops, StoppedTables
from shoplake.pipeline.table_inputs import TableInputs
from shoplake.quality.error_budget import check_budgets
from shoplake.quality.expired_rows import first_kept_days
from shoplake.quality.gate_check import GateCheck, is_checked_on_write
from shoplake.quality.gates import Acceptance
from shoplake.quality.quarantine_warnings import find_warnings
from shoplake.quality.staged_gates import StagedGates, acknowledged_days

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import Action, FileName, Offset, PipelineEngine, RunPlan, StateStore, TablePlan, WriteResult
    from shoplake.settings import Settings


__all__ = ["PipelineRun", "ProgressListener", "RunResult", "TableResult", "plan_run"]


class PipelineRun:
    """One run: new files, or those `only_files` names, through all tables.

    `lease_check` raises when another process has acquired the lake's lease. `acceptance` names rules that do not stop
    this run. A table that is stopped keeps its rows and offsets, so that the next run tries again; a watch gives its
    runs what was `stopped`, so that they do where something changed. `at` is when the run started.
    """

    def __init__(
        self,
        engine: PipelineEngine,
        catalog: Catalog,
        state: StateStore,
        settings: Settings,
        listener: ProgressListener | None = None,
        selection: RunSelection | None = None,
        lease_check: Callable[[], None] = lambda: None,
        only_files: Collection[FileName] | None = None,
        *,
        acceptance: Acceptance | None = None,
        commit_interval_s: float | None = None,
        stopped: StoppedTables | None = None,
    ) -> None:
        at = state.next_run_time()
        self.result = RunResult(uuid.uuid4().hex)
        self._engine, self._catalog, self._state, self._settings = engine, catalog, state, settings
        self._selection = selection or RunSelection()
        self._files = FileIngestion(state, settings, self.result.run_id, at, only_files)
        self._kept = first_kept_days(catalog, state)
        self._planner = Planner(engine, catalog, self._files.registry, settings.feeds, self._selection, self._kept)
        self._recorder = RunRecorder(
            engine,
            state,
            self.result,
            at,
            listener,
            lease_check,
            feeds=settings.feeds,
            acceptance=acceptance,
            commit_interval_s=commit_interval_s,
        )
        self._acceptance, self.at = acceptance or Acceptance(), at
        self._stops = RunStops(engine, catalog, lambda: self._acknowledged, stopped)
        self._offsets: dict[tuple[str, str], Offset] = {}
        self._offsets_lock = Lock()
        self._resumes = False
        self._parts = SmallerParts(engine)

    def execute(self) -> RunResult:
        """Ingest new files and update every table."""
        chosen = self._selection.tables(self._catalog)
        for table in self._catalog.ordered:
            self._engine.create_if_missing(table)
        self._state.create_if_missing()
        self._record_acceptance()
        remove_leftovers(self._engine.lake)
        with self._recorder:
            self._resumes = self._recorder.previous_run_incomplete()
            if self._selection.ingests:
                self._ingest()
            self._offsets = self._state.offsets()
            before = dict(self._offsets)
            rows = max_rows(self._engine, self._catalog)
            self._engine.expect_rows(rows, None if self._selection.rebuilds else estimated_rows(self.result.bytes))
            parallel = max_parallel(self._engine, rows, self._settings.memory_limit)
            self._parts.run_beside = parallel > 1
            with self._engine.share_inputs(chosen):
                run_topologically(chosen, self._update_unless_stopped, parallel, self._is_idle)
            for stop in self._stops.results():
                self._recorder.record_stop(stop)
            self._check_gates()
            if self.result.has_news or self._offsets != before:
                self._recorder.commit(self._offsets)
            if self._resumes:
                self._recorder.adopt_files(self._catalog.ordered)
            self._recorder.write_checksums()
        self._engine.expect_rows(rows)
        written = [(step.table, step.result) for step in self.result.tables]
        self.result.warnings = find_warnings(self._engine, self._catalog, written)
        return self.result

    def _ingest(self) -> None:
        """Ingest new files into bronze, batch by batch."""
        for batch in self._files.batches():
            self._engine.expect_rows(estimated_rows(batch.bytes))
            self.result.add(self._files.ingest(batch, self._catalog.ordered, self._engine, self._recorder))
        self.result.rejected, self.result.unreadable = self._files.rejected, self._files.unreadable
        self.result.unmatched = self._files.unmatched

    @cached_property
    def _acknowledged(self) -> dict[tuple[str, str], set[str]]:
        """The days that somebody accepted; first read when a table has gates."""
        return acknowledged_days(self._state)

    @cached_property
    def _recorded_rows(self) -> dict[str, int]:
        """The rows that tables of documents had when they were last recorded: a command may have been interrupted."""
        return recorded_rows(self._state, self._catalog.ordered)

    def _gate_check(self) -> GateCheck:
        """Return a check of gates at the run's time."""
        feeds = self._settings.feeds
        return GateCheck(self._engine, self._catalog, self.at, 1, self._acknowledged, feeds, self._kept)

    def _record_acceptance(self) -> None:
        accepted = self._acceptance
        if accepted.rules:
            run, rules = self.result.run_id, sorted(accepted.rules)
            record_decisions(self._state, run, self.at, accepted.by, "accept", rules, accepted.because)

    def _is_idle(self, table: Table[...]) -> bool:
        """Whether a table has nothing to do, as far as that is known without looking at what changed."""
        return self._planner.is_idle(table, self._offsets)

    def _update_unless_stopped(self, table: Table[...]) -> None:
        """Update a table, unless a rule stops it or one of its inputs; other tables go on."""
        self._stops.update(table, partial(update_once_more, self._engine, self._update_table))

    def _check_gates(self) -> None:
        """Evaluate what waits for the end of the run: references, all gates of bronze, and error budgets."""
        written = {step.table for step in self.result.tables}
        for table in self._catalog.ordered:
            kinds = (object,) if table.layer == "bronze" else (References,)
            if table.qualified_name in written and any(isinstance(gate, kinds) for gate in table.gates):
                check = self._gate_check()
                self._recorder.record_gates(check.check([table], kinds), check.measured)
        self._recorder.record_gates(check_budgets(self._state, self._catalog.ordered, self.at, self.result))

    def _update_table(self, table: Table[...]) -> None:
        """Plan a table whose inputs are up to date, execute the plan and record the offsets."""
        plan = self._planner.plan(table, self._offsets)
        known = self._recorded_rows.get(table.qualified_name)
        growth = 0 if known is None else self._engine.row_count(table) - known
        if growth and not plan.actions:
            with self._recorder.measure(table) as step:
                step.result = count_growth(growth)
        for number, action in enumerate(plan.actions):
            with self._recorder.measure(table) as step:
                result = self._execute(table, action)
                step.result = result if number else self._reconciled(table, action, result, growth)
        if plan.actions and (waiting := self._inputs(table).waiting_count()) is not None:
            self._recorder.record_waiting(table, waiting)
        if plan.actions or any(each.has_changed for each in plan.inputs):
            self._commit_offsets(table, plan)

    def _execute(self, table: Table[...], action: Action) -> WriteResult:
        """Execute an action once the gates of the table have seen its staged rows."""
        declared = self._acceptance.applied_to(table)
        has_gates = any(map(is_checked_on_write, declared.gates))
        gates = StagedGates(self._gate_check(), declared, self._acceptance.of(table)) if has_gates else None
        result = self._parts.build(
            action, self._inputs(table), lambda inputs: self._engine.execute(declared, action, inputs, gates)
        )
        if gates is not None:
            self._recorder.record_gates(gates.results, gates.measured)
        return result

    def _reconciled(self, table: Table[...], action: Action, result: WriteResult, unrecorded: int) -> WriteResult:
        """Return the counts of the first action of a table with the rows that an interrupted run did not record."""
        if not isinstance(action, Batches):
            return reconcile_rebuild(self._engine, self._state, table, result)
        is_repeated = self._resumes or unrecorded
        return reconcile_counts(self._engine, self._state, table, result) if is_repeated else result

    def _inputs(self, table: Table[...]) -> TableInputs:
        return TableInputs(
            self._engine,
            self._catalog,
            table,
            self._files.registry,
            self._settings.feeds,
            self._settings.memory_limit,
        )

    def _commit_offsets(self, table: Table[...], plan: TablePlan) -> None:
        offsets = {each.table: each.after for each in plan.inputs}
        if (source := table.one_to_one_with) is not None:
            offsets[source] = replace(offsets[source], own_version=self._engine.version(table))
        with self._offsets_lock:
            self._offsets = self._offsets | {(table.name, name): offset for name, offset in offsets.items()}
            self._recorder.commit(self._offsets, table)


def plan_run(
    engine: PipelineEngine, catalog: Catalog, state: StateStore, settings: Settings, selection: RunSelection
) -> RunPlan:
    """Return the plan of a run that begins now. It writes nothing, and works without a lake."""
    files, kept = FileIngestion(state, settings, "", state.next_run_time()), first_kept_days(catalog, state)
    planner = Planner(engine, catalog, files.registry, settings.feeds, selection, kept)
    pending = files.pending_files() if selection.ingests else []
    return planner.plan_all(pending, {} if files.registry.is_empty else state.offsets())
