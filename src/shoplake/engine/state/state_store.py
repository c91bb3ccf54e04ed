"""The ledger in the lake: which files were taken, how far each table is, what each run did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import CommitProperties, PostCommitHookProperties, Transaction, write_deltalake

from shoplake.engine.state.ops_tables import OFFSETS, OPS, TABLE_RUNS
from shoplake.engine.storage import delta_log, table_cache
from shoplake.engine.storage.durable_heads import mark_durable
from shoplake.engine.storage.sync import sync_lake
from shoplake.engine.storage.table_cache import exists, open_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoplake.declare import Table


SHORT_RETENTION = dict.fromkeys(
    ("delta.logRetentionDuration", "delta.deletedFileRetentionDuration"), "interval 1 hours"
)
"""What the ledger was before is of no use to anybody but those who read it just now."""
COMPACT_EVERY = 32
"""Commits."""
LARGE_FILE = 8 << 20
"""Bytes; a file of the ledger that has grown so large is not put together with others any more."""
READ_BATCH_ROWS = 65_536
"""Rows that are read at a time."""

RUN_MARKER, RESULTS_MARKER, COMPACT_MARKER = "run", "note", "tidy"


@dataclass(frozen=True)
class Offset:
    """How far a table has read one that it reads."""

    batch_id: str | None = None
    version: int | None = None
    own_version: int | None = None


class StateStore:
    """The tables in `<lake>/ops`.

    Marks are numbers by name that a commit puts down beside its rows (transaction identifiers, in Delta's words): what
    every run has to know is looked up there and not in all that ever happened.
    """

    def __init__(self, lake: str) -> None:
        self._lake = lake.rstrip("/")

    def create_if_missing(self) -> None:
        """Make its tables unless they are there."""
        for table in OPS:
            delta_log.create_if_missing(table, self.path(table), SHORT_RETENTION)

    def path(self, table: Table[...]) -> str:
        """Where a table of the ledger lies."""
        return f"{self._lake}/{table.path}"

    def read(
        self, table: Table[...], columns: list[str] | None = None, where: ds.Expression | None = None
    ) -> list[dict[str, Any]]:
        """The rows of a table of the ledger, all or those `where` it says."""
        found: list[dict[str, Any]] = self.scan(table, columns, where).to_pylist()
        return found

    def scan(self, table: Table[...], columns: list[str] | None, where: ds.Expression | None) -> pa.Table:
        """The same as an Arrow table; read in blocks, so that no more than these are kept."""
        whole = open_table(self.path(table)).to_pyarrow_dataset()
        return whole.to_table(columns, where, batch_size=READ_BATCH_ROWS, batch_readahead=2, fragment_readahead=2)

    def marker(self, table: Table[...], name: str) -> int | None:
        """The number last put down under a name by a commit to a table of the ledger."""
        return table_cache.transaction_version(self.path(table), name)

    def append(
        self, table: Table[...], rows: Iterable[Mapping[str, object]], marks: Mapping[str, int] | None = None
    ) -> None:
        """Add rows to a table of the ledger, and put down marks in the same commit."""
        self._write(table, rows, "append", marks or {})

    def append_results(self, rows: Iterable[Mapping[str, object]], at: datetime) -> None:
        """Add rows to `ops.table_runs`, of a run that began then."""
        notes = self.marker(TABLE_RUNS, RESULTS_MARKER) or 0
        rows = list(rows)
        self.append(TABLE_RUNS, rows, {RUN_MARKER: to_micros(at), RESULTS_MARKER: notes + 1} if rows else {})

    def offsets(self) -> dict[tuple[str, str], Offset]:
        """How far each table has read each that it reads.

        What a run did and how far a table is are kept in one commit, in `ops.table_runs`; `ops.offsets` is the sum of it.
        """
        kept = self.read(OFFSETS)
        found = {
            (row["table"], row["upstream"]): Offset(row["batch_id"], row["version"], row["own_version"]) for row in kept
        }
        notes = self.marker(TABLE_RUNS, RESULTS_MARKER)
        if notes is not None and notes == self.marker(OFFSETS, RESULTS_MARKER):
            return found
        kept_at = max((row["recorded_at"] for row in kept), default=None)
        for row in sorted(self._runs_since(kept_at), key=lambda row: (row["run_started_at"], row["version"])):
            name = row["table"].rpartition(".")[2]
            found |= {(name, upstream): Offset(*far) for upstream, far in json.loads(row["offsets"] or "{}").items()}
        return found

    def latest(self) -> datetime:
        """When the last run began that is in the ledger: a later one counts as later, also if a clock was set back."""
        never = datetime(1970, 1, 1, tzinfo=UTC)
        if not exists(self.path(TABLE_RUNS)):
            return never
        return never + timedelta(microseconds=self.marker(TABLE_RUNS, RUN_MARKER) or 0)

    def next_run_time(self) -> datetime:
        """When a run that begins now begins, by the ledger: now, or just after the last one if a clock was set back."""
        return max(datetime.now(UTC), self.latest() + timedelta(microseconds=1))

    def _runs_since(self, at: datetime | None) -> list[dict[str, Any]]:
        chosen = None if at is None else recorded_since(at, "run_started_at")
        rows = self.read(TABLE_RUNS, ["table", "offsets", "version", "run_started_at"], chosen)
        return [row for row in rows if at is None or row["run_started_at"] >= at]

    def commit_offsets(self, progress: Mapping[tuple[str, str], Offset], run_id: str, at: datetime) -> None:
        """Put the progress in place of the one that was."""
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
            for (table, upstream), each in sorted(progress.items())
        ]
        self._write(OFFSETS, rows, "overwrite", {RESULTS_MARKER: self.marker(TABLE_RUNS, RESULTS_MARKER) or 0})

    def compact(self) -> None:
        """Put small files together and take away what nobody reads any more, every so many commits of a table."""
        for table in OPS:
            opened = open_table(self.path(table))
            if opened.version() - (self.marker(table, COMPACT_MARKER) or 0) < COMPACT_EVERY:
                continue
            opened.optimize.compact(target_size=LARGE_FILE)
            mark = commit_markers({COMPACT_MARKER: opened.version()})
            opened.vacuum(dry_run=False, commit_properties=mark)
            opened.create_checkpoint()
            sync_lake(self._lake)  # before the commits are deleted that the checkpoint stands for
            opened.cleanup_metadata()

    def _write(
        self, table: Table[...], rows: Iterable[Mapping[str, object]], mode: Any, marks: Mapping[str, int]
    ) -> None:
        schema = delta_log.arrow_schema(table)
        data = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
        if data.num_rows or marks or mode == "overwrite":
            mark_durable(self._lake)  # what is noted here is on the disk before the note is
            write_deltalake(
                open_table(self.path(table)),
                data,
                mode=mode,
                commit_properties=commit_markers(marks),
                post_commithook_properties=PostCommitHookProperties(cleanup_expired_logs=False),
            )


def recorded_since(at: datetime, column: str = "recorded_at") -> ds.Expression:
    """That a row was recorded then or later, or a millisecond sooner: a log knows no smaller parts of a second."""
    return ds.field(column) >= pa.scalar(at - timedelta(milliseconds=1), pa.timestamp("us", tz="UTC"))


def to_micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def commit_markers(marks: Mapping[str, int]) -> CommitProperties:
    """Marks as a commit puts them down."""
    return CommitProperties(app_transactions=[Transaction(name, number) for name, number in marks.items()])
