"""The lake's `_copies`: of tables of many small files, all rows in a few, with the names of those that they are of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.table_cache import data_files

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "_copies"
RECORD = "record.json"

Partitions = dict[str | None, list[str]]
"""The data files of a table by the value of a partition column, both sorted."""


@dataclass(frozen=True)
class CopyRecord:
    """What a copy has: `folder` of its files with their hashes, the columns, and the table's files by partition."""

    folder: str
    columns: list[list[str]]
    partitions: Partitions
    hashes: dict[str, str] = field(default_factory=dict)


def copy_folder(lake: str, path: str) -> str:
    """Return the folder of the copy of a table, such as `gold/totals`."""
    return f"{lake}/{FOLDER}/{path}"


def files_by_partition(at: str, column: str) -> Partitions:
    """Return the data files of the current version of a table by one of the columns that divide it."""
    files, found = data_files(at), Partitions()
    values = files.column(f"partition.{column}").to_pylist()
    for value, file in sorted(zip(map(_text, values), files.column("path").to_pylist(), strict=True), key=str):
        found.setdefault(value, []).append(unquote(file))
    return found


def differing_partitions(one: Partitions, other: Partitions) -> set[str | None]:
    """Return the partitions that have other files; a file is never changed, and its name is never used again."""
    return {value for value in {*one, *other} if one.get(value) != other.get(value)}


def load_record(lake: str, path: str) -> CopyRecord | None:
    """Return the record of a table's copy; None without one, or where a file of the copy is not as it was written.

    Copies are not flushed to the disk: after a power cut they may be damaged.
    """
    folder = Path(copy_folder(lake, path))
    try:
        values = json.loads((folder / RECORD).read_text())
        partitions = dict(values.pop("partitions"))
        record = CopyRecord(partitions=partitions, **values)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return record if record.hashes and record.hashes == _hashes(folder / record.folder) else None


def save_record(lake: str, path: str, record: CopyRecord) -> CopyRecord:
    """Write the record of a copy whose files are there, remove the files of former copies, and return it with hashes.

    Until it is written, the record of the former copy is in force.
    """
    folder = Path(copy_folder(lake, path))
    hashes = _hashes(folder / record.folder)
    values = asdict(record) | {"hashes": hashes, "partitions": list(record.partitions.items())}
    written = folder / f"{RECORD}.tmp"
    written.write_text(json.dumps(values))
    written.replace(folder / RECORD)
    for each in folder.iterdir():
        if each.is_dir() and each.name != record.folder:
            filesystem.remove(str(each))
    return CopyRecord(record.folder, record.columns, record.partitions, hashes)


def remove_copy(lake: str, path: str) -> None:
    """Remove the copy of a table, if there is one."""
    if not filesystem.is_remote(lake):
        filesystem.remove(copy_folder(lake, path))


def remove_outdated_copy(lake: str, path: str) -> None:
    """Remove the copy of a table where it may have rows that the current version of the table has not."""
    if filesystem.is_remote(lake):
        return
    record = load_record(lake, path)
    if record is None or not _files(record.partitions) <= set(_current_files(f"{lake}/{path}")):
        remove_copy(lake, path)


def _current_files(at: str) -> list[str]:
    return [unquote(path) for path in data_files(at).column("path").to_pylist()]


def _files(partitions: Mapping[str | None, list[str]]) -> set[str]:
    return {file for files in partitions.values() for file in files}


def _hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in a folder; none where there is no folder."""
    if not folder.is_dir():
        return {}
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.glob("*.parquet"))}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
