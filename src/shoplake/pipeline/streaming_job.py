"""A lake kept up to date by streaming queries on Spark: the files that arrive batch by batch, events live beside them.

The ledger is the truth. A batch of the file query only says which files have come: they go the way of any run, which
takes a file once whatever a checkpoint says. What the query will never give again (a known path with new content, a
file that was still being written) is taken after it, by the same run without it.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from pyarrow import fs

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.engine.ingest.file_ingestion import FileIngestion
from shoplake.engine.session.capabilities import SPARK
from shoplake.engine.session.spark.connection import set_retry_policy
from shoplake.engine.state.ops_tables import TABLE_RUNS
from shoplake.engine.state.state_store import StateStore
from shoplake.engine.storage import delta_log, filesystem
from shoplake.engine.storage.table_cache import exists
from shoplake.engine.storage.writer_lock import WriterLock
from shoplake.engine.write.delta_engine import DeltaEngine
from shoplake.pipeline.live_events import EVENTS_LIVE, AppendLiveEvents, events_live
from shoplake.pipeline.runner import PipelineRun
from shoplake.pipeline.streaming_progress import StreamingUpdate, read_updates
from shoplake.pipeline.streaming_query import CHECKPOINTS, StreamingQueryHandle, appended_rows, file_name, file_stream

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from threading import Event

    from pyspark.sql import DataFrame

    from shoplake.engine.ingest.file_discovery import File
    from shoplake.engine.ingest.file_ingestion import FileName
    from shoplake.engine.storage.lease import Lease
    from shoplake.settings import Settings

POLL_INTERVAL_S = 0.5
EVENTS = "events_raw"


@dataclass(frozen=True)
class IngestMicroBatch:
    """Brings the lake up to date with the files of each batch; on the server, in a process of its own."""

    settings: Settings
    tables: tuple[str, ...]
    lease: str

    def __call__(self, rows: DataFrame, number: int) -> None:
        """Run with the files of batch `number`, once they have settled."""
        set_retry_policy(rows.sparkSession)
        feeds, listed = {feed.name: feed for feed in self.settings.feeds}, rows.collect()
        among = {(row.feed, name) for row in listed if (name := file_name(row.path, feeds[row.feed])) is not None}
        newest = max((row.modificationTime.timestamp() for row in listed), default=0.0)
        settle_s = self.settings.min_file_age_s
        time.sleep(min(max(0.0, newest + settle_s - time.time()), settle_s))
        engine = DeltaEngine(rows.sparkSession, self.settings.lake, SPARK, self.settings.catalog)
        declared = Catalog.from_package(tables)
        catalog = Catalog([declared[name] for name in self.tables])
        with WriterLock(self.settings.lake, self.lease) as pen:
            ledger = StateStore(self.settings.lake)
            PipelineRun(engine, catalog, ledger, self.settings, lease_check=pen.check, only_files=among).execute()


class StreamingJob:
    """The queries of one lake, under a lease."""

    def __init__(
        self, engine: DeltaEngine, catalog: Catalog, ledger: StateStore, settings: Settings, lease: Lease
    ) -> None:
        self._engine, self._catalog, self._ledger, self._settings = engine, catalog, ledger, settings
        self._may_write, self._lease = lease.check, lease.token
        self._said = max(datetime.now(UTC), ledger.latest())
        self._left: set[FileName] = set()
        self._live: StreamingQueryHandle | None = None

    def run(self, stop: Event, every_s: float | None, late_s: float) -> Iterator[StreamingUpdate]:
        """Take in what has come, then end; or, with `every_s`, go on so often until `stop` is set.

        What an earlier writer left undone is done first. A batch in work is finished before the end.
        """
        if exists(self._ledger.path(TABLE_RUNS)):
            self._run(among=())
            yield from self._told()
        since = self._ready()
        if every_s is not None:
            self._start_live(since, every_s, late_s)
        self._files = self._start_files(every_s)
        try:
            yield from self._until_over(stop) if every_s is None else self._until_stopped(stop, every_s)
            with WriterLock(self._settings.lake, self._lease):  # nobody is in the middle of a batch
                self._files.stop()
            if every_s is None and not stop.is_set():
                yield from self._and_the_rest(stop, since, late_s)
        finally:
            with suppress(Exception):
                self._files.stop()
            if self._live is not None:
                with suppress(Exception):
                    self._live.stop()
        yield from self._told(always=True)

    def _ready(self) -> int:
        """Make what the queries read where nothing ran yet; the version that the live events begin from."""
        self._ledger.create_if_missing()
        if not self._has_events:
            return 0
        self._engine.create_if_missing(self._catalog[EVENTS])
        return self._engine.version(self._catalog[EVENTS])

    def _until_over(self, stop: Event) -> Iterator[StreamingUpdate]:
        while not stop.is_set():
            is_over = self._files.is_over
            if self._files.moved():
                yield from self._told()
            if is_over:
                return
            stop.wait(POLL_INTERVAL_S)

    def _and_the_rest(self, stop: Event, since: int, late_s: float) -> Iterator[StreamingUpdate]:
        """What the query did not give, and then the live events of all that has come."""
        if self._waiting() or not self._files.progress.batches:
            self._run()
            yield from self._told()
        self._start_live(since, None, late_s)
        while self._live is not None and not stop.is_set():
            is_over = self._live.is_over
            self._live.moved()
            if is_over:
                return
            stop.wait(POLL_INTERVAL_S)

    def _until_stopped(self, stop: Event, every_s: float) -> Iterator[StreamingUpdate]:
        looked_at = time.monotonic()
        while not stop.wait(min(POLL_INTERVAL_S, every_s)):
            has_news = self._files.moved()
            if self._live is not None:
                has_news = self._live.moved() or has_news
            if has_news:
                yield from self._told()
            if time.monotonic() - looked_at > every_s and self._files.is_idle:
                looked_at = time.monotonic()
                yield from self._take_left()

    def _take_left(self) -> Iterator[StreamingUpdate]:
        """Take what waited a whole interval already, and so is nothing that the query will give."""
        waiting = {(file.feed, file.name) for file in self._waiting()}
        left, self._left = waiting & self._left, waiting
        if left:
            with WriterLock(self._settings.lake, self._lease):
                self._run(among=left)
            yield from self._told()

    def _start_files(self, every_s: float | None) -> StreamingQueryHandle:
        take = IngestMicroBatch(self._settings, tuple(self._catalog), self._lease)
        feeds = [(feed.name, feed.path) for feed in self._settings.feeds]
        rows = file_stream(self._engine.session, self._settings.feeds, self._settings.max_files_per_batch)
        return StreamingQueryHandle(rows, take, self._checkpoint("files", feeds), every_s)

    def _start_live(self, since: int, every_s: float | None, late_s: float) -> None:
        if not self._has_events:
            return
        feeds, at = self._settings.feeds, f"{self._settings.lake}/{EVENTS_LIVE.path}"
        checkpoint = self._checkpoint("live", [EVENTS_LIVE.ddl, [(feed.name, feed.kind.name) for feed in feeds]])
        if not _is_there(checkpoint) and exists(at):
            self._engine.session.sql(f"DELETE FROM delta.`{at}`").collect()
        delta_log.create_if_missing(EVENTS_LIVE, at)
        rows = appended_rows(self._engine.session, self._engine.path(self._catalog[EVENTS]), since)
        keep = AppendLiveEvents(self._settings.lake, self._lease, checkpoint)
        self._live = StreamingQueryHandle(events_live(rows, feeds=feeds, late_s=late_s), keep, checkpoint, every_s)

    @cached_property
    def _has_events(self) -> bool:
        return EVENTS in self._catalog and any("events" in feed.kind.mappings for feed in self._settings.feeds)

    def _checkpoint(self, name: str, of: object) -> str:
        """Where a query keeps how far it is; another place for another query."""
        return f"{self._settings.lake}/{CHECKPOINTS}/{name}-{hashlib.sha256(repr(of).encode()).hexdigest()[:12]}"

    def _run(self, among: Collection[FileName] | None = None) -> None:
        PipelineRun(
            self._engine, self._catalog, self._ledger, self._settings, lease_check=self._may_write, only_files=among
        ).execute()

    def _waiting(self) -> list[File]:
        return FileIngestion(self._ledger, self._settings, "", datetime.now(UTC)).pending_files()

    def _told(self, *, always: bool = False) -> Iterator[StreamingUpdate]:
        """What the ledger says was done since it was last asked."""
        report, latest = read_updates(self._ledger, self._said)
        self._said = max(self._said, latest or self._said)
        if latest or always:
            yield StreamingUpdate(report, self._live.progress if self._live is not None else None)


def _is_there(folder: str) -> bool:
    where, name = filesystem.filesystem_for(folder)
    return bool(where.get_file_info(name).type is fs.FileType.Directory)
