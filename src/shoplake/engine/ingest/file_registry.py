"""What the state store knows of files: their contents, states and batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from shoplake.columns.record_place import FIXES
from shoplake.engine.ingest.file_discovery import batch_id
from shoplake.engine.state.ops_tables import DECISIONS, FILES
from shoplake.engine.state.state_store import DECISIONS_MARKER
from shoplake.engine.storage.table_log import table_exists
from shoplake.errors import IncompatibleLakeError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from shoplake.engine.ingest.file_discovery import File, FileKey
    from shoplake.engine.state.state_store import StateStore

FIX_MARKER = "fix"
"""Marks, with the name of a bronze table, that it has corrected records."""
UNREADABLE = "unreadable"
"""The state of a file that is damaged or cannot be opened."""
VERSION_COLUMNS = ["feed", "stream", "path", "size", "modified_at", "state", "recorded_at", "batch_id"]


class FileRegistry:
    """The rows of `ops.files`, as one run reads and appends them. Without a lake it is empty."""

    def __init__(self, state: StateStore, run_id: str, at: datetime) -> None:
        self._state, self._run_id, self._at = state, run_id, at
        self._replaced_rows: list[dict[str, Any]] | None = None
        self._fix_batches: dict[str, tuple[int | None, set[str]]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether no run has created the state store yet."""
        return not table_exists(self._state.path(FILES))

    def known_versions(self, files: list[File], *, may_replace: bool) -> dict[FileKey, tuple[int, datetime | None]]:
        """Return the size and time last known of each of the files.

        Without rejected ones where they `may_replace` others, and without those that could not be opened: what was in
        their way, such as a missing permission, may be gone while size and time stay.
        """
        if not files or self.is_empty:
            return {}
        rows = self._state.scan(FILES, VERSION_COLUMNS, _has_path([file.name for file in files]))
        batch = pc.coalesce(rows.column("batch_id"), "")
        rows = rows.set_column(VERSION_COLUMNS.index("batch_id"), "batch_id", batch)
        rows = rows.sort_by([("recorded_at", "ascending"), ("batch_id", "ascending")])
        feeds, streams, paths, sizes, times, states, *_ = (column.to_pylist() for column in rows.columns)
        unopened = self._unopened() if UNREADABLE in states else set()
        return {
            (feed, stream, path): (size, time)
            for feed, stream, path, size, time, state in zip(feeds, streams, paths, sizes, times, states, strict=True)
            if not (may_replace and state == "rejected")
            and state not in ("superseded", "unmatched")
            and not (state == UNREADABLE and (feed, stream, path, size, time) in unopened)
        }

    def _unopened(self) -> set[tuple[Any, ...]]:
        """Return the key, size and time of each file that could not be opened: nothing is known of its content."""
        names = [*VERSION_COLUMNS[:5], "sha256"]
        rows = self._state.read(FILES, names, ds.field("state") == UNREADABLE)
        return {tuple(row[name] for name in VERSION_COLUMNS[:5]) for row in rows if not row["sha256"]}

    def unmatched_versions(self, files: list[File]) -> dict[FileKey, tuple[int, datetime | None]]:
        """Return the size and time of each of the files that are recorded as unmatched."""
        if not files or self.is_empty:
            return {}
        where = _has_path([file.name for file in files]) & (ds.field("state") == "unmatched")
        rows = sorted(self._state.read(FILES, VERSION_COLUMNS, where), key=lambda row: row["recorded_at"])
        return {(row["feed"], row["stream"] or "", row["path"]): (row["size"], row["modified_at"]) for row in rows}

    def rows_of(self, paths: list[str]) -> list[dict[str, Any]]:
        """All rows of some paths."""
        return self._state.read(FILES, None, _has_path(paths)) if paths else []

    def superseded_files(self, stream: str) -> dict[tuple[str, str], tuple[list[str], str]]:
        """Return the files of a bronze table whose contents were replaced.

        The batches of the old, and that of the new.
        """
        old: dict[tuple[str, str], list[str]] = {}
        new: dict[tuple[str, str], str] = {}
        for row in self._superseded_rows():
            path = (row["feed"], row["path"])
            if row["stream"] == stream and row["state"] == "superseded":
                old.setdefault(path, []).append(row["batch_id"])
            elif row["stream"] == stream and row["state"] == "ingested":
                new[path] = max(row["batch_id"], new.get(path, ""))
        return {path: (sorted(batches), new[path]) for path, batches in old.items()}

    @property
    def has_decisions(self) -> bool:
        """Whether any quarantined record was fixed or discarded."""
        at = self._state.path(DECISIONS)
        return table_exists(at) and self._state.marker(DECISIONS, DECISIONS_MARKER) is not None

    def fix_batches(self, stream: str) -> set[str]:
        """Return the batches of a bronze table that are corrected records; read again after a batch of the table."""
        if self._state.marker(FILES, f"{FIX_MARKER}/{stream}") is None:
            return set()
        number = self._batch_number(stream)
        if stream not in self._fix_batches or self._fix_batches[stream][0] != number:
            is_fix = pc.starts_with(ds.field("path"), f"{FIXES}/")
            rows = self._state.read(FILES, ["batch_id"], is_fix & (ds.field("stream") == stream))
            self._fix_batches[stream] = number, {row["batch_id"] for row in rows if row["batch_id"]}
        return self._fix_batches[stream][1]

    def latest_batch(self, names: Iterable[str]) -> str | None:
        """Return the last batch of any of the bronze tables `names`; None if there is none."""
        numbers = [number for name in names if (number := self._batch_number(name)) is not None]
        return batch_id(max(numbers)) if numbers else None

    def batches_since(self, name: str, after: str | None) -> set[str]:
        """Return the batches of a bronze table after one of them, or all for None."""
        last = self._batch_number(name)
        if last is None or (after is not None and batch_id(last) <= after):
            return set()
        newer = ds.field("batch_id") > (after or "")
        return {row["batch_id"] for row in self._state.read(FILES, ["batch_id"], newer & (ds.field("stream") == name))}

    def last_number(self) -> int:
        """Return the number of the last batch; 0 if there is none.

        Raises IncompatibleLakeError for the state of another version.
        """
        number = self._batch_number("")
        if number is None and self._state.scan(FILES, ["batch_id"], ds.field("batch_id").is_valid()).num_rows:
            raise IncompatibleLakeError(self._state.lake, "ops.files has no batch numbers")
        return number or 0

    def record(
        self, files: Iterable[File], state: str, batch: str | None, superseded: Iterable[dict[str, Any]] = ()
    ) -> None:
        """Append a row for each file with its new state, and one for each earlier row that it superseded."""
        stamp = {"run_id": self._run_id, "recorded_at": self._at}
        rows: list[dict[str, Any]] = [
            {
                "feed": file.feed,
                "stream": file.stream.into or None,
                "path": file.name,
                "size": file.size,
                "sha256": file.sha256,
                "modified_at": file.modified_at,
                "batch_id": batch,
                "state": state,
                **stamp,
            }
            for file in files
        ]
        names = ("", *(row["stream"] for row in rows)) if batch else ()
        marks = {f"batch/{name}": int(batch[1:]) for name in names} if batch else {}
        marks |= {f"{FIX_MARKER}/{row['stream']}": 1 for row in rows if row["path"].startswith(f"{FIXES}/")}
        gone = [row | stamp | {"state": "superseded"} for row in superseded]
        self._state.append(FILES, [*rows, *gone], marks)
        self._replaced_rows = None

    def _superseded_rows(self) -> list[dict[str, Any]]:
        """Return the rows of all paths of which contents were replaced; read once, and again after a batch."""
        if self._replaced_rows is None:
            is_superseded = ds.field("state") == "superseded"
            paths = self._state.scan(FILES, ["path"], is_superseded).column("path").to_pylist()
            names = ["feed", "stream", "path", "state", "batch_id"]
            self._replaced_rows = self._state.read(FILES, names, _has_path(paths)) if paths else []
        return self._replaced_rows

    def _batch_number(self, stream: str) -> int | None:
        """Return the number of the last batch of a bronze table, or of any for an empty name, by the markers."""
        return self._state.marker(FILES, f"batch/{stream}")


def _has_path(paths: list[str]) -> ds.Expression:
    return ds.field("path").isin(pa.array(paths, pa.string()))
