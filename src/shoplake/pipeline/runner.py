"""Bring tables up to date, in order, and keep the ledger.

Every write is idempotent by itself and the ledger comes after it: a crash in between repeats work and changes nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.declare import SessionWindow, Upsert
from shoplake.engine import FileIngestion, Offset, remove_leftovers, write_chunks
from shoplake.pipeline.chunking import max_parallel, memory_chunks, pruned_inputs
from shoplake.pipeline.planner import RunSelection, changed_partitions, table_fed_feeds
from shoplake.pipeline.run_recorder import NullListener, ProgressListener, RunRecorder, RunResult, TableResult
from shoplake.pipeline.scheduler import run_topologically

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import Batch, DeltaEngine, FileName, StateStore, WriteResult
    from shoplake.pipeline.run_recorder import TableTimer
    from shoplake.settings import Settings

__all__ = ["PipelineRun", "ProgressListener", "RunResult", "TableResult"]


class PipelineRun:
    """One run: what is there now, or is `among` certain files, through all tables, then stop.

    `may_write` raises when another took the lake over.
    """

    def __init__(
        self,
        engine: DeltaEngine,
        catalog: Catalog,
        ledger: StateStore,
        settings: Settings,
        listener: ProgressListener | None = None,
        selection: RunSelection | None = None,
        lease_check: Callable[[], None] = lambda: None,
        only_files: Collection[FileName] | None = None,
    ) -> None:
        self._engine, self._catalog, self._ledger = engine, catalog, ledger
        self._scope = selection or RunSelection()
        self._at = ledger.next_run_time()
        self._feeds, self._memory = settings.feeds, settings.memory_limit
        self.result = RunResult(uuid.uuid4().hex)
        self._intake = FileIngestion(ledger, settings, self.result.run_id, self._at, only_files)
        self._keeping = Lock()
        self._recorder = RunRecorder(engine, ledger, self.result, self._at, listener or NullListener(), lease_check)

    def execute(self) -> RunResult:
        """Take in what is new and bring every table up to date."""
        chosen = self._scope.tables(self._catalog)
        for table in self._catalog.ordered:
            self._engine.create_if_missing(table)
        self._ledger.create_if_missing()
        remove_leftovers(self._engine.lake)
        with self._recorder:
            self._was_cut_off = self._recorder.previous_run_incomplete()
            if self._scope.select is None:
                self._take_in()
            self._progress = self._ledger.offsets()
            before = dict(self._progress)
            run_topologically(chosen, self._bring, max_parallel(self._engine, self._catalog, self._memory))
            if self.result.tables or self._progress != before:
                self._recorder.commit(self._progress)
            if self._was_cut_off:
                self._recorder.adopt_files(self._catalog.ordered)
            self._recorder.write_checksums()
        return self.result

    def _take_in(self) -> None:
        """New files into bronze, batch by batch."""
        for batch in self._intake.batches():
            self._land(batch)
        self.result.rejected, self.result.unreadable = self._intake.rejected, self._intake.unreadable

    def _bring(self, table: Table[...]) -> None:
        """One table up to date with those it reads."""
        if isinstance(table.write, SessionWindow):
            self._rework(table)
        elif table.incremental:
            self._stream(table)
            self._refill(table)
        elif table.inputs:
            self._build(table)

    def _land(self, batch: Batch) -> None:
        for table in self._catalog.ordered:
            if batch.into(table.name):
                with self._step(table) as step:
                    step.result = self._engine.ingest(table, batch)
                    self._recorder.record_drift(table, batch)
            elif table.layer == "bronze":
                self._engine.delete_batch(table, batch.id)
        self._recorder.flush()
        self._intake.commit_batch(batch)
        self.result.files += len(batch.files)
        self.result.bytes += sum(file.size for file in batch.files)
        times = [file.modified_at for file in batch.files if file.modified_at is not None]
        self.result.oldest_file_at = min(
            [*times, *([self.result.oldest_file_at] if self.result.oldest_file_at else [])], default=None
        )

    def _stream(self, table: Table[...]) -> None:
        """Take in the batches that the table has not read yet, one after the other.

        Where one of them supersedes what a file held before, the table is built again from all that counts.
        """
        done, last = self._done(table), self._intake.latest_batch(table.incremental)
        into = {name: self._intake.batches_since(name, done[name].batch_id) for name in table.incremental}
        todo = sorted({batch for batches in into.values() for batch in batches})
        revised = {new for name in table.incremental for _, new in self._intake.superseded_files(name).values()}
        if last and (self._scope.full_refresh or revised & set(todo)):
            with self._step(table) as step:
                step.result = self._engine.full_refresh(table, self._built(table, {}))
        elif todo:
            with self._step(table) as step:
                nothing = self._nothing(set(table.inputs) - set(table.incremental))
                for batch in todo:
                    new = {name: self._engine.read_batches(self._catalog[name], [batch]) for name in table.incremental}
                    step.result = step.result + self._engine.write(table, self._built(table, new | nothing))
                if self._was_cut_off:
                    step.result = self._recorder.reconcile_counts(table, step.result)
        if last:
            self._keep(table, {name: Offset(batch_id=last) for name in table.incremental})
        if self._scope.has_dates and isinstance(table.write, Upsert) and table.partition_by:
            with self._step(table) as step:
                step.result = self._engine.full_refresh(table, self._built(table, {}), self._scope.includes)

    def _refill(self, table: Table[...]) -> None:
        """Put the rows that are made of tables, not of streams, in place on the days on which those changed."""
        others, feeds = table_fed_feeds(table, self._feeds)
        if not feeds:
            return
        now = {name: self._engine.version(self._catalog[name]) for name in others}
        done = {name: each.version for name, each in self._done(table).items() if name in now}
        if now == done and not self._scope.full_refresh:
            return
        days = changed_partitions(self._engine, self._catalog, table, done, now, self._scope).days
        if days is None or days:
            given = pruned_inputs(self._engine, self._catalog, table, days) | self._nothing(table.incremental)
            with self._step(table) as step:
                step.result = self._engine.overwrite_feed(table, self._built(table, given), feeds, days)
        self._keep(table, {name: Offset(version=version) for name, version in now.items()})

    def _rework(self, table: Table[...]) -> None:
        """Build again what changes of the table it streams touch, or all of it the first time."""
        upstream = self._catalog[table.incremental[0]]
        since, now = self._done(table)[upstream.name].version, self._engine.version(upstream)
        if since == now and not self._scope.full_refresh and not self._scope.has_dates:
            return
        with self._step(table) as step:
            changed = None if since is None or self._scope.full_refresh else self._in_question(table, upstream, since)
            if changed is None:
                step.result = self._whole(table)
            else:
                step.result = self._engine.recompute_sessions(
                    table, upstream, changed, lambda rows: self._built(table, {upstream.name: rows})
                )
        self._keep(table, {upstream.name: Offset(version=now)})

    def _in_question(self, table: Table[...], upstream: Table[...], since: int) -> DataFrame | None:
        """The input that changed since a version, and that of the days to build again; None if that is all.

        With the days before and after: a visit that was lost from the table may have gone over midnight.
        """
        changed = self._engine.changed_rows(upstream, since)
        if changed is None or not isinstance(table.write, SessionWindow) or not self._scope.has_dates:
            return changed
        day = table.write.event_date
        again = [value for value in self._engine.partitions(upstream, day) if self._scope.is_adjacent(value)]
        rows = self._engine.read(upstream).where(F.col(day).isin([F.lit(each).cast("date") for each in sorted(again)]))
        return changed.unionAll(rows.select(*changed.columns))

    def _build(self, table: Table[...]) -> None:
        """Build the table, or the slices of it that differ, if a table that it reads has changed."""
        now = {name: self._engine.version(self._catalog[name]) for name in table.inputs}
        done = {name: each.version for name, each in self._done(table).items()}
        is_asked_for = self._scope.full_refresh or (
            self._scope.has_dates and getattr(table.write, "partition_by", None) is not None
        )
        if now == done and not is_asked_for:
            return
        own = self._progress.get((table.name, table.one_to_one_with or ""), Offset()).own_version
        days, since = changed_partitions(self._engine, self._catalog, table, done, now, self._scope, own)
        if days is None or days:
            with self._step(table) as step:
                if days is None:
                    step.result = self._whole(table)
                else:
                    rows = self._built(table, pruned_inputs(self._engine, self._catalog, table, days, since))
                    step.result = (
                        self._engine.write(table, rows, slices=days)
                        if since is None
                        else self._engine.append(table, rows)
                    )
        self._keep(table, {name: Offset(version=version) for name, version in now.items()})

    def _whole(self, table: Table[...]) -> WriteResult:
        """Build all of the table, part by part where it would not fit into the memory."""
        given = memory_chunks(self._engine, self._catalog, table, self._memory)
        return write_chunks(self._engine, table, [self._built(table, each) for each in given])

    def _built(self, table: Table[...], given: dict[str, DataFrame]) -> DataFrame:
        """What the table's function makes of the tables it reads, or of what is `given` for them."""
        inputs = [given[name] if name in given else self._all(self._catalog[name]) for name in table.inputs]
        knobs: dict[str, Any] = {"feeds": self._feeds} if "feeds" in table.parameters else {}
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
            for (feed, path), (batches, _) in self._intake.superseded_files(table.name).items()
            for batch in batches
        ]
        return rows.where(~F.concat_ws("|", "feed", "batch_id", "file").isin(gone)) if gone else rows

    def _done(self, table: Table[...]) -> dict[str, Offset]:
        return {name: self._progress.get((table.name, name), Offset()) for name in table.inputs}

    def _keep(self, table: Table[...], progress: dict[str, Offset]) -> None:
        if table.one_to_one_with is not None:
            own, name = self._engine.version(table), table.one_to_one_with
            progress |= {name: replace(progress[name], own_version=own)}
        with self._keeping:
            self._progress |= {(table.name, upstream): each for upstream, each in progress.items()}
            self._recorder.commit(self._progress, table)

    def _step(self, table: Table[...]) -> TableTimer:
        return self._recorder.measure(table)
