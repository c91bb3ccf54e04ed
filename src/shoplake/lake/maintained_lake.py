"""Maintains the files of a lake: by its settings, by commands, and at the end of runs."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.engine import FILES, ClonedFiles, clone_lake, translate_errors
from shoplake.errors import ShoplakeError
from shoplake.lake.predictive_lake import PredictiveLake
from shoplake.operations.expected_days import expect_day, expect_incident
from shoplake.operations.maintenance import Maintenance
from shoplake.operations.upkeep.clone import check_clone
from shoplake.operations.upkeep.lake_restore import LakeRestore, RestoredLake
from shoplake.operations.upkeep.lake_upkeep import LakeUpkeep
from shoplake.operations.upkeep.restore_plan import (
    RestorePlan,
    UnfinishedRestoreError,
    check_restorable,
    pending_restore,
)
from shoplake.operations.upkeep.retention import Retention
from shoplake.pipeline.audit import current_actor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from shoplake.operations.upkeep.lake_upkeep import TableStatus
    from shoplake.pipeline.run_result import ExpiredRows, ProgressListener, RunResult, UpkeepAction, UpkeepResult
    from shoplake.quality.alerts.incident import Incident

log = logging.getLogger("shoplake.maintenance")


class MaintainedLake(PredictiveLake):
    """A lake whose files are kept few.

    Methods that write raise LakeLockedError while another process writes to the lake.
    """

    @contextmanager
    def maintain(self) -> Iterator[Maintenance]:
        """Maintain single tables inside a `with`."""
        self._existing(FILES.qualified_name)
        with self._writing("shoplake maintain"):
            yield Maintenance(self.engine, self.state, self.find)

    def expect_day(self, name: str, day: date, because: str) -> list[str]:
        """Declare that a day of a table is other than usual: it is no history, and stops no run.

        Returns the names of the gates that leave it out. Raises DeclarationError for a table without a
        gate that compares days.
        """
        table = self.catalog[self._existing(name).qualified_name]
        with self._writing("shoplake check"):
            self.state.create_if_missing()
            return expect_day(self.state, table, [feed.name for feed in self.settings.feeds], day, because)

    def expect_incident(self, incident_id: str, because: str) -> Incident:
        """Acknowledge an incident, and declare the days that it is about to be as expected: they are no history.

        Raises UnknownIncidentError, and NoDaysError for an incident about anything else than days.
        """
        incident = self.alerts.find_open(incident_id)
        with self._writing("shoplake alerts"):
            expect_incident(self.state, self.catalog, incident, because)
        return self.alerts.acknowledge(incident_id, current_actor(), because)

    def check_stale(self, limit_s: float) -> datetime | None:
        """Record an incident if no run was recorded for so many seconds, or end it; return when the last one started.

        Raises LakeLockedError where the first run of a lake is at work.
        """
        at = self.last_run_at()
        age_s = None if at is None else (datetime.now(UTC) - at).total_seconds()
        if age_s is not None:
            self.alerts.check_stale(age_s, limit_s)
            return at
        with self._writing("shoplake check"):
            self.alerts.check_stale(age_s, limit_s)
        return at

    def maintenance_status(self) -> list[TableStatus]:
        """Return the files of each table: small ones, unused ones, its log and its last checkpoint."""
        self._existing(FILES.qualified_name)
        with self._working():
            return self._upkeep().status()

    def maintenance_plan(self) -> list[UpkeepAction]:
        """Return what `maintain_all` would do, the greatest gain first. It writes nothing."""
        self._existing(FILES.qualified_name)
        with self._working():
            return self._upkeep().plan()

    def maintain_all(self, listener: ProgressListener | None = None) -> UpkeepResult:
        """Do what the settings ask for: compact, delete unused files, clean up logs; within the time that they set.

        Rows whose retention is over are deleted before.
        """
        self._existing(FILES.qualified_name)
        with self._writing("shoplake maintain auto"):
            self.state.create_if_missing()
            return self._maintain(listener)

    def _maintain_if_due(self, result: RunResult) -> RunResult:
        """Maintain the lake at the end of a run where it is due. A failure is logged: the run is done."""
        if not result.stops and self._upkeep().is_due():
            try:
                with translate_errors():
                    result.maintenance = self._maintain(None)
            except ShoplakeError as error:
                log.warning("maintenance failed: %s", error)
        return result

    def restore(self, at: datetime, listener: ProgressListener | None = None) -> RestoredLake:
        """Restore all tables and the state store to a moment at which no run was at work, `at` or the last before it.

        The next run ingests what has arrived since. Raises RestoreError where versions of that time are gone. A restore
        that was interrupted is finished by a call with the same moment. Raises UnsupportedFeatureError for a lake in a
        catalog.
        """
        check_restorable(self.settings.catalog)
        with self._writing("shoplake maintain restore", is_restore=True):
            pending = pending_restore(self.settings.lake)
            if pending is not None and pending.at != at:
                raise UnfinishedRestoreError(self.settings.lake, pending.at)
            if pending is None:
                self._existing(FILES.qualified_name)
            restore = LakeRestore(self.engine, self.catalog, self.state, listener)
            self.state.create_if_missing()
            return restore.execute(pending or restore.plan(at))

    def restore_plan(self, at: datetime) -> RestorePlan:
        """Return the plan of a restore to a moment. It writes nothing. Raises RestoreError."""
        check_restorable(self.settings.catalog)
        self._existing(FILES.qualified_name)
        with self._working():
            return LakeRestore(self.engine, self.catalog, self.state).plan(at)

    def clone(self, folder: str | Path, listener: ProgressListener | None = None) -> ClonedFiles:
        """Clone the lake into a folder that does not exist: a lake of its own, with the same rows and state.

        Data files are hard links on the same file system. Raises CloneError where the folder exists or lies in the
        lake, UnsupportedFeatureError for a lake in an object store or a catalog.
        """
        self._existing(FILES.qualified_name)
        target = check_clone(self.settings.lake, self.settings.catalog, Path(folder))
        with self._writing("shoplake clone"):
            return clone_lake(Path(self.settings.lake), target, listener.started if listener else lambda _: None)

    def expired_rows(self) -> list[ExpiredRows]:
        """Return the tables with rows whose retention is over. It writes nothing."""
        self._existing(FILES.qualified_name)
        with self._working():
            return self._retention().plan()

    def expire(self, listener: ProgressListener | None = None, *, landing: bool = False) -> list[ExpiredRows]:
        """Delete rows whose retention is over; with `landing` also the files on this machine that they came from.

        Tables that are made from them keep what they made of them.
        """
        self._existing(FILES.qualified_name)
        with self._writing("shoplake maintain expire"):
            expired = self._expire(listener)
            for path in self._retention().expired_files() if landing else ():
                path.unlink(missing_ok=True)
            return expired

    def _maintain(self, listener: ProgressListener | None) -> UpkeepResult:
        expired = self._expire(listener)
        upkeep = self._upkeep()
        return replace(upkeep.execute(upkeep.plan(), listener), expired=tuple(expired))

    def _expire(self, listener: ProgressListener | None) -> list[ExpiredRows]:
        retention = self._retention()
        expired = retention.plan()
        retention.execute(expired, listener)
        return expired

    def _retention(self) -> Retention:
        return Retention(self.engine, self.catalog, self.state, self.settings.feeds)

    def _upkeep(self) -> LakeUpkeep:
        return LakeUpkeep(self.engine, self.state, self.known.values(), self.settings.maintenance)
