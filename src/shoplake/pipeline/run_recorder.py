"""What a run did, kept in the ledger: a table's counts and quality, the checksums of its new files, new fields."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import TYPE_CHECKING, Protocol, Self

import pyarrow.dataset as ds

from shoplake.declare import Scd2
from shoplake.engine.ingest.schema_drift import unknown_fields
from shoplake.engine.protocol import WriteResult
from shoplake.engine.state.checksums import ChecksumWriter
from shoplake.engine.state.ops_tables import CHECKSUMS, QUALITY, SCHEMA_CHANGES, TABLE_RUNS
from shoplake.engine.state.state_store import RUN_MARKER
from shoplake.engine.storage.durable_heads import mark_durable
from shoplake.quality.metrics import quality_metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch
    from shoplake.engine.state.state_store import Offset, StateStore
    from shoplake.engine.write.delta_engine import DeltaEngine

COMMIT_INTERVAL_S = 5.0
COUNTS = ("rows_read", "rows_written", "rows_quarantined", "rows_duplicate", "rows_conflicting")


class ProgressListener(Protocol):
    """Who wants to see a run as it goes."""

    def started(self, table: str) -> None:
        """Work on `layer.table` begins."""

    def finished(self, step: TableResult) -> None:
        """Work on it is done."""


class NullListener:
    """Watches nothing."""

    def started(self, table: str) -> None:
        """Nothing."""

    def finished(self, step: TableResult) -> None:
        """Nothing."""


@dataclass(frozen=True)
class TableResult:
    """What a run did to one table."""

    table: str
    result: WriteResult
    duration_s: float
    row_count: int
    version: int


@dataclass
class RunResult:
    """What a run did: new files taken, tables written.

    `refused` are known paths with new content, `unreadable` files that are cut off or damaged: none of them was taken.
    `new_fields` are fields first seen that no table reads; they lie in bronze. `oldest` is when the first of the files
    was last modified, as the storage says.
    """

    run_id: str
    files: int = 0
    bytes: int = 0
    oldest_file_at: datetime | None = None
    rejected: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    new_fields: list[str] = field(default_factory=list)
    tables: list[TableResult] = field(default_factory=list)


class RunRecorder:
    """Keeps the ledger of one run, and tells who watches."""

    def __init__(
        self,
        engine: DeltaEngine,
        ledger: StateStore,
        report: RunResult,
        at: datetime,
        listener: ProgressListener,
        lease_check: Callable[[], None] = lambda: None,
    ) -> None:
        self.report, self._may_write = report, lease_check
        self._engine, self._ledger, self._at, self._watcher = engine, ledger, at, listener
        self._seals = ChecksumWriter(engine, ledger)
        self._runs: list[dict[str, object]] = []
        self._quality: list[dict[str, object]] = []
        self._progress: dict[tuple[str, str], Offset] = {}
        self._kept_at = time.monotonic()
        self._recording = RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._seals.close()

    def measure(self, table: Table[...]) -> TableTimer:
        """Times what is done to a table inside `with`, and records it after."""
        return TableTimer(self, table)

    def begin(self, table: Table[...]) -> None:
        """Say that work on a table begins."""
        with self._recording:
            self._may_write()
            self._watcher.started(table.qualified_name)

    def finish(self, table: Table[...], written: WriteResult, seconds: float) -> None:
        """Record what was done to a table."""
        name = table.qualified_name
        self._engine.compact(table)
        step = TableResult(name, written, seconds, self._engine.row_count(table), self._engine.version(table))
        self._seals.add(table)
        stamp = {"run_id": self.report.run_id, "table": name}
        counts = {part: getattr(written, part) for part in COUNTS}
        done = {"rows_total": step.row_count, "version": step.version, "duration_s": round(seconds, 3)}
        rows = quality_metrics(table, self._engine.path(table), written, step.row_count)
        with self._recording:
            self.report.tables.append(step)
            self._runs.append(stamp | counts | done | {"run_started_at": self._at})
            self._quality += [stamp | row | {"recorded_at": self._at} for row in rows]
            self._watcher.finished(step)

    def commit(self, progress: Mapping[tuple[str, str], Offset], table: Table[...] | None = None) -> None:
        """Write the ledger, progress last: after a table if that has not been done for a while, and at the end.

        What a killed run had not written is done again, and changes nothing.
        """
        with self._recording:
            name = table and table.qualified_name
            for row in self._runs:
                if name in (None, row["table"]):
                    row.setdefault("offsets", _offsets_json(progress, str(row["table"])))
            if table is not None and time.monotonic() - self._kept_at < COMMIT_INTERVAL_S:
                return
            self.flush()
            if progress != self._progress:
                self._ledger.commit_offsets(progress, self.report.run_id, self._at)
            self._progress, self._kept_at = dict(progress), time.monotonic()

    def flush(self) -> None:
        """Write what was done so far into the ledger."""
        with self._recording:
            self._may_write()
            self._ledger.append(QUALITY, self._quality)
            self._ledger.append_results(self._runs, self._at)
            self._quality, self._runs = [], []

    def previous_run_incomplete(self) -> bool:
        """Whether the last run that wrote anything ended before it sealed its files."""
        last = self._ledger.marker(TABLE_RUNS, RUN_MARKER)
        return last is not None and last != self._ledger.marker(CHECKSUMS, RUN_MARKER)

    def reconcile_counts(self, table: Table[...], written: WriteResult) -> WriteResult:
        """The counts of a write that repeats, in part, that of a run that was cut off: as if all had been done now.

        A history knows by itself which changes are of the same batch.
        """
        if isinstance(table.write, Scd2):
            return written
        name = table.qualified_name
        noted = self._ledger.read(TABLE_RUNS, ["rows_total", "version"], ds.field("table") == name)
        before = max(noted, key=lambda row: row["version"], default={"rows_total": 0})["rows_total"]
        good = self._engine.row_count(table) - before
        left = written.rows_read - written.rows_quarantined
        return replace(written, rows_written=good, rows_duplicate=left - good) if 0 <= good <= left else written

    def adopt_files(self, tables: Iterable[Table[...]]) -> None:
        """Seal also what a run that was cut off left unsealed."""
        for table in tables:
            self._seals.add(table)

    def write_checksums(self) -> None:
        """Record the checksums of the files that were written, and leave the ledger tidy."""
        self._may_write()
        self._seals.flush(self.report.run_id, self._at)
        if self.report.tables:
            self._ledger.compact()
        mark_durable(self._engine.lake)

    def record_drift(self, table: Table[...], batch: Batch) -> None:
        """Record the fields that nobody knew, once each."""
        found = list(unknown_fields(table, self._engine.read_batches(table, [batch.id]), batch))
        if not found:
            return
        noted = {(row["feed"], row["stream"], row["field"]) for row in self._ledger.read(SCHEMA_CHANGES)}
        stamp = {"stream": table.name, "change": "new", "batch_id": batch.id, "run_id": self.report.run_id}
        new = [each for each in found if (each[0], table.name, each[1]) not in noted]
        rows = [{"feed": feed, "field": name, "file": file, "recorded_at": self._at} for feed, name, file in new]
        self._ledger.append(SCHEMA_CHANGES, [row | stamp for row in rows])
        self.report.new_fields += [f"{feed}: {table.name}.{name}" for feed, name, _ in new]


class TableTimer:
    """The time in which something is done to one table; `written` is what."""

    def __init__(self, recorder: RunRecorder, table: Table[...]) -> None:
        self._recorder, self._table = recorder, table
        self.result = WriteResult(0, 0)

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        self._recorder.begin(self._table)
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            seconds = time.perf_counter() - self._began
            self._recorder.finish(self._table, self.result, seconds)


def _offsets_json(progress: Mapping[tuple[str, str], Offset], table: str) -> str:
    """How far a table has read, as JSON."""
    name = table.rpartition(".")[2]
    return json.dumps(
        {up: [each.batch_id, each.version, each.own_version] for (of, up), each in progress.items() if of == name}
    )
