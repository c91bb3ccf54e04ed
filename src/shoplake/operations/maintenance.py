"""The upkeep of a lake: small files put together, files nobody needs deleted, versions listed and brought back.

It writes, so it holds the lake's lease; new files are sealed as those of a run are.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from shoplake.engine.protocol import WriteResult
from shoplake.errors import LakeBroken
from shoplake.pipeline.run_recorder import NullListener, RunRecorder, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.declare import Table
    from shoplake.engine.state.state_store import StateStore
    from shoplake.engine.write.delta_engine import DeltaEngine

MIN_RETENTION_DAYS = 7


class Maintenance:
    """The means of one process to keep a lake well; one of them at a time, and not while a run goes on."""

    def __init__(self, engine: DeltaEngine, ledger: StateStore) -> None:
        self._engine, self._ledger = engine, ledger

    def optimize(self, tables: Iterable[Table[...]]) -> dict[str, int]:
        """Put small files together; how many were, by table."""
        done = {table: self._engine.maintenance.optimize(self._engine.location(table)) for table in _all(tables)}
        changed = [table for table, files in done.items() if files and table.layer != "ops"]
        with self._recorder() as recorder:
            recorder.adopt_files(changed)
            recorder.write_checksums()
        return {table.qualified_name: files for table, files in done.items()}

    def vacuum(self, tables: Iterable[Table[...]], days: int = MIN_RETENTION_DAYS) -> dict[str, int]:
        """Delete files that no version of the last `days` needs, those of failed writes too; how many, by table."""
        done = {
            table: self._engine.maintenance.vacuum(self._engine.location(table), days * 24) for table in _all(tables)
        }
        return {table.qualified_name: files for table, files in done.items()}

    def restore(self, table: Table[...], version: int) -> None:
        """Make the rows of an earlier version the table's again, as a new version; the ledger keeps how many.

        Raises LakeBroken for a version that is not in its log.
        """
        place = self._engine.location(table)
        known = [commit.version for commit in self._engine.maintenance.history(place)]
        if version not in known:
            raise LakeBroken(
                f"{table.qualified_name} has no version {version}: its log has {min(known)} to {max(known)}."
            )
        with self._recorder() as recorder:
            with recorder.measure(table) as step:
                self._engine.maintenance.restore(place, version)
                step.result = WriteResult(0, 0)
            recorder.commit(self._ledger.offsets())
            recorder.write_checksums()

    def _recorder(self) -> RunRecorder:
        return RunRecorder(
            self._engine, self._ledger, RunResult(uuid.uuid4().hex), self._ledger.next_run_time(), NullListener()
        )


def _all(tables: Iterable[Table[...]]) -> list[Table[...]]:
    """Tables and those beside them, each once."""
    return list({each.path: each for table in tables for each in (table, *table.companion_tables)}.values())
