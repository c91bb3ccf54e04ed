"""The SHA-256 of every commit of a lake's logs, and of the data files of its state store, as they were written.

`<lake>/_checksums.sha256` has a line per file, in the form of `sha256sum`; of two lines for a file the last counts. The
data files of all other tables have theirs in `ops.checksums`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from shoplake.engine.storage.durability.log_folder import parse_commit
from shoplake.engine.storage.durability.sync import write_durably

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

FILE = "_checksums.sha256"
STATE = "ops/"
"""The folder whose data files are recorded too."""
PRUNED_ABOVE = 1 << 20
"""Bytes; a larger record is written anew once half of it is of files that are gone."""
HEX = 64
"""Characters of a SHA-256."""


def record_written(lake: str, table: str, since: int, until: int) -> None:
    """Record the commits of a table after version `since` up to `until`, and the state store's files that they add.

    Call it once they are on the disk, and before its head is recorded.
    """
    log = f"{table}/_delta_log"
    lines: list[str] = []
    for version in range(since + 1, until + 1):
        commit = f"{log}/{version:020d}.json"
        try:
            content = Path(lake, commit).read_bytes()
        except FileNotFoundError:  # a checkpoint replaces it
            continue
        lines.append(_line(content, commit))
        if table.startswith(STATE):
            lines += _data_lines(lake, table, content)
    _append(Path(lake, FILE), lines)


def forget_written(lake: str, tables: Collection[str]) -> None:
    """Remove what is recorded of these tables (`layer/table`): they are about to be built anew."""
    path = Path(lake, FILE)
    recorded = _read(path)
    kept = {file: sha256 for file, sha256 in recorded.items() if _table(file) not in tables}
    if len(kept) < len(recorded):
        _write(path, kept)


def prune_written(lake: str) -> None:
    """Remove the files that are gone from a record that has grown large."""
    path = Path(lake, FILE)
    if not path.exists() or path.stat().st_size <= PRUNED_ABOVE:
        return
    recorded = _read(path)
    kept = {file: sha256 for file, sha256 in recorded.items() if Path(lake, file).exists()}
    if sum(map(len, kept)) + HEX * len(kept) < path.stat().st_size // 2:
        _write(path, kept)


def find_altered(lake: str, tables: Iterable[str] | None = None) -> Iterator[str]:
    """Yield the recorded files of these tables (`layer/table`), or of all, that are there and are not as written."""
    chosen = None if tables is None else set(tables)
    for file, recorded in sorted(_read(Path(lake, FILE)).items()):
        if chosen is not None and _table(file) not in chosen:
            continue
        try:
            content = Path(lake, file).read_bytes()
        except (OSError, ValueError):  # removed since, or the record itself is damaged
            continue
        if hashlib.sha256(content).hexdigest() != recorded:
            yield file


def _data_lines(lake: str, table: str, commit: bytes) -> Iterator[str]:
    for action in parse_commit(commit) or ():
        file = f"{table}/{unquote(action['add']['path'])}" if "add" in action else ""
        if file and Path(lake, file).exists():
            yield _line(Path(lake, file).read_bytes(), file)


def _line(content: bytes, file: str) -> str:
    return f"{hashlib.sha256(content).hexdigest()}  {file}\n"


def _table(file: str) -> str:
    return "/".join(file.split("/")[:2])


def _read(path: Path) -> dict[str, str]:
    """Return the SHA-256 by file. A line that a power cut has cut off at the end does not count."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    lines = text.split("\n")[:-1]
    return {line[HEX + 2 :]: line[:HEX] for line in lines if line[HEX : HEX + 2] == "  "}


def _write(path: Path, recorded: dict[str, str]) -> None:
    write_durably(path, "".join(f"{sha256}  {file}\n" for file, sha256 in recorded.items()).encode())


def _append(path: Path, lines: list[str]) -> None:
    """Append lines durably, after the last whole one."""
    if not lines:
        return
    with path.open("a+b") as record:
        end = record.seek(0, os.SEEK_END)
        record.seek(max(0, end - 1))
        if end and record.read(1) != b"\n":
            record.seek(0)
            record.truncate(record.read().rfind(b"\n") + 1)
        record.write("".join(lines).encode())
        record.flush()
        os.fsync(record.fileno())
