"""The ledger in the lake: which files were taken, how far each table is, what each run did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import CommitProperties, Transaction, write_deltalake

from shoplake.engine.state.ops_tables import OPS, PROGRESS, RUNS
from shoplake.engine.storage import delta_log, table_cache
from shoplake.engine.storage.table_cache import delta, exists

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shoplake.declare import Table


SHORT = dict.fromkeys(("delta.logRetentionDuration", "delta.deletedFileRetentionDuration"), "interval 1 hours")
"""What the ledger was before is of no use to anybody but those who read it just now."""
TIDY_EVERY = 32
"""Commits."""
LARGE_FILE = 8 << 20
"""Bytes; a file of the ledger that has grown so large is not put together with others any more."""
BLOCK = 65_536
"""Rows that are read at a time."""

RUN_MARK, NOTE_MARK, TIDY_MARK = "run", "note", "tidy"


@dataclass(frozen=True)
class Progress:
    """How far a table has read one that it reads."""

    batch_id: str | None = None
    version: int | None = None


class Ledger:
    """The tables in `<lake>/ops`.

    Marks are numbers by name that a commit puts down beside its rows (transaction identifiers, in Delta's words): what
    every run has to know is looked up there and not in all that ever happened.
    """

    def __init__(self, lake: str) -> None:
        self._lake = lake.rstrip("/")

    def ensure(self) -> None:
        """Make its tables unless they are there."""
        for table in OPS:
            delta_log.ensure(table, self.at(table), SHORT)

    def at(self, table: Table[...]) -> str:
        """Where a table of the ledger lies."""
        return f"{self._lake}/{table.path}"

    def rows(
        self, table: Table[...], columns: list[str] | None = None, where: ds.Expression | None = None
    ) -> list[dict[str, Any]]:
        """The rows of a table of the ledger, all or those `where` it says."""
        found: list[dict[str, Any]] = self.found(table, columns, where).to_pylist()
        return found

    def found(self, table: Table[...], columns: list[str] | None, where: ds.Expression | None) -> pa.Table:
        """The same as an Arrow table; read in blocks, so that no more than these are kept."""
        whole = delta(self.at(table)).to_pyarrow_dataset()
        return whole.to_table(columns, where, batch_size=BLOCK, batch_readahead=2, fragment_readahead=2)

    def mark(self, table: Table[...], name: str) -> int | None:
        """The number last put down under a name by a commit to a table of the ledger."""
        return table_cache.mark(self.at(table), name)

    def append(
        self, table: Table[...], rows: Iterable[Mapping[str, object]], marks: Mapping[str, int] | None = None
    ) -> None:
        """Add rows to a table of the ledger, and put down marks in the same commit."""
        self._write(table, rows, "append", marks or {})

    def note_runs(self, rows: Iterable[Mapping[str, object]], at: datetime) -> None:
        """Add rows to `ops.runs`, of a run that began then."""
        notes = self.mark(RUNS, NOTE_MARK) or 0
        rows = list(rows)
        self.append(RUNS, rows, {RUN_MARK: micros(at), NOTE_MARK: notes + 1} if rows else {})

    def progress(self) -> dict[tuple[str, str], Progress]:
        """How far each table has read each that it reads.

        What a run did and how far a table is are kept in one commit, in `ops.runs`; `ops.progress` is the sum of it.
        """
        kept = self.rows(PROGRESS)
        found = {(row["table"], row["upstream"]): Progress(row["batch_id"], row["version"]) for row in kept}
        notes = self.mark(RUNS, NOTE_MARK)
        if notes is not None and notes == self.mark(PROGRESS, NOTE_MARK):
            return found
        kept_at = max((row["recorded_at"] for row in kept), default=None)
        for row in sorted(self._runs_since(kept_at), key=lambda row: (row["recorded_at"], row["version"])):
            name = row["table"].rpartition(".")[2]
            found |= {(name, upstream): Progress(*far) for upstream, far in json.loads(row["progress"] or "{}").items()}
        return found

    def latest(self) -> datetime:
        """When the last run began that is in the ledger: a later one counts as later, also if a clock was set back."""
        never = datetime(1970, 1, 1, tzinfo=UTC)
        if not exists(self.at(RUNS)):
            return never
        return never + timedelta(microseconds=self.mark(RUNS, RUN_MARK) or 0)

    def next_moment(self) -> datetime:
        """When a run that begins now begins, by the ledger: now, or just after the last one if a clock was set back."""
        return max(datetime.now(UTC), self.latest() + timedelta(microseconds=1))

    def _runs_since(self, at: datetime | None) -> list[dict[str, Any]]:
        chosen = None if at is None else since(at)
        rows = self.rows(RUNS, ["table", "progress", "version", "recorded_at"], chosen)
        return [row for row in rows if at is None or row["recorded_at"] >= at]

    def keep_progress(self, progress: Mapping[tuple[str, str], Progress], run_id: str, at: datetime) -> None:
        """Put the progress in place of the one that was."""
        rows = [
            {
                "table": table,
                "upstream": upstream,
                "batch_id": each.batch_id,
                "version": each.version,
                "run_id": run_id,
                "recorded_at": at,
            }
            for (table, upstream), each in sorted(progress.items())
        ]
        self._write(PROGRESS, rows, "overwrite", {NOTE_MARK: self.mark(RUNS, NOTE_MARK) or 0})

    def tidy(self) -> None:
        """Put small files together and take away what nobody reads any more, every so many commits of a table."""
        for table in OPS:
            opened = delta(self.at(table))
            if opened.version() - (self.mark(table, TIDY_MARK) or 0) < TIDY_EVERY:
                continue
            opened.optimize.compact(target_size=LARGE_FILE)
            mark = marks_of({TIDY_MARK: opened.version()})
            opened.vacuum(dry_run=False, commit_properties=mark)
            opened.create_checkpoint()
            opened.cleanup_metadata()

    def _write(
        self, table: Table[...], rows: Iterable[Mapping[str, object]], mode: Any, marks: Mapping[str, int]
    ) -> None:
        schema = delta_log.arrow_schema(table)
        data = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
        if data.num_rows or marks or mode == "overwrite":
            write_deltalake(delta(self.at(table)), data, mode=mode, commit_properties=marks_of(marks))


def since(at: datetime) -> ds.Expression:
    """That a row was recorded then or later, or a millisecond sooner: a log knows no smaller parts of a second."""
    return ds.field("recorded_at") >= pa.scalar(at - timedelta(milliseconds=1), pa.timestamp("us", tz="UTC"))


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def marks_of(marks: Mapping[str, int]) -> CommitProperties:
    """Marks as a commit puts them down."""
    return CommitProperties(app_transactions=[Transaction(name, number) for name, number in marks.items()])
