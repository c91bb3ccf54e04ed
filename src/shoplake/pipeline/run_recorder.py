"""What a run did, kept in the ledger: a table's counts and quality, the checksums of its new files, new fields."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import TYPE_CHECKING, Protocol, Self

import pyarrow.dataset as ds

from shoplake.declare import History
from shoplake.engine.ingest.schema_drift import unknown_fields
from shoplake.engine.protocol import Written
from shoplake.engine.state.checksums import Seals
from shoplake.engine.state.ops_tables import CHECKSUMS, QUALITY, RUNS, SCHEMA_CHANGES
from shoplake.engine.state.state_store import RUN_MARK
from shoplake.quality.metrics import measured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch
    from shoplake.engine.state.state_store import Ledger, Progress
    from shoplake.engine.write.delta_engine import DeltaEngine

KEEP_EVERY_S = 5.0
COUNTED = ("rows_in", "good", "quarantined", "duplicates", "conflicts")


class Watcher(Protocol):
    """Who wants to see a run as it goes."""

    def started(self, table: str) -> None:
        """Work on `layer.table` begins."""

    def finished(self, step: Step) -> None:
        """Work on it is done."""


class Silent:
    """Watches nothing."""

    def started(self, table: str) -> None:
        """Nothing."""

    def finished(self, step: Step) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Step:
    """What a run did to one table."""

    table: str
    written: Written
    seconds: float
    rows: int
    version: int


@dataclass
class Report:
    """What a run did: new files taken, tables written.

    `refused` are known paths with new content, `unreadable` files that are cut off or damaged: none of them was taken.
    `new_fields` are fields first seen that no table reads; they lie in bronze. `oldest` is when the first of the files
    was last modified, as the storage says.
    """

    run_id: str
    files: int = 0
    bytes: int = 0
    oldest: datetime | None = None
    refused: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    new_fields: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


class Recorder:
    """Keeps the ledger of one run, and tells who watches."""

    def __init__(
        self,
        engine: DeltaEngine,
        ledger: Ledger,
        report: Report,
        at: datetime,
        watcher: Watcher,
        may_write: Callable[[], None] = lambda: None,
    ) -> None:
        self.report, self._may_write = report, may_write
        self._engine, self._ledger, self._at, self._watcher = engine, ledger, at, watcher
        self._seals = Seals(engine, ledger)
        self._runs: list[dict[str, object]] = []
        self._quality: list[dict[str, object]] = []
        self._progress: dict[tuple[str, str], Progress] = {}
        self._kept_at = time.monotonic()
        self._recording = RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._seals.close()

    def step(self, table: Table[...]) -> Stepping:
        """Times what is done to a table inside `with`, and records it after."""
        return Stepping(self, table)

    def begin(self, table: Table[...]) -> None:
        """Say that work on a table begins."""
        with self._recording:
            self._may_write()
            self._watcher.started(f"{table.layer}.{table.name}")

    def finish(self, table: Table[...], written: Written, seconds: float) -> None:
        """Record what was done to a table."""
        name = f"{table.layer}.{table.name}"
        self._engine.compact(table)
        step = Step(name, written, seconds, self._engine.rows(table), self._engine.version(table))
        self._seals.add(table)
        stamp = {"run_id": self.report.run_id, "table": name, "recorded_at": self._at}
        counts = {part: getattr(written, part) for part in COUNTED}
        done = {"rows": step.rows, "version": step.version, "seconds": round(seconds, 3)}
        rows = measured(table, self._engine.at(table), written, step.rows)
        with self._recording:
            self.report.steps.append(step)
            self._runs.append(stamp | counts | done)
            self._quality += [stamp | row for row in rows]
            self._watcher.finished(step)

    def keep(self, progress: Mapping[tuple[str, str], Progress], table: Table[...] | None = None) -> None:
        """Write the ledger, progress last: after a table if that has not been done for a while, and at the end.

        What a killed run had not written is done again, and changes nothing.
        """
        with self._recording:
            name = table and f"{table.layer}.{table.name}"
            for row in self._runs:
                if name in (None, row["table"]):
                    row.setdefault("progress", _told(progress, str(row["table"])))
            if table is not None and time.monotonic() - self._kept_at < KEEP_EVERY_S:
                return
            self.note()
            if progress != self._progress:
                self._ledger.keep_progress(progress, self.report.run_id, self._at)
            self._progress, self._kept_at = dict(progress), time.monotonic()

    def note(self) -> None:
        """Write what was done so far into the ledger."""
        with self._recording:
            self._may_write()
            self._ledger.append(QUALITY, self._quality)
            self._ledger.note_runs(self._runs, self._at)
            self._quality, self._runs = [], []

    def was_cut_off(self) -> bool:
        """Whether the last run that wrote anything ended before it sealed its files."""
        last = self._ledger.mark(RUNS, RUN_MARK)
        return last is not None and last != self._ledger.mark(CHECKSUMS, RUN_MARK)

    def settled(self, table: Table[...], written: Written) -> Written:
        """The counts of a write that repeats, in part, that of a run that was cut off: as if all had been done now.

        A history knows by itself which changes are of the same batch.
        """
        if isinstance(table.write, History):
            return written
        name = f"{table.layer}.{table.name}"
        noted = self._ledger.rows(RUNS, ["rows", "version"], ds.field("table") == name)
        before = max(noted, key=lambda row: row["version"], default={"rows": 0})["rows"]
        good = self._engine.rows(table) - before
        left = written.rows_in - written.quarantined
        return replace(written, good=good, duplicates=left - good) if 0 <= good <= left else written

    def take_over(self, tables: Iterable[Table[...]]) -> None:
        """Seal also what a run that was cut off left unsealed."""
        for table in tables:
            self._seals.add(table)

    def seal(self) -> None:
        """Record the checksums of the files that were written, and leave the ledger tidy."""
        self._may_write()
        self._seals.keep(self.report.run_id, self._at)
        if self.report.steps:
            self._ledger.tidy()

    def drift(self, table: Table[...], batch: Batch) -> None:
        """Record the fields that nobody knew, once each."""
        found = list(unknown_fields(table, self._engine.read_batches(table, [batch.id]), batch))
        if not found:
            return
        noted = {(row["feed"], row["stream"], row["field"]) for row in self._ledger.rows(SCHEMA_CHANGES)}
        stamp = {"stream": table.name, "change": "new", "batch_id": batch.id, "run_id": self.report.run_id}
        new = [each for each in found if (each[0], table.name, each[1]) not in noted]
        rows = [{"feed": feed, "field": name, "file": file, "recorded_at": self._at} for feed, name, file in new]
        self._ledger.append(SCHEMA_CHANGES, [row | stamp for row in rows])
        self.report.new_fields += [f"{feed}: {table.name}.{name}" for feed, name, _ in new]


class Stepping:
    """The time in which something is done to one table; `written` is what."""

    def __init__(self, recorder: Recorder, table: Table[...]) -> None:
        self._recorder, self._table = recorder, table
        self.written = Written(0, 0)

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        self._recorder.begin(self._table)
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            seconds = time.perf_counter() - self._began
            self._recorder.finish(self._table, self.written, seconds)


def _told(progress: Mapping[tuple[str, str], Progress], table: str) -> str:
    """How far a table has read, as JSON."""
    name = table.rpartition(".")[2]
    return json.dumps({up: [each.batch_id, each.version] for (of, up), each in progress.items() if of == name})
