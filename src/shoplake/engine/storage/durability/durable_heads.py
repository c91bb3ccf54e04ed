"""The durable heads of a lake: the last commit of each table that is known to be on the disk.

`<lake>/_durable.json` is written after a sync, so a power cut can only damage commits that come after it.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.durability.log_folder import parse_commit
from shoplake.engine.storage.durability.sync import sync_lake, write_durably
from shoplake.engine.storage.durability.written_files import forget_written, prune_written, record_written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

FILE = "_durable.json"
_writing = threading.Lock()


@dataclass(frozen=True)
class Head:
    """A table's last commit: its version, and the SHA-256 of its file in the log."""

    version: int
    sha256: str


@dataclass(frozen=True)
class DurableHeads:
    """The durable head per table folder, such as `silver/events`, and the tables that a repair has not rebuilt yet."""

    tables: dict[str, Head] = field(default_factory=dict)
    under_repair: frozenset[str] = frozenset()


def mark_durable(lake: str) -> None:
    """Sync the lake and record the heads that its tables had before; nothing where no head has moved.

    A head that is not a whole commit, or not newer than the one recorded, is not recorded: damage stays visible.
    """
    if filesystem.is_remote(lake) or not Path(lake).is_dir():
        return
    with _writing:
        recorded = load_heads(lake) or DurableHeads()
        moved: dict[str, Head] = {}
        for table in table_folders(lake):
            head, old = read_head(lake, table), recorded.tables.get(table)
            if head is not None and (old is None or table in recorded.under_repair or head.version > old.version):
                moved[table] = head
        if moved.items() - recorded.tables.items() or not Path(lake, FILE).exists():
            sync_lake(lake)
            _record_written(lake, recorded, moved)
            _save(lake, DurableHeads({**recorded.tables, **moved}, recorded.under_repair))


def _record_written(lake: str, recorded: DurableHeads, moved: Mapping[str, Head]) -> None:
    """Record the files of the commits up to the new heads; those of a table under repair once that ends."""
    for table in moved.keys() - recorded.under_repair:
        old = recorded.tables.get(table)
        record_written(lake, table, old.version if old else -1, moved[table].version)
    prune_written(lake)


def load_heads(lake: str) -> DurableHeads | None:
    """Return what is recorded; None where nothing is, or where the record is damaged."""
    try:
        content: dict[str, Any] = json.loads(Path(lake, FILE).read_bytes())
        tables = {table: Head(**head) for table, head in content["tables"].items()}
        return DurableHeads(tables, frozenset(content["under_repair"]))
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None


def begin_repair(lake: str, tables: Iterable[str]) -> None:
    """Record that these tables hold no valid rows until `end_repair`, whatever becomes of this process."""
    with _writing:
        recorded, tables = load_heads(lake) or DurableHeads(), set(tables)
        forget_written(lake, tables)
        _save(lake, DurableHeads(recorded.tables, recorded.under_repair | tables))


def end_repair(lake: str) -> None:
    """Record that every table is rebuilt. Call `mark_durable` before it."""
    with _writing:
        recorded = load_heads(lake) or DurableHeads()
        there = set(table_folders(lake))
        forget_written(lake, recorded.tables.keys() - there)
        for table in recorded.under_repair & recorded.tables.keys() & there:
            record_written(lake, table, -1, recorded.tables[table].version)
        _save(lake, DurableHeads({table: head for table, head in recorded.tables.items() if table in there}))


def forget_heads(lake: str, tables: Collection[str]) -> None:
    """Record no head for these tables any more: they are about to be built anew."""
    with _writing:
        recorded = load_heads(lake) or DurableHeads()
        forget_written(lake, tables)
        kept = {table: head for table, head in recorded.tables.items() if table not in tables}
        _save(lake, DurableHeads(kept, recorded.under_repair))


def table_folders(lake: str) -> list[str]:
    """Return the tables that lie in a lake on this machine, as `layer/table`."""
    tables = [
        f"{layer}/{table}" for layer in _folders(lake) if layer[0] != "_" for table in _folders(f"{lake}/{layer}")
    ]
    return sorted(table for table in tables if os.path.isdir(f"{lake}/{table}/_delta_log"))  # noqa: PTH112


def read_head(lake: str, table: str) -> Head | None:
    """Return the last commit of a table as it now lies there; None where it has none or it is not whole."""
    log = f"{lake}/{table}/_delta_log"
    try:
        names = os.listdir(log)  # noqa: PTH208 - each write looks at every table
    except (FileNotFoundError, NotADirectoryError):
        return None
    commits = [name for name in names if name.endswith(".json") and name[:-5].isdigit()]
    if not commits:
        return None
    name = max(commits)
    path = f"{log}/{name}"
    state = os.stat(path)  # noqa: PTH116
    sha256 = _commit_sha256(path, state.st_mtime_ns, state.st_size)
    return None if sha256 is None else Head(int(name[:-5]), sha256)


@lru_cache(maxsize=1024)
def _commit_sha256(path: str, modified_ns: int, size: int) -> str | None:
    """Return the SHA-256 of a commit file that was modified then; None where it is not whole."""
    content = Path(path).read_bytes()
    return hashlib.sha256(content).hexdigest() if parse_commit(content) else None


def _folders(parent: str) -> list[str]:
    """Return the names of the folders in a folder, without hidden ones; none where it is not there."""
    try:
        with os.scandir(parent) as entries:
            return [entry.name for entry in entries if entry.name[0] != "." and entry.is_dir()]
    except FileNotFoundError:
        return []  # a layer that is moved meanwhile


def _save(lake: str, heads: DurableHeads) -> None:
    tables = {table: vars(head) for table, head in sorted(heads.tables.items())}
    content = {"tables": tables, "under_repair": sorted(heads.under_repair)}
    write_durably(Path(lake, FILE), json.dumps(content, separators=(",\n", ": ")).encode())
