"""The state store of a lake: which files are ingested, the offsets of each table, the results of each run."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pyarrow as pa
import pyarrow.dataset as ds

from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.state.ops_tables import DEFINITIONS, FILES, OFFSETS, TABLE_RUNS
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.table_log import last_commit_at, table_exists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoplake.declare import Table


FILE_LEVELS = {"ingested": logging.INFO, "rejected": logging.WARNING, "unreadable": logging.WARNING}
COMPACT_EVERY = 32
"""Commits."""
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When the last run started where there was none."""

log = logging.getLogger("shoplake.engine.state")

RUN_MARKER, RESULTS_MARKER, DECISIONS_MARKER = "run", "note", "decided"
MAINTAINED_MARKER = "maintained"


@dataclass(frozen=True)
class Offset:
    """The last batch or version of an input that a table has read."""

    batch_id: str | None = None
    version: int | None = None
    own_version: int | None = None


class OpsStore(Protocol):
    """Where the ops tables are: in the lake's folder, or in a catalog."""

    def create_if_missing(self) -> None:
        """Create the ops tables unless they exist."""

    def forget(self) -> None:
        """Forget what was read: another process may have written since."""

    def path(self, table: Table[...]) -> str:
        """Return the folder of an ops table, or its address in a catalog."""

    def scan(self, table: Table[...], columns: list[str] | None, where: ds.Expression | None) -> pa.Table:
        """Return rows of an ops table."""

    def marker(self, table: Table[...], name: str) -> int | None:
        """Return the number that a commit to an ops table last recorded under a name."""

    def write(
        self, table: Table[...], rows: pa.Table, mode: Literal["append", "overwrite"], markers: Mapping[str, int]
    ) -> None:
        """Append rows to an ops table or overwrite all, and record markers, in one commit."""

    @property
    def commit_interval_s(self) -> float:
        """How often a run commits its results, in seconds."""

    def compact(self, every: int) -> None:
        """Compact small files and delete unused ones, of each table with `every` commits since the last time."""


class StateStore:
    """The `ops` tables, compacted every `compact_every` commits; in `<lake>/ops`, unless `ops` says where else.

    Markers are numbers by name that a commit records beside its rows: what every run has to know is looked up there,
    and not in the rows of all runs.
    """

    def __init__(self, lake: str, compact_every: int = COMPACT_EVERY, ops: OpsStore | None = None) -> None:
        self.lake, self._compact_every = lake.rstrip("/"), compact_every
        self._ops = ops or _folder_ops(self.lake)

    @property
    def commit_interval_s(self) -> float:
        """How often a run commits its results: after a table, if the last commit is older than this."""
        return self._ops.commit_interval_s

    def create_if_missing(self) -> None:
        """Create the ops tables unless they exist."""
        self._ops.create_if_missing()

    def forget(self) -> None:
        """Forget what was read: another process may have written since."""
        self._ops.forget()

    def path(self, table: Table[...]) -> str:
        """Return the folder of an ops table, or its address in a catalog."""
        return self._ops.path(table)

    def read(
        self, table: Table[...], columns: list[str] | None = None, where: ds.Expression | None = None
    ) -> list[dict[str, Any]]:
        """Return the rows of an ops table, or those for which `where` is true."""
        rows: list[dict[str, Any]] = self.scan(table, columns, where).to_pylist()
        return rows

    def scan(self, table: Table[...], columns: list[str] | None, where: ds.Expression | None) -> pa.Table:
        """Return the same as an Arrow table, read block by block, so that rows left out are not held in memory."""
        return self._ops.scan(table, columns, where)

    def marker(self, table: Table[...], name: str) -> int | None:
        """Return the number that a commit to an ops table last recorded under a name."""
        return self._ops.marker(table, name)

    @crash_points("record_state")
    def append(
        self, table: Table[...], rows: Iterable[Mapping[str, object]], markers: Mapping[str, int] | None = None
    ) -> None:
        """Append rows to an ops table, and record markers in the same commit."""
        rows = list(rows)
        self._write(table, rows, "append", markers or {})
        if table is FILES:
            for row in rows:
                level = FILE_LEVELS.get(str(row.get("state")), logging.DEBUG)
                log.log(level, "file %s: %s/%s", row.get("state"), row.get("feed"), row.get("path"))

    def append_results(self, rows: Iterable[Mapping[str, object]], at: datetime) -> None:
        """Append rows to `ops.table_runs`, of a run that started at that time."""
        commits = self.marker(TABLE_RUNS, RESULTS_MARKER) or 0
        rows = list(rows)
        self.append(TABLE_RUNS, rows, {RUN_MARKER: to_micros(at), RESULTS_MARKER: commits + 1} if rows else {})

    def offsets(self) -> dict[tuple[str, str], Offset]:
        """Return the offset of each table in each of its inputs, by the names of both.

        The results of a run and its offsets are one commit to `ops.table_runs`; `ops.offsets` sums them up.
        """
        rows = self.read(OFFSETS)
        offsets = {
            (row["table"], row["upstream"]): Offset(row["batch_id"], row["version"], row["own_version"]) for row in rows
        }
        commits = self.marker(TABLE_RUNS, RESULTS_MARKER)
        if commits is not None and commits == self.marker(OFFSETS, RESULTS_MARKER):
            return offsets
        summed_at = max((row["recorded_at"] for row in rows), default=None)
        for row in sorted(self._runs_since(summed_at), key=lambda row: (row["run_started_at"], row["version"])):
            name = row["table"].rpartition(".")[2]
            read = json.loads(row["offsets"] or "{}")
            offsets |= {(name, upstream): Offset(*offset) for upstream, offset in read.items()}
        return offsets

    def latest(self) -> datetime:
        """Return when the last recorded run started; a later one counts as later, also if a clock was set back."""
        if not table_exists(self.path(TABLE_RUNS)):
            return NEVER
        return NEVER + timedelta(microseconds=self.marker(TABLE_RUNS, RUN_MARKER) or 0)

    def last_run_at(self) -> datetime | None:
        """Return when the last recorded run started, None where there was none.

        It cannot have started after it was recorded: where a clock was set back since, this is when it was recorded.
        """
        at = self.latest()
        return None if at == NEVER else min(at, last_commit_at(self.path(TABLE_RUNS)))

    def next_run_time(self) -> datetime:
        """Return when a run that starts now starts: now, or just after the last one if a clock was set back."""
        return max(datetime.now(UTC), self.latest() + timedelta(microseconds=1))

    def _runs_since(self, at: datetime | None) -> list[dict[str, Any]]:
        where = None if at is None else recorded_since(at, "run_started_at")
        rows = self.read(TABLE_RUNS, ["table", "offsets", "version", "run_started_at"], where)
        return [row for row in rows if at is None or row["run_started_at"] >= at]

    @crash_points("commit_offsets")
    def commit_offsets(self, offsets: Mapping[tuple[str, str], Offset], run_id: str, at: datetime) -> None:
        """Replace all offsets."""
        rows = [
            {
                "table": table,
                "upstream": upstream,
                "batch_id": each.batch_id,
                "version": each.version,
                "own_version": each.own_version,
                "run_id": run_id,
                "recorded_at": at,
            }
            for (table, upstream), each in sorted(offsets.items())
        ]
        self._write(OFFSETS, rows, "overwrite", {RESULTS_MARKER: self.marker(TABLE_RUNS, RESULTS_MARKER) or 0})

    def rewind(self, table: Table[...], until: datetime) -> None:
        """Delete the rows of an ops table that were recorded after a moment, and the batches that they brought."""
        column = {TABLE_RUNS.name: "run_started_at", DEFINITIONS.name: "applied_at"}.get(table.name, "recorded_at")
        rows = self.read(table)
        kept = [row for row in rows if row[column] <= until]
        markers: dict[str, int] = {}
        for row in rows if table is FILES else ():
            for name in ("batch/", f"batch/{row['stream']}") if row["batch_id"] else ():
                number = int(row["batch_id"][1:]) if row[column] <= until else 0
                markers[name] = max(number, markers.get(name, 0))
        if table is TABLE_RUNS:
            markers[RUN_MARKER] = max((to_micros(row[column]) for row in kept), default=0)
        if len(kept) < len(rows):
            self._write(table, kept, "overwrite", markers)

    def compact(self) -> None:
        """Compact small files and delete unused ones, of each table with enough commits since the last time."""
        self._ops.compact(self._compact_every)

    def _write(
        self,
        table: Table[...],
        rows: Iterable[Mapping[str, object]],
        mode: Literal["append", "overwrite"],
        markers: Mapping[str, int],
    ) -> None:
        schema = delta_log.arrow_schema(table)
        data = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
        if data.num_rows or markers or mode == "overwrite":
            self._ops.write(table, data, mode, markers)


def _folder_ops(lake: str) -> OpsStore:
    from shoplake.engine.state.folder_ops import FolderOps  # a client of a catalog does without Delta's library

    return FolderOps(lake)


def recorded_since(at: datetime, column: str = "recorded_at") -> ds.Expression:
    """Return the condition that a row was recorded then or later; a millisecond sooner too, as logs round to those."""
    return ds.field(column) >= pa.scalar(at - timedelta(milliseconds=1), pa.timestamp("us", tz="UTC"))


def to_micros(at: datetime) -> int:
    """Return microseconds since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
