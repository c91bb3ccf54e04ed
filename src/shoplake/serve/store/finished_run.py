"""The last finished run of a lake, and the version that each table had then."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shoplake.engine import CHECKSUMS, RUN_MARKER, TABLE_RUNS, StateReader, table_exists, to_micros

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FinishedRun:
    """A run, when it started (UTC), and the versions of all tables when it finished, by `layer.table`.

    `writers` has the id of the run that wrote each of these versions: a number alone is that of another table too, in
    a copy of the lake or after the lake was made anew.
    """

    run_id: str
    started_at: datetime
    versions: dict[str, int]
    writers: dict[str, str] = field(default_factory=dict)


def find_finished_run(state: StateReader) -> FinishedRun | None:
    """Return the last run that recorded its checksums, which is what a run does last; None where there is none.

    A table that the run did not write has the version of the last earlier run that did.
    """
    if not (table_exists(state.path(CHECKSUMS)) and table_exists(state.path(TABLE_RUNS))):
        return None
    marker = state.marker(CHECKSUMS, RUN_MARKER)
    if marker is None:
        return None
    rows = [row for row in _recorded(state) if to_micros(row["run_started_at"]) <= marker]
    versions = {str(row["table"]): int(row["version"]) for row in rows}
    if not rows:
        return None
    writers = {str(row["table"]): str(row["run_id"]) for row in rows}
    return FinishedRun(str(rows[-1]["run_id"]), EPOCH + timedelta(microseconds=marker), versions, writers)


def _recorded(state: StateReader) -> list[dict[str, Any]]:
    rows = state.read(TABLE_RUNS, ["run_id", "table", "version", "run_started_at"])
    return sorted(rows, key=lambda row: (row["run_started_at"], row["version"]))
