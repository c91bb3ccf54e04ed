"""Bring tables up to date, in order, and keep the ledger.

Every write is idempotent by itself and the ledger comes after it: a crash in between repeats work and changes nothing.
"""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from shoplake.engine import landing
from shoplake.engine.ledger import FILES, QUALITY, RUNS, Progress
from shoplake.engine.protocol import Written
from shoplake.report import measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from shoplake.catalog import Catalog
    from shoplake.declare import Table
    from shoplake.engine.delta import DeltaEngine
    from shoplake.engine.landing import Batch, File
    from shoplake.engine.ledger import Ledger
    from shoplake.settings import Settings


class Watcher(Protocol):
    """Who wants to see a run as it goes."""

    def started(self, table: str) -> None:
        """Work on `layer.table` begins."""

    def finished(self, step: Step) -> None:
        """Work on it is done."""


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
    """What a run did: new files taken, files refused because a known path has new content, tables written."""

    run_id: str
    files: int = 0
    bytes: int = 0
    refused: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


class Silent:
    """Watches nothing."""

    def started(self, table: str) -> None:
        """Nothing."""

    def finished(self, step: Step) -> None:
        """Nothing."""


class Run:
    """One run: what is there now, through all tables, then stop."""

    def __init__(
        self, engine: DeltaEngine, catalog: Catalog, ledger: Ledger, settings: Settings, watcher: Watcher | None = None
    ) -> None:
        self._engine, self._catalog, self._ledger, self._settings = engine, catalog, ledger, settings
        self._watcher = watcher or Silent()
        self._at = datetime.now(UTC)
        self.report = Report(uuid.uuid4().hex)

    def go(self) -> Report:
        """Take in what is new and bring every table up to date."""
        for table in self._catalog.ordered:
            self._engine.ensure(table)
        self._ledger.ensure()
        for batch in self._new_batches():
            self._land(batch)
        self._progress = self._ledger.progress()
        for table in self._catalog.ordered:
            if table.streams:
                self._stream(table)
            elif table.reads:
                self._build(table)
        return self.report

    def _new_batches(self) -> Iterator[Batch]:
        ledger = self._ledger.rows(FILES)
        known: dict[tuple[str, str], set[Any]] = {}
        for row in ledger:
            known.setdefault((row["feed"], row["path"]), set()).add((row["size"], row["modified_at"]))
        files = landing.new(landing.arrived(self._settings.feeds), known)
        with ThreadPoolExecutor(4) as pool:
            printed = list(pool.map(landing.fingerprint, files))
        fresh = self._without_revisions(printed, ledger)
        last = max((int(row["batch_id"][1:]) for row in ledger if row["batch_id"]), default=0)
        limits = {"max_files": self._settings.max_files, "max_bytes": self._settings.max_bytes}
        yield from landing.batches(fresh, last + 1, self._at, **limits)

    def _without_revisions(self, files: Iterable[File], ledger: list[dict[str, Any]]) -> list[File]:
        """The files whose paths are new; a known path with new content is refused, loudly, and recorded."""
        content = {(row["feed"], row["path"]): row["sha256"] for row in ledger if row["state"] == "landed"}
        fresh = [file for file in files if (file.feed, file.name) not in content]
        again = [file for file in files if (file.feed, file.name) in content]
        changed = [file for file in again if content[file.feed, file.name] != file.sha256]
        self.report.refused = [f"{file.feed}: {file.name}" for file in changed]
        self._record(changed, "refused", None)
        self._record([file for file in again if file not in changed], "same", None)
        return fresh

    def _land(self, batch: Batch) -> None:
        for table in self._catalog.ordered:
            if batch.into(table.name):
                with self._step(table) as step:
                    step.written = self._engine.land(table, batch)
        self._record(batch.files, "landed", batch.id)
        self.report.files += len(batch.files)
        self.report.bytes += sum(file.size for file in batch.files)

    def _stream(self, table: Table[...]) -> None:
        """Take in the batches that the table has not read yet, one after the other."""
        seen = {name: self._progress.get((table.name, name), Progress()).batch_id or "" for name in table.streams}
        new = self._batches_into(table.streams)
        todo = sorted({batch for name in table.streams for batch in new[name] if batch > seen[name]})
        if not todo:
            return
        with self._step(table) as step:
            for batch in todo:
                step.written = step.written + self._engine.write(table, self._built(table, batch))
        self._keep(table, {name: Progress(batch_id=todo[-1]) for name in table.streams})

    def _build(self, table: Table[...]) -> None:
        """Build the table whole if a table that it reads has changed."""
        versions = {name: self._engine.version(self._catalog[name]) for name in table.reads}
        done = {name: self._progress.get((table.name, name), Progress()).version for name in table.reads}
        if versions == done:
            return
        with self._step(table) as step:
            step.written = self._engine.write(table, self._built(table))
        self._keep(table, {name: Progress(version=version) for name, version in versions.items()})

    def _built(self, table: Table[...], batch: str | None = None) -> Any:
        inputs = [
            self._engine.read_batches(self._catalog[name], [batch])
            if batch is not None and name in table.streams
            else self._engine.read(self._catalog[name])
            for name in table.reads
        ]
        knobs = {"feeds": self._settings.feeds} if "feeds" in table.knobs else {}
        return table(*inputs, **knobs)

    def _batches_into(self, names: Iterable[str]) -> dict[str, set[str]]:
        into: dict[str, set[str]] = {name: set() for name in names}
        for row in self._ledger.rows(FILES, ["stream", "batch_id"]):
            if row["batch_id"] and row["stream"] in into:
                into[row["stream"]].add(row["batch_id"])
        return into

    def _keep(self, table: Table[...], progress: dict[str, Progress]) -> None:
        self._progress |= {(table.name, upstream): each for upstream, each in progress.items()}
        self._ledger.keep_progress(self._progress, self.report.run_id, self._at)

    def _record(self, files: Iterable[File], state: str, batch: str | None) -> None:
        self._ledger.append(
            FILES,
            [
                {
                    "feed": file.feed,
                    "stream": file.stream.into,
                    "path": file.name,
                    "size": file.size,
                    "sha256": file.sha256,
                    "modified_at": file.modified_at,
                    "batch_id": batch,
                    "state": state,
                    "run_id": self.report.run_id,
                    "recorded_at": self._at,
                }
                for file in files
            ],
        )

    def _step(self, table: Table[...]) -> _Stepping:
        return _Stepping(self, table)

    def _done(self, table: Table[...], written: Written, seconds: float) -> None:
        name, at = f"{table.layer}.{table.name}", self._engine.at(table)
        step = Step(name, written, seconds, self._engine.rows(table), self._engine.version(table))
        self.report.steps.append(step)
        stamp = {"run_id": self.report.run_id, "table": name, "recorded_at": self._at}
        counts = {
            field: getattr(written, field) for field in ("rows_in", "good", "quarantined", "duplicates", "conflicts")
        }
        done = {"rows": step.rows, "version": step.version, "seconds": round(seconds, 3)}
        self._ledger.append(RUNS, [stamp | counts | done])
        self._ledger.append(QUALITY, [stamp | row for row in measured(table, at, written, step.rows)])
        self._watcher.finished(step)


class _Stepping:
    """Times what is done to one table, then records it."""

    def __init__(self, run: Run, table: Table[...]) -> None:
        self._run, self._table = run, table
        self.written = Written(0, 0)

    def __enter__(self) -> _Stepping:
        self._began = time.perf_counter()
        self._run._watcher.started(f"{self._table.layer}.{self._table.name}")
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is None:
            self._run._done(self._table, self.written, time.perf_counter() - self._began)
