"""Maintenance of a lake: compact small files, delete unused ones, restore versions.

It writes, so it needs the lake's lease; new files get checksums as those of a run do.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from shoplake.engine import WriteResult, check_readable
from shoplake.errors import ShoplakeError, TableNotFoundError
from shoplake.operations.table_maintenance import WEEK_H, maintenance_backend
from shoplake.pipeline.run_recorder import RunRecorder, recorded
from shoplake.pipeline.run_result import RunResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shoplake.declare import Table
    from shoplake.engine import PipelineEngine, StateStore

MIN_RETENTION_DAYS = WEEK_H // 24


class OtherColumnsError(ShoplakeError):
    """A version of a table lacks columns that are declared now: no run could continue it."""

    def __init__(self, name: str, version: int, lacks: Iterable[str]) -> None:
        super().__init__(
            f"Version {version} of {name} lacks {', '.join(lacks)}, declared since. Restore a later version, or "
            "declare the table as it was then, or restore all tables to a moment: shoplake maintain restore --at"
        )
        self.name, self.version = name, version


class Maintenance:
    """Maintains the tables of a lake, by their names, while its lease is held.

    `find_table` returns the table of a name, `layer.name` or bare, and raises UnknownTableError for others. Each method
    raises TableNotFoundError for a table that no run has written yet.
    """

    def __init__(self, engine: PipelineEngine, state: StateStore, find_table: Callable[[str], Table[...]]) -> None:
        self._engine, self._state, self._find_table = engine, state, find_table
        self._backend = maintenance_backend(engine)

    def written(self, names: Iterable[str]) -> list[str]:
        """Return those of some tables that exist: a declared one may not have been built yet."""
        return [name for name in names if self._exists(self._find_table(name))]

    def optimize(self, names: Iterable[str]) -> dict[str, int]:
        """Compact small files of tables and their companions; return how many were, by table."""
        compacted = {table: self._backend.optimize(table) for table in self._tables(names)}
        changed = [table for table, files in compacted.items() if files and table.layer != "ops"]
        result, at = RunResult(uuid.uuid4().hex), self._state.next_run_time()
        with RunRecorder(self._engine, self._state, result, at) as recorder:
            recorder.adopt_files(changed)
            recorder.write_checksums()
        return {table.qualified_name: files for table, files in compacted.items()}

    def vacuum(self, names: Iterable[str], days: int = MIN_RETENTION_DAYS) -> dict[str, int]:
        """Delete files that no version of the last `days` needs, also of failed writes; return how many, by table."""
        return {table.qualified_name: self._backend.vacuum(table, days * 24) for table in self._tables(names)}

    def restore(self, name: str, version: int) -> None:
        """Write the rows of an earlier version as a new one, and record their number.

        Raises VersionNotFoundError for a version that is gone or never was, and OtherColumnsError for one that
        lacks declared columns.
        """
        [table, *_] = self._tables([name])
        check_readable(self._engine.path(table), table.qualified_name, version)
        stored = self._backend.columns(table, version)
        if lacks := [column.name for column in table.columns if column.name not in stored]:
            raise OtherColumnsError(table.qualified_name, version, lacks)
        with recorded(self._engine, self._state) as recorder, recorder.measure(table) as timer:
            before = self._engine.row_count(table)
            self._backend.restore(table, version)
            count = self._engine.row_count(table)
            timer.result = WriteResult(count, count, rows_replaced=before)

    def _tables(self, names: Iterable[str]) -> list[Table[...]]:
        """Return the tables and their companions that exist, each once."""
        tables = [self._find_table(name) for name in names]
        for table in tables:
            if not self._exists(table):
                raise TableNotFoundError(table.qualified_name, self._engine.lake)
        companions = [each for table in tables for each in (table, *table.companion_tables) if self._exists(each)]
        return list({each.path: each for each in companions}.values())

    def _exists(self, table: Table[...]) -> bool:
        return self._engine.location(table).exists()
