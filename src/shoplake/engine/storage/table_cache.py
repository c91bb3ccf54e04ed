"""Delta tables kept open: updated by the commits since, which costs a tenth of reading their log anew."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from shoplake.engine.library_errors import library_errors
from shoplake.engine.storage import filesystem
from shoplake.engine.storage.catalog.address import check_folder

if TYPE_CHECKING:
    from deltalake import DeltaTable
    from pyarrow import fs

RECHECK_INTERVAL_S = 60.0
MAX_OPEN_TABLES = 256
MISSING = (None, None)
"""The file of a commit that does not exist."""


@dataclass
class _OpenTable:
    """A table, and the file of its last commit: when it was written and its size."""

    table: DeltaTable
    version: int
    commit: tuple[int | None, int | None]
    checked_at: float
    data_files: pa.Table | None = None
    markers: dict[str, int | None] = field(default_factory=dict)


class TableCache:
    """The tables that each thread keeps open, at most `max_open` of them.

    That a table in an object store is still the same one is checked every `recheck_interval_s` seconds. Handles are
    kept by path and credentials, so that lakes with different credentials do not share one.
    """

    def __init__(self, max_open: int = MAX_OPEN_TABLES, recheck_interval_s: float = RECHECK_INTERVAL_S) -> None:
        self._max_open, self._recheck_interval_s = max_open, recheck_interval_s
        self._by_thread = threading.local()

    def open(self, path: str) -> _OpenTable:
        """Return a table as it now stands."""
        tables, key = self._tables(), _key(path)
        known = tables.pop(key, None)
        table = (self._update(path, known) if known else None) or load_table(path)
        version = int(table.version())
        if known is None or known.table is not table or known.version != version:
            known = _OpenTable(table, version, _commit_file(path, version), time.monotonic())
        tables[key] = known
        while len(tables) > self._max_open:
            del tables[next(iter(tables))]
        return known

    def contains(self, path: str) -> bool:
        """Whether the table is open, and still the one at this path."""
        known = self._tables().get(_key(path))
        return known is not None and self._is_same(path, known)

    def _tables(self) -> dict[tuple[str, int], _OpenTable]:
        tables: dict[tuple[str, int], _OpenTable] = self._by_thread.__dict__.setdefault("tables", {})
        return tables

    def _update(self, path: str, known: _OpenTable) -> DeltaTable | None:
        if not self._is_same(path, known):
            return None
        version = int(known.table.version())
        if version != known.version and _commit_file(path, version) == MISSING:
            return None  # what was written since was undone: an earlier state of the same table was put there
        if _commit_file(path, version + 1) == MISSING:
            return known.table
        with contextlib.suppress(*library_errors(OSError)):
            known.table.update_incremental()
            return known.table
        return None

    def _is_same(self, path: str, known: _OpenTable) -> bool:
        """Whether the last known commit is still there: no other table was put in its place."""
        now = time.monotonic()
        if filesystem.is_remote(path) and now - known.checked_at < self._recheck_interval_s:
            return True
        known.checked_at = now
        return _commit_file(path, known.version) == known.commit != MISSING


CACHE = TableCache()
"""That of this process; a handle depends on nothing but what it is kept by."""


def open_table(path: str, cache: TableCache = CACHE) -> DeltaTable:
    """Return the table at this path, as it now stands. Each thread has handles of its own."""
    return cache.open(path).table


def data_files(path: str) -> pa.Table:
    """Return the table's data files by its log, one row per file, with sizes, counts and partition values."""
    known = CACHE.open(path)
    if known.data_files is None:
        known.data_files = pa.table(known.table.get_add_actions(flatten=True))
    return known.data_files


def transaction_version(path: str, name: str) -> int | None:
    """Return the number that a commit to the table last recorded under a name; None if there is none."""
    known = CACHE.open(path)
    if name not in known.markers:
        known.markers[name] = known.table.transaction_version(name)
    return known.markers[name]


def load_table(path: str) -> DeltaTable:
    """Return a new handle of the table, its log read from the start.

    Raises UnsupportedFeatureError for a table in a catalog.
    """
    from deltalake import DeltaTable  # a client of a catalog does without it

    check_folder(path)
    return DeltaTable(path, storage_options=filesystem.delta_options(path))


def table_exists(path: str) -> bool:
    """Whether there is a Delta table at this path. Raises UnsupportedFeatureError for a table in a catalog."""
    from deltalake import DeltaTable

    check_folder(path)
    return CACHE.contains(path) or bool(DeltaTable.is_deltatable(path, storage_options=filesystem.delta_options(path)))


def _key(path: str) -> tuple[str, int]:
    return path, hash(filesystem.check_access(path)) if filesystem.is_remote(path) else 0


def _commit_file(path: str, version: int) -> tuple[int | None, int | None]:
    files, name = filesystem.filesystem_for(f"{path}/_delta_log/{version:020d}.json")
    info: fs.FileInfo = files.get_file_info(name)
    return info.mtime_ns, info.size
