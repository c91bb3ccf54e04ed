"""The plan of a restore of a whole lake: which version of each table was current at one consistent moment."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shoplake.engine import (
    AUDIT,
    ERRORS,
    TABLE_RUNS,
    commit_times,
    diff_commits,
    filesystem_for,
    is_readable,
    table_exists,
    write_whole,
)
from shoplake.errors import ShoplakeError, UnsupportedFeatureError
from shoplake.operations.definitions.definition_store import dropped_at
from shoplake.operations.upkeep.restore_moment import LAST, TICK, consistent_moment, kept_moment, without_undone
from shoplake.pipeline.error_log import read_mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoplake.declare import Table
    from shoplake.engine import StateReader, TableReader

FILE = "_restore.json"


class RestoreError(ShoplakeError):
    """The lake cannot be restored to a moment."""


class UnfinishedRestoreError(RestoreError):
    """A restore was interrupted; until it is finished, the tables are of different moments."""

    def __init__(self, lake: str, at: datetime) -> None:
        super().__init__(
            f"A restore of {lake} to {at:%Y-%m-%dT%H:%M:%SZ} is not finished. "
            f"Finish it: shoplake maintain restore --at {at:%Y-%m-%dT%H:%M:%S.%fZ}"
        )
        self.at = at


@dataclass(frozen=True)
class RestorePlan:
    """The moment (UTC) that is asked for, the last moment before it at which no run was at work, and versions then.

    `versions` has the version of each table and companion by `layer.table`, `replaced` the one that is current.
    `undone_at` is when a restore has undone what was at that moment; None where none has.
    """

    at: datetime
    until: datetime
    versions: Mapping[str, int]
    replaced: Mapping[str, int]
    undone_at: datetime | None = None

    @property
    def ended_at(self) -> datetime:
        """The earliest time at which the restore can be recorded: after the moment, if it undoes anything.

        Where a clock was set back, the time of now may be before the moment; the restore would be undone with it then.
        """
        return self.until + TICK if dict(self.versions) != dict(self.replaced) else self.until

    def save(self, lake: str) -> None:
        """Write the plan into the lake: nothing but this restore may write to it from now on."""
        write_whole(f"{lake}/{FILE}", json.dumps(asdict(self), indent=1, default=datetime.isoformat).encode())


def check_restorable(catalog: str | None) -> None:
    """Raise UnsupportedFeatureError for a lake in a catalog: which files a version has is known to it alone."""
    if catalog is not None:
        raise UnsupportedFeatureError(
            f"A whole lake can be restored in folders, not in the catalog '{catalog}'. Restore its tables one by one: "
            "shoplake maintain restore TABLE"
        )


def pending_restore(lake: str) -> RestorePlan | None:
    """Return the plan of a restore that is not finished; None where there is none."""
    try:
        files, path = filesystem_for(f"{lake}/{FILE}")
        with files.open_input_stream(path) as stream:
            content = json.loads(bytes(stream.read()))
    except FileNotFoundError:
        return None
    at, until, undone_at = (content.get(name) for name in ("at", "until", "undone_at"))
    return RestorePlan(
        datetime.fromisoformat(at),
        datetime.fromisoformat(until),
        content["versions"],
        content["replaced"],
        None if undone_at is None else datetime.fromisoformat(undone_at),
    )


def plan_restore(engine: TableReader, state: StateReader, tables: Iterable[Table[...]], at: datetime) -> RestorePlan:
    """Return the plan of a restore to a moment; of a run that was at work then, to the moment before its start.

    What a restore has undone is in no state store: a moment of it stands for the one to which that restore went back.
    Raises RestoreError where there was no lake yet, and where versions of that time are gone.
    """
    existing = {table.qualified_name: engine.path(table) for table in tables if table_exists(engine.path(table))}
    commits = {name: commit_times(path) for name, path in existing.items()}
    starts = sorted(_starts(state, engine.lake))
    restores = _restores(state)
    kept, undone_at = kept_moment(at, restores)
    times = _times_of_rows(existing, commits, kept, next((each for each in starts if each > kept), LAST))
    misdated = _misdated_runs(state, commits, kept)
    check_dated(kept, misdated)
    dated = [time for time in times if all(time < each.began_at for each in misdated)]
    until = _before_late_runs(state, commits, consistent_moment(kept, starts, without_undone(kept, dated, restores)))
    if not starts or until < starts[0]:
        first = f" Its first run started at {starts[0]:%Y-%m-%d %H:%M:%S} UTC." if starts else ""
        raise RestoreError(f"The lake has no rows of {at:%Y-%m-%d %H:%M:%S} UTC.{first}")
    versions = {name: _version_at(name, times, until) for name, times in commits.items()}
    for name, version in versions.items():
        if not is_readable(existing[name], version):
            raise RestoreError(
                f"{name} cannot be restored to {until:%Y-%m-%d %H:%M:%S} UTC: files of its version {version} are "
                "deleted. Choose a later moment; [maintenance] keep_versions says how long versions are kept."
            )
    return RestorePlan(at, until, versions, {name: max(times) for name, times in commits.items()}, undone_at)


def _times_of_rows(
    paths: Mapping[str, str], commits: Mapping[str, Mapping[int, datetime]], since: datetime, until: datetime
) -> list[datetime]:
    """Return when commits between two moments changed rows; `apply` adds columns before the start that is recorded."""
    diffs = [
        (time, diff_commits(paths[name], version - 1, version))
        for name, times in commits.items()
        for version, time in times.items()
        if since < time < until
    ]
    return [time for time, diff in diffs if diff is None or diff.files]


@dataclass(frozen=True)
class MisdatedRun:
    """A run that is recorded as of a later time than it wrote a table: the clock of a run before it was ahead."""

    started_at: datetime
    began_at: datetime
    committed_at: datetime


def _misdated_runs(
    state: StateReader, commits: Mapping[str, Mapping[int, datetime]], at: datetime
) -> list[MisdatedRun]:
    """Return the writes that are recorded as of after `at`, and later than they were committed."""
    rows = state.read(TABLE_RUNS, ["table", "version", "duration_s", "run_started_at"])
    known = dict[str, int]()  # versions that were there before: of those a run may record that it left them as they are
    for row in rows:
        if row["run_started_at"] <= at:
            known[row["table"]] = max(row["version"], known.get(row["table"], 0))
    later = [row for row in rows if row["version"] > known.get(row["table"], 0) and row["run_started_at"] > at]
    writes = [(row, commits.get(row["table"], {}).get(row["version"])) for row in later]
    return [
        MisdatedRun(row["run_started_at"], time - timedelta(seconds=row["duration_s"] or 0), time)
        for row, time in writes
        if time is not None and time < row["run_started_at"]
    ]


def _before_late_runs(state: StateReader, commits: Mapping[str, Mapping[int, datetime]], at: datetime) -> datetime:
    """Return the last moment, not after `at`, by which all runs that are recorded as of before it had committed.

    Runs are recorded as of just after the last one where a clock was set back, and wrote later; others to former logs.
    """
    rows, dropped = state.read(TABLE_RUNS, ["table", "version", "run_started_at"]), dropped_at(state)
    rows = [row for row in rows if row["run_started_at"] >= dropped.get(row["table"], row["run_started_at"])]
    writes = [(row["run_started_at"], commits.get(row["table"], {}).get(row["version"])) for row in rows]
    while late := [start for start, time in writes if time is not None and start <= at < time]:
        at = min(late) - TICK
    return at


def check_dated(at: datetime, misdated: Iterable[MisdatedRun]) -> None:
    """Raise RestoreError for a moment by which runs had begun that are recorded as of after it."""
    begun = [each for each in misdated if each.began_at <= at]
    if begun:
        first, last = min(each.began_at for each in begun), max(each.committed_at for each in begun)
        raise RestoreError(
            f"What the lake was at {at:%Y-%m-%d %H:%M:%S} UTC is not known: its runs from {first:%Y-%m-%d %H:%M:%S} to "
            f"{last:%Y-%m-%d %H:%M:%S} UTC are recorded as of {begun[0].started_at:%Y-%m-%d %H:%M:%S} UTC, as a clock "
            "was ahead. Choose a moment before them; a run ingests their files again."
        )


def _starts(state: StateReader, lake: str) -> set[datetime]:
    """Return when runs started: those that recorded results, those that failed, and those that were killed."""
    starts = {row["run_started_at"] for row in state.read(TABLE_RUNS, ["run_started_at"])}
    if table_exists(state.path(ERRORS)):
        starts |= {row["recorded_at"] for row in state.read(ERRORS, ["recorded_at"])}
    return starts | ({mark.started_at} if (mark := read_mark(lake)) is not None else set())


def _restores(state: StateReader) -> list[tuple[datetime, datetime]]:
    """Return the restores before: to which moment, and when each was recorded."""
    if not table_exists(state.path(AUDIT)):
        return []
    rows = [row for row in state.read(AUDIT) if row["command"] == "restore"]
    return [(datetime.fromisoformat(row["subject"]), row["recorded_at"]) for row in rows]


def _version_at(name: str, times: Mapping[int, datetime], until: datetime) -> int:
    """Return the last version that was committed by then: the first, which has no rows, of a table that is younger."""
    versions = [version for version, time in times.items() if time <= until]
    if not versions and min(times) > 0:
        oldest = times[min(times)]
        raise RestoreError(
            f"{name} cannot be restored to {until:%Y-%m-%d %H:%M:%S} UTC: its log begins at "
            f"{oldest:%Y-%m-%d %H:%M:%S} UTC. Choose a later moment; [maintenance] log says how long commits are kept."
        )
    return max(versions, default=0)
