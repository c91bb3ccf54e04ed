"""The upkeep of all tables of a lake: what could be cleaned up, and doing it within a time limit."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shoplake.engine import (
    MAINTAINED_MARKER,
    MAINTENANCE,
    RUN_MARKER,
    TABLE_RUNS,
    clean_log,
    crash_points,
    scan_table_files,
    table_exists,
    to_micros,
)
from shoplake.operations.table_maintenance import maintenance_backend
from shoplake.pipeline.run_recorder import RunRecorder
from shoplake.pipeline.run_result import RunResult, UpkeepAction, UpkeepResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shoplake.declare import Table
    from shoplake.engine import PipelineEngine, StateStore, TableFiles
    from shoplake.pipeline.run_result import ProgressListener
    from shoplake.settings.maintenance_settings import MaintenanceSettings

COMPACT, LOG, VACUUM = "compact", "log", "vacuum"
MAX_SMALL_FILES = 4
"""Small files of a partition that are left as they are."""
SMALL_FILE_BYTES = 32 << 20
COMMITS_PER_CHECKPOINT = 50
MAX_PAUSE = timedelta(days=180)
"""A longer time since the last maintenance is taken for a wrong clock."""


@dataclass(frozen=True)
class TableStatus:
    """The files of one table."""

    table: str
    files: TableFiles


class LakeUpkeep:
    """Maintains the tables of a lake by its settings; to write, the caller holds the lake's lease.

    `tables` are all that can be read. Tables of the state store are listed, and maintain themselves. `clock` returns
    seconds that only grow.
    """

    def __init__(
        self,
        engine: PipelineEngine,
        state: StateStore,
        tables: Iterable[Table[...]],
        settings: MaintenanceSettings,
        *,
        now: datetime | None = None,
        clock: Callable[[], float] = time.monotonic,
        commits_per_checkpoint: int = COMMITS_PER_CHECKPOINT,
        small_size: int = SMALL_FILE_BYTES,
    ) -> None:
        self._engine, self._state, self._settings = engine, state, settings
        self._tables = {table.qualified_name: table for table in tables}
        self._now, self._clock, self._small_size = now or datetime.now(UTC), clock, small_size
        self._commits_per_checkpoint = commits_per_checkpoint
        self._backend = maintenance_backend(engine)

    def status(self) -> list[TableStatus]:
        """Return the files of each table that has been written."""
        return [
            TableStatus(name, self._scan(table))
            for name, table in self._tables.items()
            if table_exists(self._engine.path(table))
        ]

    def plan(self, statuses: Sequence[TableStatus] | None = None) -> list[UpkeepAction]:
        """Return what is worth doing, the greatest gain first."""
        found = self.status() if statuses is None else statuses
        actions = [action for each in found if not each.table.startswith("ops.") for action in self._actions(each)]
        return sorted(actions, key=lambda each: (-each.files, -each.size, each.table, each.action))

    def execute(self, actions: Sequence[UpkeepAction], listener: ProgressListener | None = None) -> UpkeepResult:
        """Do the actions in order until the time is up; at least one. Record each, and the moment.

        A process that is killed meanwhile has done whole actions; the next maintenance does the others.
        """
        began, done = self._clock(), list[UpkeepAction]()
        result, at = RunResult(uuid.uuid4().hex), self._state.next_run_time()
        with RunRecorder(self._engine, self._state, result, at) as recorder:
            for action in actions:
                if done and self._clock() - began >= self._settings.at_most.total_seconds():
                    break
                self._do(action, recorder, listener)
                done.append(action)
            if done:
                recorder.write_checksums()
        left = tuple(actions[len(done) :])
        self._record(result.run_id, at, done, is_complete=not left)
        return UpkeepResult(tuple(done), left, self._clock() - began)

    def is_due(self) -> bool:
        """Whether a run is to maintain the lake: the last maintenance, or else the first run, is old enough.

        The first call begins to count, and so does one after `MAX_PAUSE`: it may be the clock that is wrong, and what
        is deleted by it is gone. A last maintenance that is later than now was done by a wrong clock, and is due.
        """
        every = self._settings.every
        if every is None or not table_exists(self._state.path(MAINTENANCE)):
            return False
        last = self._state.marker(MAINTENANCE, MAINTAINED_MARKER)
        elapsed = None if last is None else timedelta(microseconds=to_micros(self._now) - last)
        if elapsed is None or elapsed > max(MAX_PAUSE, every):
            if self._state.marker(TABLE_RUNS, RUN_MARKER) is not None:
                self._state.append(MAINTENANCE, [], {MAINTAINED_MARKER: to_micros(self._now)})
            return False
        return not timedelta(0) <= elapsed < every

    def _scan(self, table: Table[...]) -> TableFiles:
        settings = self._settings
        return scan_table_files(
            self._engine.path(table),
            settings.keep_versions,
            settings.log,
            small_size=self._small_size,
            max_files=MAX_SMALL_FILES,
            now=self._now,
        )

    def _actions(self, status: TableStatus) -> list[UpkeepAction]:
        name, files = status.table, status.files
        actions = []
        if files.small_files:
            actions.append(UpkeepAction(name, COMPACT, files.small_files))
        if files.unused_files:
            actions.append(UpkeepAction(name, VACUUM, files.unused_files, files.unused_size))
        needs_checkpoint = files.commits_since_checkpoint >= self._commits_per_checkpoint
        expired = files.expired_commits if self._is_read_until(name, files.expired_until) else 0
        if expired or needs_checkpoint:
            actions.append(UpkeepAction(name, LOG, expired or files.commits_since_checkpoint))
        return actions

    def _is_read_until(self, name: str, version: int) -> bool:
        """Whether every table that reads this one has read the commits up to a version: it does not need them."""
        bare = name.partition(".")[2]
        read = [each.version for (_, upstream), each in self._state.offsets().items() if upstream == bare]
        return all(each is None or each >= version for each in read)

    @crash_points("maintain_table")
    def _do(self, action: UpkeepAction, recorder: RunRecorder, listener: ProgressListener | None) -> None:
        if listener is not None:
            listener.started(action.table)
        table = self._tables[action.table]
        if action.action == COMPACT:
            self._engine.compact(table, MAX_SMALL_FILES)
            recorder.adopt_files([table])
        elif action.action == VACUUM:
            self._backend.vacuum(table, int(self._settings.keep_versions.total_seconds() // 3600))
        else:
            clean_log(self._engine.lake, self._engine.path(table), self._settings.log)

    def _record(self, run_id: str, at: datetime, done: Sequence[UpkeepAction], *, is_complete: bool) -> None:
        rows = [
            {
                "run_id": run_id,
                "table": each.table,
                "action": each.action,
                "files": each.files,
                "size": each.size,
                "recorded_at": at,
            }
            for each in done
        ]
        self._state.append(MAINTENANCE, rows, {MAINTAINED_MARKER: to_micros(self._now)} if is_complete else {})
