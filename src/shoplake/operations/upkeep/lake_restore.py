"""Restores all tables of a lake and its state store to one moment, so that the next run goes on from there."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shoplake.engine import (
    CHECKSUMS,
    DECISIONS,
    DEFINITIONS,
    EXPIRATIONS,
    FILES,
    GATES,
    QUALITY,
    SCHEMA_CHANGES,
    TABLE_RUNS,
    Offset,
    WriteResult,
    commit_times,
    crash_points,
    diff_commits,
    remove_file,
    version_files,
)
from shoplake.operations.definitions.definition_store import DefinitionStore
from shoplake.operations.table_maintenance import maintenance_backend
from shoplake.operations.upkeep.restore_plan import FILE, RestorePlan, pending_restore, plan_restore
from shoplake.pipeline.audit import current_actor, record_decisions
from shoplake.pipeline.run_recorder import RunRecorder
from shoplake.pipeline.run_result import RunResult

if TYPE_CHECKING:
    from datetime import datetime

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import PipelineEngine, StateStore
    from shoplake.pipeline.run_result import ProgressListener

Offsets = dict[tuple[str, str], Offset]
REWOUND = (FILES, QUALITY, CHECKSUMS, SCHEMA_CHANGES, DEFINITIONS, GATES, DECISIONS, EXPIRATIONS, TABLE_RUNS)
"""Tables of the state store that say what the rows are; what people did and models learnt stays recorded."""


@dataclass(frozen=True)
class RestoredLake:
    """The plan by which a lake was restored, and the tables whose rows changed."""

    plan: RestorePlan
    tables: tuple[str, ...]

    @property
    def until(self) -> datetime:
        """The moment whose rows the lake has."""
        return self.plan.until


class LakeRestore:
    """Restores a lake, while the caller holds its lease. A file in the lake has the plan until it is finished."""

    def __init__(
        self, engine: PipelineEngine, catalog: Catalog, state: StateStore, listener: ProgressListener | None = None
    ) -> None:
        self._engine, self._catalog, self._state, self._listener = engine, catalog, state, listener
        self._tables = {each.qualified_name: each for table in catalog.ordered for each in _family(table)}

    def plan(self, at: datetime) -> RestorePlan:
        """Return the plan of a restore to a moment. It writes nothing. Raises RestoreError."""
        return plan_restore(self._engine, self._state, self._tables.values(), at)

    def execute(self, plan: RestorePlan) -> RestoredLake:
        """Restore tables, then the state store; the same plan finishes a restore that was interrupted."""
        if pending_restore(self._engine.lake) is None:
            plan.save(self._engine.lake)
        changed = [name for name, version in plan.versions.items() if self._differs(name, version)]
        for name in changed:
            self._restore_table(self._tables[name], plan.versions[name])
        self._restore_state(plan)
        remove_file(f"{self._engine.lake}/{FILE}")
        return RestoredLake(plan, tuple(changed))

    def _differs(self, name: str, version: int) -> bool:
        """Whether the current rows may be others than those of a version."""
        path = self._engine.path(self._tables[name])
        current = version_files(path, self._engine.version(self._tables[name]))
        return sorted(version_files(path, version) or ()) != sorted(current or ())

    @crash_points("restore_table")
    def _restore_table(self, table: Table[...], version: int) -> None:
        if self._listener is not None:
            self._listener.started(table.qualified_name)
        maintenance_backend(self._engine).restore(table, version)

    @crash_points("restore_state")
    def _restore_state(self, plan: RestorePlan) -> None:
        """Forget what was recorded since, and record where each table stands in the versions of its inputs."""
        for table in REWOUND:
            self._state.rewind(table, plan.until)
        DefinitionStore(self._state, uuid.uuid4().hex).forget_stamps()
        known, younger = self._offsets(), self._younger(plan)
        offsets = {of: self._current(of, each, plan) for of, each in known.items() if not younger.intersection(of)}
        result, at = RunResult(uuid.uuid4().hex), max(self._state.next_run_time(), plan.ended_at)
        with RunRecorder(self._engine, self._state, result, at) as recorder:
            for table in self._catalog.ordered:
                restored = plan.versions.get(table.qualified_name)
                if restored is not None and restored != self._engine.version(table):
                    with recorder.measure(table) as step:
                        step.result = WriteResult(0, 0)
            recorder.commit(offsets)
            recorder.write_checksums()
        record_decisions(self._state, result.run_id, at, current_actor(), "restore", [plan.until.isoformat()], "")

    def _younger(self, plan: RestorePlan) -> set[str]:
        """Return the tables whose logs begin after the moment: what former ones read, or was read of them, is gone."""
        first = {name: min(commit_times(self._engine.path(self._tables[name])).values()) for name in plan.versions}
        return {name.rpartition(".")[2] for name, time in first.items() if time > plan.until}

    def _offsets(self) -> Offsets:
        """Return the offsets that the recorded runs add up to."""
        offsets: Offsets = {}
        for row in sorted(self._state.read(TABLE_RUNS), key=lambda row: (row["run_started_at"], row["version"])):
            name = row["table"].rpartition(".")[2]
            read = json.loads(row["offsets"] or "{}")
            offsets |= {(name, upstream): Offset(*offset) for upstream, offset in read.items()}
        return offsets

    def _current(self, key: tuple[str, str], offset: Offset, plan: RestorePlan) -> Offset:
        """Return an offset in versions that are current now.

        One that lagged behind its input stays: what changed since, the restore included, is read again.
        """
        table, upstream = (self._catalog.get(name) for name in key)  # one may be declared no longer
        version, own = offset.version, offset.own_version
        if upstream is not None and version is not None and self._was_read(upstream, version, plan):
            version = self._engine.version(upstream)
        if table is not None and own is not None and self._was_read(table, own, plan):
            own = self._engine.version(table)
        return replace(offset, version=version, own_version=own)

    def _was_read(self, table: Table[...], version: int, plan: RestorePlan) -> bool:
        """Whether a version has the rows of the restored one: no commit between them changed any."""
        restored = plan.versions.get(table.qualified_name)
        if restored is None or version > restored:
            return False
        diff = diff_commits(self._engine.path(table), version, restored)
        return diff is not None and not diff.files


def _family(table: Table[...]) -> tuple[Table[...], ...]:
    return (table, *table.companion_tables)
