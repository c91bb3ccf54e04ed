"""Keeps a lake up to date with Structured Streaming on Spark: files batch by batch, and live events beside them.

The state store decides what is new. A micro-batch of the file query only names the files that have arrived: an ordinary
run ingests them, each once whatever a checkpoint says. What the query never lists again (a known path with new
content, a file that was still being written) is ingested after it, by the same run without it.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from pyarrow import fs

from shoplake.declare.catalog import Catalog
from shoplake.engine import (
    SPARK,
    TABLE_RUNS,
    DeltaEngine,
    FileIngestion,
    StateStore,
    WriterLock,
    create_if_missing,
    filesystem_for,
    set_retry_policy,
    table_exists,
)
from shoplake.errors import UnsupportedFeatureError
from shoplake.pipeline.logged_run import run_logged
from shoplake.pipeline.streaming.live_events import AppendLiveEvents
from shoplake.pipeline.streaming.streaming_progress import StreamingUpdate, read_updates
from shoplake.pipeline.streaming.streaming_query import (
    CHECKPOINTS,
    StreamingQueryHandle,
    appended_rows,
    file_name,
    file_stream,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from threading import Event

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine import File, FileName, Lease, PipelineEngine
    from shoplake.settings import Settings

POLL_INTERVAL_S = 0.5
PACKAGE = "shoplake.tables"
"""Where the server finds the tables' functions: it imports them by name, as they are not sent to it."""


def check_streaming(settings: Settings) -> None:
    """Raise UnsupportedFeatureError for an engine without Structured Streaming, and for a lake in a catalog."""
    if settings.engine != "spark":
        raise UnsupportedFeatureError(
            "The engine 'sail' has no Structured Streaming. Keep up with: shoplake run --watch; or set "
            'engine = "spark" and remote = "local" in shoplake.toml.'
        )
    if settings.catalog is not None:
        raise UnsupportedFeatureError(f"Streams lock a folder, not '{settings.catalog}'. Keep up: shoplake run --watch")


@dataclass(frozen=True)
class IngestMicroBatch:
    """Runs `tables` of `package` on the files of each micro-batch; on the server, in a process of its own."""

    settings: Settings
    tables: tuple[str, ...]
    lease: str
    package: str = PACKAGE

    def __call__(self, rows: DataFrame, number: int) -> None:
        """Run with the files of batch `number`, once they are old enough."""
        set_retry_policy(rows.sparkSession)
        feeds, listed = {feed.name: feed for feed in self.settings.feeds}, rows.collect()
        files = {(row.feed, name) for row in listed if (name := file_name(row.path, feeds[row.feed])) is not None}
        newest = max((row.modificationTime.timestamp() for row in listed), default=0.0)
        min_age_s = self.settings.min_file_age_s
        time.sleep(min(max(0.0, newest + min_age_s - time.time()), min_age_s))
        engine = DeltaEngine(rows.sparkSession, self.settings.lake, SPARK, self.settings.catalog)
        declared = Catalog.from_package(import_module(self.package))
        catalog = Catalog([declared[name] for name in self.tables])
        with WriterLock(self.settings.lake, self.lease) as lock:
            state = StateStore(self.settings.lake)
            run_logged(engine, catalog, state, self.settings, lease_check=lock.check, only_files=files)


class StreamingJob:
    """The streaming queries of one lake, under a lease.

    `live` is the table of live events, made of the rows of the bronze table `live_source`; where the catalog lacks
    that one, or no feed has events, there are no live events.
    """

    def __init__(
        self,
        engine: PipelineEngine,
        catalog: Catalog,
        state: StateStore,
        settings: Settings,
        lease: Lease,
        live: Table[...],
        live_source: str,
    ) -> None:
        self._engine, self._catalog, self._state, self._settings = engine, catalog, state, settings
        self._lease_check, self._lease = lease.check, lease.token
        self._reported_until = max(datetime.now(UTC), state.latest())
        self._left: set[FileName] = set()
        self._live_table, self._live_source = live, live_source
        self._files: StreamingQueryHandle | None = None
        self._live: StreamingQueryHandle | None = None

    def run(self, stop: Event, interval_s: float | None, late_s: float) -> Iterator[StreamingUpdate]:
        """Ingest what has arrived, then end; or, with `interval_s`, go on at that interval until `stop` is set.

        What an earlier writer left incomplete is completed first. A batch in progress is finished before the end.
        """
        if table_exists(self._state.path(TABLE_RUNS)):
            self._run(files=())
            yield from self._updates()
        since = self._prepare()
        if interval_s is not None:
            self._start_live(since, interval_s, late_s)
        files = self._files = self._start_files(interval_s)
        try:
            yield from self._until_over(files, stop) if interval_s is None else self._loop(files, stop, interval_s)
            with WriterLock(self._settings.lake, self._lease):  # no worker is within a batch
                files.stop()
            if interval_s is None and not stop.is_set():
                yield from self._ingest_rest(files, stop, since, late_s)
        finally:
            self._stop_queries()
        yield from self._updates(always=True)

    def _stop_queries(self) -> None:
        for query in (self._files, self._live):
            if query is not None:
                with suppress(Exception):  # the server may be gone by now
                    query.stop()

    def _prepare(self) -> int:
        """Create what the queries read where nothing ran yet; return the version that the live events begin from."""
        self._state.create_if_missing()
        if not self._has_events():
            return 0
        self._engine.create_if_missing(self._catalog[self._live_source])
        return self._engine.version(self._catalog[self._live_source])

    def _until_over(self, files: StreamingQueryHandle, stop: Event) -> Iterator[StreamingUpdate]:
        while not stop.is_set():
            is_over = files.is_over
            if files.has_moved():
                yield from self._updates()
            if is_over:
                return
            stop.wait(POLL_INTERVAL_S)

    def _ingest_rest(
        self, files: StreamingQueryHandle, stop: Event, since: int, late_s: float
    ) -> Iterator[StreamingUpdate]:
        """Ingest what the query did not list, and then write the live events of all that has arrived."""
        if self._pending() or not files.metrics.batches:
            self._run()
            yield from self._updates()
        self._start_live(since, None, late_s)
        while self._live is not None and not stop.is_set():
            is_over = self._live.is_over
            self._live.has_moved()
            if is_over:
                return
            stop.wait(POLL_INTERVAL_S)

    def _loop(self, files: StreamingQueryHandle, stop: Event, interval_s: float) -> Iterator[StreamingUpdate]:
        checked_at = time.monotonic()
        while not stop.wait(min(POLL_INTERVAL_S, interval_s)):
            has_news = files.has_moved()
            if self._live is not None:
                has_news = self._live.has_moved() or has_news
            if has_news:
                yield from self._updates()
            if time.monotonic() - checked_at > interval_s and files.is_idle:
                checked_at = time.monotonic()
                yield from self._ingest_left()

    def _ingest_left(self) -> Iterator[StreamingUpdate]:
        """Ingest what has waited a whole interval already: the query will not list it."""
        waiting = {(file.feed, file.name) for file in self._pending()}
        left, self._left = waiting & self._left, waiting
        if left:
            with WriterLock(self._settings.lake, self._lease):
                self._run(files=left)
            yield from self._updates()

    def _start_files(self, interval_s: float | None) -> StreamingQueryHandle:
        ingest = IngestMicroBatch(self._settings, tuple(self._catalog), self._lease)
        feeds = [(feed.name, feed.path) for feed in self._settings.feeds]
        rows = file_stream(self._engine.session, self._settings.feeds, self._settings.max_files_per_batch)
        return StreamingQueryHandle(rows, ingest, self._checkpoint("files", feeds), interval_s)

    def _start_live(self, since: int, interval_s: float | None, late_s: float) -> None:
        if not self._has_events():
            return
        feeds, table = self._settings.feeds, self._live_table
        path = f"{self._settings.lake}/{table.path}"
        checkpoint = self._checkpoint("live", [table.ddl, [(feed.name, feed.kind.name) for feed in feeds]])
        if not _is_folder(checkpoint) and table_exists(path):
            self._engine.sql(f"DELETE FROM delta.`{path}`").collect()
        create_if_missing(table, path)
        raw = appended_rows(self._engine.session, self._engine.path(self._catalog[self._live_source]), since)
        append = AppendLiveEvents(self._settings.lake, self._lease, checkpoint, table.path, table.partition_by)
        self._live = StreamingQueryHandle(table.build(raw, feeds=feeds, late_s=late_s), append, checkpoint, interval_s)

    def _has_events(self) -> bool:
        kinds = [feed.kind for feed in self._settings.feeds]
        return self._live_source in self._catalog and any("events" in kind.mappings for kind in kinds)

    def _checkpoint(self, name: str, identity: object) -> str:
        """Return the checkpoint folder of a query; another query has another."""
        digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:12]
        return f"{self._settings.lake}/{CHECKPOINTS}/{name}-{digest}"

    def _run(self, files: Collection[FileName] | None = None) -> None:
        check = self._lease_check
        run_logged(self._engine, self._catalog, self._state, self._settings, lease_check=check, only_files=files)

    def _pending(self) -> list[File]:
        return FileIngestion(self._state, self._settings, "", datetime.now(UTC)).pending_files()

    def _updates(self, *, always: bool = False) -> Iterator[StreamingUpdate]:
        """Yield what the state store recorded since the last update."""
        result, latest = read_updates(self._state, self._reported_until)
        self._reported_until = max(self._reported_until, latest or self._reported_until)
        if latest or always:
            yield StreamingUpdate(result, self._live.metrics if self._live is not None else None)


def _is_folder(path: str) -> bool:
    files, name = filesystem_for(path)
    return bool(files.get_file_info(name).type is fs.FileType.Directory)
