"""What a run takes in: new files, in batches, once; a known path with new content is refused, or supersedes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from shoplake.engine.ingest import file_discovery
from shoplake.engine.state.ops_tables import FILES
from shoplake.errors import IncompatibleLakeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from shoplake.engine.ingest.file_discovery import Batch, File
    from shoplake.engine.state.state_store import StateStore
    from shoplake.settings import Settings

HASHERS = 4
FileName = tuple[str, str]
"""A file's feed, and its path in the feed's folder."""
LOOK = ["feed", "path", "size", "modified_at", "state", "recorded_at", "batch_id"]


class FileIngestion:
    """The files that a run finds new, and what became of those it does not take.

    Of `among`, by feed and path in the feed's folder, where only those are to be taken now.
    """

    def __init__(
        self,
        ledger: StateStore,
        settings: Settings,
        run_id: str,
        at: datetime,
        only_files: Collection[FileName] | None = None,
    ) -> None:
        self._ledger, self._settings, self._run_id, self._at = ledger, settings, run_id, at
        self._among = None if only_files is None else frozenset(only_files)
        self.rejected: list[str] = []
        self.unreadable: list[str] = []
        self._old: dict[tuple[str, str], dict[str, Any]] = {}
        self._gone: list[dict[str, Any]] | None = None

    def pending_files(self) -> list[File]:
        """The files that are not of the size and time that the ledger knows, or not in it at all."""
        there = file_discovery.older_than(
            file_discovery.list_files(self._settings.feeds), self._settings.min_file_age_s, datetime.now(UTC)
        )
        if self._among is not None:
            there = [file for file in there if (file.feed, file.name) in self._among]
        return file_discovery.changed_files(there, self._known(there))

    def batches(self) -> Iterator[Batch]:
        """The new files, in bounded batches, each with the next number."""
        files = self.pending_files()
        with ThreadPoolExecutor(HASHERS) as pool:
            looked_at = [file for file in pool.map(file_discovery.inspect_file, files) if file is not None]
        rows = self._rows_of([file.name for file in looked_at])
        fresh = self._without_revisions(self._readable(looked_at), rows)
        last = self._number("") or self._none_yet()
        limits = {"max_files": self._settings.max_files_per_batch, "max_bytes": self._settings.max_bytes_per_batch}
        yield from file_discovery.batches(fresh, last + 1, self._at, **limits)

    def commit_batch(self, batch: Batch) -> None:
        """Record that the batch's files are in bronze, and which earlier contents of theirs no longer count."""
        gone = [self._old[file.feed, file.name] for file in batch.files if (file.feed, file.name) in self._old]
        stamp = {"state": "superseded", "run_id": self._run_id, "recorded_at": self._at}
        self._record(batch.files, "ingested", batch.id, also=[row | stamp for row in gone])

    def superseded_files(self, stream: str) -> dict[tuple[str, str], tuple[list[str], str]]:
        """The paths into a bronze table whose content was superseded: the batches of the old, and that of the new."""
        old: dict[tuple[str, str], list[str]] = {}
        new: dict[tuple[str, str], str] = {}
        for row in self._revised():
            path = (row["feed"], row["path"])
            if row["stream"] == stream and row["state"] == "superseded":
                old.setdefault(path, []).append(row["batch_id"])
            elif row["stream"] == stream and row["state"] == "ingested":
                new[path] = max(row["batch_id"], new.get(path, ""))
        return {path: (sorted(batches), new[path]) for path, batches in old.items()}

    def latest_batch(self, names: Iterable[str]) -> str | None:
        """The last batch that has gone into any of the bronze tables `names`; None if none has."""
        found = [number for name in names if (number := self._number(name)) is not None]
        return file_discovery.batch_id(max(found)) if found else None

    def batches_since(self, name: str, after: str | None) -> set[str]:
        """The batches after one, or all of them, that have gone into the bronze table `name`."""
        last = self._number(name)
        if last is None or (after is not None and file_discovery.batch_id(last) <= after):
            return set()
        newer = ds.field("batch_id") > (after or "")
        return {row["batch_id"] for row in self._ledger.read(FILES, ["batch_id"], newer & (ds.field("stream") == name))}

    def _known(self, there: list[File]) -> dict[tuple[str, str], tuple[int, datetime | None]]:
        """The size and time last known of each of the files that are there."""
        if not there:
            return {}
        may_replace = self._settings.on_changed_file == "replace"
        found = self._ledger.scan(FILES, LOOK, _is_of([file.name for file in there]))
        batch = pc.coalesce(found.column("batch_id"), "")
        found = found.set_column(LOOK.index("batch_id"), "batch_id", batch)
        found = found.sort_by([("recorded_at", "ascending"), ("batch_id", "ascending")])
        feeds, paths, sizes, times, states, *_ = (column.to_pylist() for column in found.columns)
        return {
            (feed, path): (size, time)
            for feed, path, size, time, state in zip(feeds, paths, sizes, times, states, strict=True)
            if not (may_replace and state == "rejected") and state != "superseded"
        }

    def _rows_of(self, paths: list[str]) -> list[dict[str, Any]]:
        """All that the ledger has of some paths."""
        return self._ledger.read(FILES, None, _is_of(paths)) if paths else []

    def _revised(self) -> list[dict[str, Any]]:
        """What was superseded, and what landed under the same paths; looked up once, and again after a batch."""
        if self._gone is None:
            is_gone = ds.field("state") == "superseded"
            paths = self._ledger.scan(FILES, ["path"], is_gone).column("path").to_pylist()
            names = ["feed", "stream", "path", "state", "batch_id"]
            self._gone = self._ledger.read(FILES, names, _is_of(paths)) if paths else []
        return self._gone

    def _number(self, stream: str) -> int | None:
        """The number of the last batch into a bronze table, or into any of them, by the marks of the ledger."""
        return self._ledger.marker(FILES, f"batch/{stream}")

    def _none_yet(self) -> int:
        """No batch at all. Raises IncompatibleLakeError where there are some, of a version that put down no marks."""
        if self._ledger.scan(FILES, ["batch_id"], ds.field("batch_id").is_valid()).num_rows:
            raise IncompatibleLakeError(self._settings.lake, "ops.files has no batch numbers")
        return 0

    def _readable(self, files: list[File]) -> list[File]:
        broken = [file for file in files if file.problem]
        self.unreadable = [f"{file.feed}: {file.name} ({file.problem})" for file in broken]
        self._record(broken, "unreadable", None)
        return [file for file in files if not file.problem]

    def _without_revisions(self, files: list[File], rows: list[dict[str, Any]]) -> list[File]:
        held = (row for row in rows if row["state"] == "ingested" and row["sha256"] != file_discovery.EMPTY_SHA256)
        landed = sorted(held, key=lambda row: row["batch_id"])
        content = {(row["feed"], row["path"]): row for row in landed}
        again = [file for file in files if (file.feed, file.name) in content]
        changed = [file for file in again if content[file.feed, file.name]["sha256"] != file.sha256]
        self._record([file for file in again if file not in changed], "unchanged", None)
        fresh = [file for file in files if file not in again]
        if self._settings.on_changed_file == "replace":
            self._old = {(file.feed, file.name): content[file.feed, file.name] for file in changed}
            return sorted([*fresh, *changed], key=lambda file: (file.feed, file.name))
        self.rejected = [f"{file.feed}: {file.name}" for file in changed]
        self._record(changed, "rejected", None)
        return fresh

    def _record(
        self, files: Iterable[File], state: str, batch: str | None, also: Iterable[dict[str, Any]] = ()
    ) -> None:
        stamp = {"batch_id": batch, "state": state, "run_id": self._run_id, "recorded_at": self._at}
        rows: list[dict[str, Any]] = [
            {
                "feed": file.feed,
                "stream": file.stream.into,
                "path": file.name,
                "size": file.size,
                "sha256": file.sha256,
                "modified_at": file.modified_at,
                **stamp,
            }
            for file in files
        ]
        marks = (
            {f"batch/{stream}": int(batch[1:]) for stream in ("", *(row["stream"] for row in rows))} if batch else {}
        )
        self._ledger.append(FILES, [*rows, *also], marks)
        self._gone = None


def _is_of(paths: list[str]) -> ds.Expression:
    return ds.field("path").isin(pa.array(paths, pa.string()))
