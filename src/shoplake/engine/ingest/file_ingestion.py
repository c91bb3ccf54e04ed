"""Ingests new files into bronze, in batches, each file once; a changed file is rejected or replaces the earlier one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.ingest import file_discovery
from shoplake.engine.ingest.file_registry import UNREADABLE, FileRegistry
from shoplake.engine.ingest.files_in_use import append_unused_files
from shoplake.engine.ingest.record_shapes import SHAPE_COLUMNS, find_shapes, misread_files
from shoplake.engine.ingest.schema_drift import duplicate_columns, record_new_fields
from shoplake.errors import UnknownTableError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch, File, FileKey
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.state.state_store import StateStore
    from shoplake.settings import Settings

HASH_THREADS = 4
FileName = tuple[str, str]
"""A file's feed, and its path in the feed's folder."""


class BronzeTables(Protocol):
    """Where the records of files are written."""

    @property
    def session(self) -> SparkSession:
        """The session that reads files."""

    def append_batch(self, table: Table[...], batch: str, rows: DataFrame) -> WriteResult:
        """Append the rows of a batch, replacing those of an earlier attempt."""

    def delete_batch(self, table: Table[...], batch: str) -> None:
        """Delete what an earlier attempt at a batch left."""

    def scan_batch(self, table: Table[...], batch: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield columns of the rows of a batch."""


class Measurement(Protocol):
    """The result of what is measured."""

    result: WriteResult


class IngestRecorder(Protocol):
    """Records what ingestion does to each table."""

    def measure(self, table: Table[...]) -> AbstractContextManager[Measurement]:
        """Time what is done to a table, and record its result."""

    def flush(self) -> None:
        """Write what is recorded to the state store."""


@dataclass(frozen=True)
class BatchResult:
    """What the ingestion of one batch did.

    `new_fields` are fields that no stream declares, as `feed: table.field`; `misread` are files that do not fit the
    options of their stream, with what to do; `duplicate_columns` are declared fields that a file has several of.
    """

    files: int
    bytes: int
    oldest_file_at: datetime | None
    new_fields: tuple[str, ...] = ()
    misread: tuple[str, ...] = ()
    duplicate_columns: tuple[str, ...] = ()


class FileIngestion:
    """The files that a run ingests, and those that it rejects.

    With `only_files`, by feed and path in the feed's folder, the others are left for later.
    """

    def __init__(
        self,
        state: StateStore,
        settings: Settings,
        run_id: str,
        at: datetime,
        only_files: Collection[FileName] | None = None,
    ) -> None:
        self._state, self._settings, self._run_id, self._at = state, settings, run_id, at
        self._only = None if only_files is None else frozenset(only_files)
        self.registry = FileRegistry(state, run_id, at)
        self.rejected: list[str] = []
        self.unreadable: list[str] = []
        self.unmatched: list[str] = []
        self._replaced: dict[FileKey, dict[str, Any]] = {}

    def pending_files(self) -> list[File]:
        """Return the files whose size or time the state store does not know; their contents may still be known."""
        return self._new_versions([file for file in self._settled_files() if file.is_matched])

    def _settled_files(self) -> list[File]:
        files = file_discovery.list_all_files(self._settings.feeds)
        return file_discovery.older_than(files, self._settings.min_file_age_s, datetime.now(UTC))

    def _new_versions(self, files: list[File]) -> list[File]:
        if self._only is not None:
            files = [file for file in files if (file.feed, file.name) in self._only]
        may_replace = self._settings.on_changed_file == "replace"
        return file_discovery.changed_files(files, self.registry.known_versions(files, may_replace=may_replace))

    def batches(self) -> Iterator[Batch]:
        """Yield the new files in bounded batches, each with the next number."""
        settled = self._settled_files()
        self._record_unmatched([file for file in settled if not file.is_matched])
        files = self._new_versions([file for file in settled if file.is_matched])
        with ThreadPoolExecutor(HASH_THREADS) as pool:
            inspected = [file for file in pool.map(file_discovery.inspect_file, files) if file is not None]
        rows = self.registry.rows_of(_names(inspected))
        new = self._without_known(self._readable(inspected, rows), rows)
        limits = {"max_files": self._settings.max_files_per_batch, "max_bytes": self._settings.max_bytes_per_batch}
        yield from file_discovery.batches(new, self.registry.last_number() + 1, self._at, **limits)

    @crash_points("ingest_batch")
    def ingest(
        self, batch: Batch, tables: Iterable[Table[...]], bronze: BronzeTables, recorder: IngestRecorder
    ) -> BatchResult:
        """Read the batch's files into the bronze tables, record new fields, and commit the files.

        Repeated after an interruption, it replaces the rows of the earlier attempt. Files that change while they are
        read are left for a later run. Raises UnknownTableError where a file's stream goes into none of the tables;
        nothing is written then.
        """
        tables = list(tables)
        _check_streams(batch, tables)
        new_fields: list[str] = []
        misread: list[str] = []
        duplicates: list[str] = []
        for table in tables:
            if batch.into(table.name):
                with recorder.measure(table) as measurement:
                    batch, measurement.result = append_unused_files(bronze, table, batch)
                    shapes = find_shapes(bronze.scan_batch(table, batch.id, SHAPE_COLUMNS))
                    new_fields += record_new_fields(self._state, table, shapes, batch, self._run_id, self._at)
                    misread += misread_files(shapes)
                    duplicates += duplicate_columns(table, shapes, batch)
            elif table.write.reads_files:
                bronze.delete_batch(table, batch.id)
        recorder.flush()
        if batch.files:
            self.commit_batch(batch)
        files = {(file.feed, file.name): file for file in batch.files}.values()
        times = [file.modified_at for file in files if file.modified_at is not None]
        sizes = sum(file.size for file in files)
        found = (tuple(lines) for lines in (new_fields, misread, duplicates))
        return BatchResult(len(files), sizes, min(times, default=None), *found)

    @crash_points("commit_files")
    def commit_batch(self, batch: Batch) -> None:
        """Record that the batch's files are ingested, and which earlier contents they supersede."""
        superseded = [self._replaced[file.key] for file in batch.files if file.key in self._replaced]
        self.registry.record(batch.files, "ingested", batch.id, superseded)

    def _record_unmatched(self, files: list[File]) -> None:
        """Record the files that no stream reads, each version once."""
        new = file_discovery.changed_files(files, self.registry.unmatched_versions(files))
        self.unmatched = [f"{file.feed}: {file.name}" for file in new]
        if new:
            self.registry.record(new, "unmatched", None)

    def _readable(self, files: list[File], rows: list[dict[str, Any]]) -> list[File]:
        """Return the files that can be read, and record the others, each version once."""
        names = ("feed", "stream", "path", "size", "modified_at")
        recorded = {tuple(row[name] for name in names) for row in rows if row["state"] == UNREADABLE}
        damaged = [file for file in files if file.problem and (*file.key, file.size, file.modified_at) not in recorded]
        self.unreadable = list(dict.fromkeys(f"{file.feed}: {file.name} ({file.problem})" for file in damaged))
        self.registry.record(damaged, UNREADABLE, None)
        return [file for file in files if not file.problem]

    def _without_known(self, files: list[File], rows: list[dict[str, Any]]) -> list[File]:
        """Return the files of new names, and changed files that replace earlier ones; record the others.

        One that has only grown replaces what was read of it: somebody was still writing.
        """
        has_content = (
            row for row in rows if row["state"] == "ingested" and row["sha256"] != file_discovery.EMPTY_SHA256
        )
        ingested = sorted(has_content, key=lambda row: row["batch_id"])
        content = {(row["feed"], row["stream"], row["path"]): row for row in ingested}
        known = [file for file in files if file.key in content]
        changed = [file for file in known if content[file.key]["sha256"] != file.sha256]
        self.registry.record([file for file in known if file not in changed], "unchanged", None)
        new = [file for file in files if file not in known]
        replacing = [file for file in changed if self._replaces(file, content[file.key])]
        self._replaced = {file.key: content[file.key] for file in replacing}
        rejected = [file for file in changed if file.key not in self._replaced]
        self.rejected = list(dict.fromkeys(f"{file.feed}: {file.name}" for file in rejected))
        self.registry.record(rejected, "rejected", None)
        return file_discovery.in_order([*new, *replacing])

    def _replaces(self, file: File, row: dict[str, Any]) -> bool:
        is_allowed = self._settings.on_changed_file == "replace"
        return is_allowed or file_discovery.has_grown(file, row["size"], row["sha256"])


def _names(files: Iterable[File]) -> list[str]:
    """Return the distinct paths of files."""
    return list(dict.fromkeys(file.name for file in files))


def _check_streams(batch: Batch, tables: Iterable[Table[...]]) -> None:
    """Raise UnknownTableError unless the records of every file have a table: a file without one is never ingested."""
    names = {table.name for table in tables if table.write.reads_files}
    for file in batch.files:
        if file.stream.into not in names:
            raise UnknownTableError(file.stream.into, names, read_by=f"the stream '{file.stream.pattern}'")
