"""Bring tables up to date, in order, and keep the ledger.

Every write is idempotent by itself and the ledger comes after it: a crash in between repeats work and changes nothing.
"""

from __future__ import annotations

import uuid
from threading import Lock
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.declare import Rework, Upsert
from shoplake.engine.ingest.file_ingestion import Intake
from shoplake.engine.state.state_store import Progress
from shoplake.engine.write.chunked_write import write_parts
from shoplake.engine.write.staging import sweep
from shoplake.pipeline.chunking import at_once, parts, sliced
from shoplake.pipeline.planner import Scope, fed, slices
from shoplake.pipeline.run_recorder import Recorder, Report, Silent, Step, Watcher
from shoplake.pipeline.scheduler import bring_all

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine.ingest.file_discovery import Batch
    from shoplake.engine.ingest.file_ingestion import Name
    from shoplake.engine.protocol import Written
    from shoplake.engine.state.state_store import Ledger
    from shoplake.engine.write.delta_engine import DeltaEngine
    from shoplake.pipeline.run_recorder import Stepping
    from shoplake.settings import Settings

__all__ = ["Report", "Run", "Step", "Watcher"]


class Run:
    """One run: what is there now, or is `among` certain files, through all tables, then stop.

    `may_write` raises when another took the lake over.
    """

    def __init__(
        self,
        engine: DeltaEngine,
        catalog: Catalog,
        ledger: Ledger,
        settings: Settings,
        watcher: Watcher | None = None,
        scope: Scope | None = None,
        may_write: Callable[[], None] = lambda: None,
        among: Collection[Name] | None = None,
    ) -> None:
        self._engine, self._catalog, self._ledger = engine, catalog, ledger
        self._scope = scope or Scope()
        self._at = ledger.next_moment()
        self._feeds, self._memory = settings.feeds, settings.memory
        self.report = Report(uuid.uuid4().hex)
        self._intake = Intake(ledger, settings, self.report.run_id, self._at, among)
        self._keeping = Lock()
        self._recorder = Recorder(engine, ledger, self.report, self._at, watcher or Silent(), may_write)

    def go(self) -> Report:
        """Take in what is new and bring every table up to date."""
        chosen = self._scope.tables(self._catalog)
        for table in self._catalog.ordered:
            self._engine.ensure(table)
        self._ledger.ensure()
        sweep(self._engine.lake)
        with self._recorder:
            self._was_cut_off = self._recorder.was_cut_off()
            if self._scope.only is None:
                self._take_in()
            self._progress = self._ledger.progress()
            before = dict(self._progress)
            bring_all(chosen, self._bring, at_once(self._engine, self._catalog, self._memory))
            if self.report.steps or self._progress != before:
                self._recorder.keep(self._progress)
            if self._was_cut_off:
                self._recorder.take_over(self._catalog.ordered)
            self._recorder.seal()
        return self.report

    def _take_in(self) -> None:
        """New files into bronze, batch by batch."""
        for batch in self._intake.batches():
            self._land(batch)
        self.report.refused, self.report.unreadable = self._intake.refused, self._intake.unreadable

    def _bring(self, table: Table[...]) -> None:
        """One table up to date with those it reads."""
        if isinstance(table.write, Rework):
            self._rework(table)
        elif table.streams:
            self._stream(table)
            self._refill(table)
        elif table.reads:
            self._build(table)

    def _land(self, batch: Batch) -> None:
        for table in self._catalog.ordered:
            if batch.into(table.name):
                with self._step(table) as step:
                    step.written = self._engine.land(table, batch)
                    self._recorder.drift(table, batch)
            elif table.layer == "bronze":
                self._engine.forget(table, batch.id)
        self._recorder.note()
        self._intake.landed(batch)
        self.report.files += len(batch.files)
        self.report.bytes += sum(file.size for file in batch.files)
        times = [file.modified_at for file in batch.files if file.modified_at is not None]
        self.report.oldest = min([*times, *([self.report.oldest] if self.report.oldest else [])], default=None)

    def _stream(self, table: Table[...]) -> None:
        """Take in the batches that the table has not read yet, one after the other.

        Where one of them supersedes what a file held before, the table is built again from all that counts.
        """
        done, last = self._done(table), self._intake.last(table.streams)
        into = {name: self._intake.into(name, done[name].batch_id) for name in table.streams}
        todo = sorted({batch for batches in into.values() for batch in batches})
        revised = {new for name in table.streams for _, new in self._intake.superseded(name).values()}
        if last and (self._scope.full or revised & set(todo)):
            with self._step(table) as step:
                step.written = self._engine.rebuild(table, self._built(table, {}))
        elif todo:
            with self._step(table) as step:
                nothing = self._nothing(set(table.reads) - set(table.streams))
                for batch in todo:
                    new = {name: self._engine.read_batches(self._catalog[name], [batch]) for name in table.streams}
                    step.written = step.written + self._engine.write(table, self._built(table, new | nothing))
                if self._was_cut_off:
                    step.written = self._recorder.settled(table, step.written)
        if last:
            self._keep(table, {name: Progress(batch_id=last) for name in table.streams})
        if self._scope.has_days and isinstance(table.write, Upsert) and table.partition_by:
            with self._step(table) as step:
                step.written = self._engine.rebuild(table, self._built(table, {}), self._scope.holds)

    def _refill(self, table: Table[...]) -> None:
        """Put the rows that are made of tables, not of streams, in place on the days on which those changed."""
        others, feeds = fed(table, self._feeds)
        if not feeds:
            return
        now = {name: self._engine.version(self._catalog[name]) for name in others}
        done = {name: each.version for name, each in self._done(table).items() if name in now}
        if now == done and not self._scope.full:
            return
        days = slices(self._engine, self._catalog, table, done, now, self._scope).days
        if days is None or days:
            given = sliced(self._engine, self._catalog, table, days) | self._nothing(table.streams)
            with self._step(table) as step:
                step.written = self._engine.refill(table, self._built(table, given), feeds, days)
        self._keep(table, {name: Progress(version=version) for name, version in now.items()})

    def _rework(self, table: Table[...]) -> None:
        """Build again what changes of the table it streams touch, or all of it the first time."""
        upstream = self._catalog[table.streams[0]]
        since, now = self._done(table)[upstream.name].version, self._engine.version(upstream)
        if since == now and not self._scope.full and not self._scope.has_days:
            return
        with self._step(table) as step:
            changed = None if since is None or self._scope.full else self._in_question(table, upstream, since)
            if changed is None:
                step.written = self._whole(table)
            else:
                step.written = self._engine.rework(
                    table, upstream, changed, lambda rows: self._built(table, {upstream.name: rows})
                )
        self._keep(table, {upstream.name: Progress(version=now)})

    def _in_question(self, table: Table[...], upstream: Table[...], since: int) -> DataFrame | None:
        """The input that changed since a version, and that of the days to build again; None if that is all.

        With the days before and after: a visit that was lost from the table may have gone over midnight.
        """
        changed = self._engine.changed_rows(upstream, since)
        if changed is None or not isinstance(table.write, Rework) or not self._scope.has_days:
            return changed
        day = table.write.day
        again = [value for value in self._engine.partitions(upstream, day) if self._scope.is_near(value)]
        rows = self._engine.read(upstream).where(F.col(day).isin([F.lit(each).cast("date") for each in sorted(again)]))
        return changed.unionAll(rows.select(*changed.columns))

    def _build(self, table: Table[...]) -> None:
        """Build the table, or the slices of it that differ, if a table that it reads has changed."""
        now = {name: self._engine.version(self._catalog[name]) for name in table.reads}
        done = {name: each.version for name, each in self._done(table).items()}
        is_asked_for = self._scope.full or (self._scope.has_days and getattr(table.write, "by", None) is not None)
        if now == done and not is_asked_for:
            return
        own = self._progress.get((table.name, table.name), Progress()).version
        days, since = slices(self._engine, self._catalog, table, done, now, self._scope, own)
        if days is None or days:
            with self._step(table) as step:
                if days is None:
                    step.written = self._whole(table)
                else:
                    rows = self._built(table, sliced(self._engine, self._catalog, table, days, since))
                    step.written = (
                        self._engine.write(table, rows, slices=days) if since is None else self._engine.add(table, rows)
                    )
        self._keep(table, {name: Progress(version=version) for name, version in now.items()})

    def _whole(self, table: Table[...]) -> Written:
        """Build all of the table, part by part where it would not fit into the memory."""
        given = parts(self._engine, self._catalog, table, self._memory)
        return write_parts(self._engine, table, [self._built(table, each) for each in given])

    def _built(self, table: Table[...], given: dict[str, DataFrame]) -> DataFrame:
        """What the table's function makes of the tables it reads, or of what is `given` for them."""
        inputs = [given[name] if name in given else self._all(self._catalog[name]) for name in table.reads]
        knobs: dict[str, Any] = {"feeds": self._feeds} if "feeds" in table.knobs else {}
        return table(*inputs, **knobs)

    def _nothing(self, names: Iterable[str]) -> dict[str, DataFrame]:
        """No rows of tables."""
        return {name: self._engine.read(self._catalog[name]).where(F.lit(False)) for name in names}

    def _all(self, table: Table[...]) -> DataFrame:
        """All rows of a table that count: in bronze not those of contents that were superseded."""
        rows = self._engine.read(table)
        if table.layer != "bronze":
            return rows
        gone = [
            "|".join((feed, batch, path))
            for (feed, path), (batches, _) in self._intake.superseded(table.name).items()
            for batch in batches
        ]
        return rows.where(~F.concat_ws("|", "feed", "batch_id", "file").isin(gone)) if gone else rows

    def _done(self, table: Table[...]) -> dict[str, Progress]:
        return {name: self._progress.get((table.name, name), Progress()) for name in table.reads}

    def _keep(self, table: Table[...], progress: dict[str, Progress]) -> None:
        if table.each_of is not None:
            progress |= {table.name: Progress(version=self._engine.version(table))}
        with self._keeping:
            self._progress |= {(table.name, upstream): each for upstream, each in progress.items()}
            self._recorder.keep(self._progress, table)

    def _step(self, table: Table[...]) -> Stepping:
        return self._recorder.step(table)
