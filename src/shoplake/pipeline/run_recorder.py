"""Records a run in the state store: results and quality of each table, offsets, and checksums of new files."""

from __future__ import annotations

import json
import time
import uuid
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Self

from shoplake.declare.kinds.mapped_columns import expected_columns
from shoplake.engine import (
    CHECKSUMS,
    EXPIRATIONS,
    GATES,
    METRICS,
    QUALITY,
    RUN_MARKER,
    TABLE_RUNS,
    ChecksumWriter,
    WriteResult,
    crash_points,
    mark_durable,
    release_freed_memory,
)
from shoplake.pipeline.error_log import begin_run, end_run
from shoplake.pipeline.run_result import COUNTS, NullListener, ProgressListener, RunResult, TableResult
from shoplake.quality.gate_check import WARN
from shoplake.quality.gates import ACCEPTED, Acceptance, gate_rows, stop_rows
from shoplake.quality.metrics import quality_metrics, waiting_metric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date, datetime

    from shoplake.declare import Feeds, Table
    from shoplake.engine import Offset, StateStore, TableWriter
    from shoplake.quality.gates import GateResult, Stop

Row = dict[str, object]
LONG_S = 1.0
"""Seconds; what was done to a table for so long has freed much memory."""


class RunRecorder:
    """Records one run, and notifies its listener.

    `lease_check` raises when another process has acquired the lake's lease. `feeds` are those whose kinds map the
    tables; columns that no kind maps may be null throughout.
    """

    def __init__(
        self,
        engine: TableWriter,
        state: StateStore,
        result: RunResult,
        at: datetime,
        listener: ProgressListener | None = None,
        lease_check: Callable[[], None] = lambda: None,
        *,
        feeds: Feeds = (),
        acceptance: Acceptance | None = None,
        commit_interval_s: float | None = None,
    ) -> None:
        self.result, self._feeds, self._acceptance = result, feeds, acceptance or Acceptance()
        self._engine, self._state, self._at = engine, state, at
        self._listener, self._lease_check = listener or NullListener(), lease_check
        self._checksums = ChecksumWriter(engine, state)
        self._runs = list[Row]()
        self._rows: dict[Table[...], list[Row]] = {QUALITY: [], GATES: [], METRICS: [], EXPIRATIONS: []}
        self._offsets: dict[tuple[str, str], Offset] | None = None
        self._commit_interval_s = state.commit_interval_s if commit_interval_s is None else commit_interval_s
        self._committed_at = time.monotonic()
        self._lock = RLock()
        self._is_marked = False

    def __enter__(self) -> Self:
        self._is_marked, self.result.killed_at = begin_run(self._state, self.result.run_id, self._at)
        return self

    def __exit__(self, *_: object) -> None:
        self._checksums.close()
        if self._is_marked:
            end_run(self._state)

    def measure(self, table: Table[...]) -> TableTimer:
        """Time what is done to a table inside `with`, and record it afterwards."""
        return TableTimer(self, table)

    def begin(self, table: Table[...]) -> None:
        """Tell the listener that work on a table begins."""
        with self._lock:
            self._lease_check()
            self._listener.started(table.qualified_name)

    @crash_points("finish_table")
    def finish(self, table: Table[...], result: WriteResult, seconds: float) -> None:
        """Record what was done to a table."""
        name = table.qualified_name
        if seconds >= LONG_S:
            release_freed_memory()
        self._engine.compact(table)
        step = TableResult(name, result, seconds, self._engine.row_count(table), self._engine.version(table))
        self._checksums.add(table)
        counts = {"run_id": self.result.run_id, "table": name} | {part: getattr(result, part) for part in COUNTS}
        state = {"rows_total": step.row_count, "version": step.version, "duration_s": round(seconds, 3)}
        expected = expected_columns(table, self._feeds)
        rows = quality_metrics(table, self._engine.path(table), result, step.row_count, expected)
        with self._lock:
            self.result.tables.append(step)
            self._runs.append(counts | state | {"run_started_at": self._at})
            self._rows[QUALITY] += [self._stamped({"table": name, **row}) for row in rows]
            self._rows[GATES] += [self._stamped(row) for row in gate_rows(table, result, self._acceptance)]
            self._listener.finished(step)

    def record_stop(self, stop: Stop) -> None:
        """Record that the write of a table was stopped, unless that is known."""
        with self._lock:
            self.result.stops.append(stop)
            self._rows[GATES] += map(self._stamped, () if stop.is_known else stop_rows(stop))

    def record_gates(self, results: Iterable[GateResult], metrics: Iterable[Mapping[str, object]] = ()) -> None:
        """Record what gates measured; `metrics` are complete once the results are."""
        measured = list(results)  # each is a query: not under the lock
        by = {ACCEPTED: {"accepted_by": self._acceptance.by, "because": self._acceptance.because}}
        with self._lock:
            self._rows[METRICS] += map(self._stamped, metrics)
            self._rows[GATES] += [self._stamped(each.to_row() | by.get(each.status, {})) for each in measured]
            self.result.gates += [each for each in measured if each.status == WARN]

    def record_expiration(self, table: Table[...], rows_deleted: int, kept_from: date) -> None:
        """Record that rows of a table were deleted whose retention was over, and the first day whose rows are left."""
        row = {"table": table.qualified_name, "rows_deleted": rows_deleted, "kept_from": kept_from}
        with self._lock:
            self._rows[EXPIRATIONS].append(self._stamped(row))

    def _stamped(self, row: Mapping[str, object]) -> dict[str, object]:
        return {"run_id": self.result.run_id, **row, "recorded_at": self._at}

    def record_waiting(self, table: Table[...], records: int) -> None:
        """Record how many records wait for their parts."""
        with self._lock:
            self._rows[QUALITY].append(self._stamped({"table": table.qualified_name, **waiting_metric(records)}))
            self.result.waiting |= {table.qualified_name: records} if records else {}

    @crash_points("commit_table")
    def commit(self, offsets: Mapping[tuple[str, str], Offset], table: Table[...] | None = None) -> None:
        """Commit results and then offsets: after a table if the last commit is old enough, and at the end for None.

        What an interrupted run did not commit is repeated and changes nothing.
        """
        with self._lock:
            for row in self._runs:
                if table is None or table.qualified_name == row["table"]:
                    row.setdefault("offsets", _offsets_json(offsets, str(row["table"])))
            if table is not None and time.monotonic() - self._committed_at < self._commit_interval_s:
                return
            self.flush()
            if offsets != self._offsets:
                self._state.commit_offsets(offsets, self.result.run_id, self._at)
            self._offsets, self._committed_at = dict(offsets), time.monotonic()

    @crash_points("append_results")
    def flush(self) -> None:
        """Append the results so far to the state store."""
        with self._lock:
            self._lease_check()
            for table, rows in self._rows.items():
                if rows or table is QUALITY:
                    self._state.append(table, rows)
                self._rows[table] = []
            self._state.append_results(self._runs, self._at)
            self._runs = []

    def previous_run_incomplete(self) -> bool:
        """Whether the last run that wrote anything ended before it recorded checksums."""
        last = self._state.marker(TABLE_RUNS, RUN_MARKER)
        return last is not None and last != self._state.marker(CHECKSUMS, RUN_MARKER)

    def adopt_files(self, tables: Iterable[Table[...]]) -> None:
        """Record checksums also of the files that an interrupted run left without."""
        for table in tables:
            self._checksums.add(table)

    @crash_points("write_checksums")
    def write_checksums(self) -> None:
        """Record the checksums of the files that were written, and compact the state store."""
        self._lease_check()
        self._checksums.flush(self.result.run_id, self._at)
        if self.result.tables:
            self._state.compact()
        mark_durable(self._engine.lake)


@contextmanager
def recorded(
    engine: TableWriter,
    state: StateStore,
    listener: ProgressListener | None = None,
    lease_check: Callable[[], None] = lambda: None,
    *,
    feeds: Feeds = (),
    run_id: str | None = None,
) -> Iterator[RunRecorder]:
    """Record what is done inside `with` as a run of its own does, with the offsets as they are."""
    result = RunResult(run_id or uuid.uuid4().hex)
    with RunRecorder(engine, state, result, state.next_run_time(), listener, lease_check, feeds=feeds) as recorder:
        yield recorder
        recorder.commit(state.offsets())
        recorder.write_checksums()


class TableTimer:
    """Times what is done to one table; `result` is set inside `with`."""

    def __init__(self, recorder: RunRecorder, table: Table[...]) -> None:
        self._recorder, self._table, self._began = recorder, table, 0.0
        self.result = WriteResult(0, 0)

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        self._recorder.begin(self._table)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        if error is None:
            return self._recorder.finish(self._table, self.result, time.perf_counter() - self._began)
        return self._recorder.result.failures.append((self._table.qualified_name, error))


def _offsets_json(offsets: Mapping[tuple[str, str], Offset], table: str) -> str:
    """How far a table has read its inputs, as JSON."""
    own = {up: each for (of, up), each in offsets.items() if of == table.rpartition(".")[2]}
    return json.dumps({up: [each.batch_id, each.version, each.own_version] for up, each in own.items()})
