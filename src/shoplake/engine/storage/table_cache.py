"""Delta tables kept open: brought up to date by the commits since, which costs a tenth of reading their log anew."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from shoplake.engine.storage import filesystem

if TYPE_CHECKING:
    from pyarrow import fs

RECHECK_INTERVAL_S = 60.0
"""How often a table in an object store is looked at for whether it is still the same one."""

MAX_OPEN_TABLES = 256
"""Tables that are kept open."""
NONE = (None, None)
"""A commit that is not there."""

_kept = threading.local()


@dataclass
class _Open:
    """A table, and its last commit as it was then: which, and when it was written and how large it is."""

    table: DeltaTable
    version: int
    written: tuple[int | None, int | None]
    looked_at: float
    actions: pa.Table | None = None
    marks: dict[str, int | None] = field(default_factory=dict)


def open_table(at: str) -> DeltaTable:
    """The table at this place, as it now stands. Each thread has handles of its own."""
    known = _tables().pop(at, None)
    table = _brought_up(at, known) or load_table(at)
    version = int(table.version())
    if known is None or known.table is not table or known.version != version:
        known = _Open(table, version, _commit(at, version), time.monotonic())
    _tables()[at] = known
    while len(_tables()) > MAX_OPEN_TABLES:
        del _tables()[next(iter(_tables()))]
    return table


def data_files(at: str) -> pa.Table:
    """The table's data files as its log tells of them, one row a file, with sizes, counts and partition values."""
    table, known = open_table(at), _tables()[at]
    if known.actions is None:
        known.actions = pa.table(table.get_add_actions(flatten=True))
    return known.actions


def transaction_version(at: str, name: str) -> int | None:
    """The number last put down under a name by a commit to the table; None if there is none."""
    table, known = open_table(at), _tables()[at]
    if name not in known.marks:
        known.marks[name] = table.transaction_version(name)
    return known.marks[name]


def load_table(at: str) -> DeltaTable:
    """The same, its log read from the start."""
    return DeltaTable(at, storage_options=filesystem.delta_options(at))


def table_exists(at: str) -> bool:
    """Whether there is a Delta table at this place."""
    known = _tables().get(at)
    if known is not None and _is_same(at, known):
        return True
    return bool(DeltaTable.is_deltatable(at, storage_options=filesystem.delta_options(at)))


def _tables() -> dict[str, _Open]:
    found: dict[str, _Open] = _kept.__dict__.setdefault("tables", {})
    return found


def _brought_up(at: str, known: _Open | None) -> DeltaTable | None:
    if known is None or not _is_same(at, known):
        return None
    version = int(known.table.version())
    if version != known.version and _commit(at, version) == NONE:
        return None  # what was written since was taken back: an earlier state of the same table was put there
    if _commit(at, version + 1) == NONE:
        return known.table
    with contextlib.suppress(DeltaError, OSError):
        known.table.update_incremental()
        return known.table
    return None


def _is_same(at: str, known: _Open) -> bool:
    """Whether the last known commit lies there as it was: nobody has put another table in its place."""
    now = time.monotonic()
    if filesystem.is_remote(at) and now - known.looked_at < RECHECK_INTERVAL_S:
        return True
    known.looked_at = now
    return _commit(at, known.version) == known.written != NONE


def _commit(at: str, version: int) -> tuple[int | None, int | None]:
    where, name = filesystem.filesystem_for(f"{at}/_delta_log/{version:020d}.json")
    found: fs.FileInfo = where.get_file_info(name)
    return found.mtime_ns, found.size
