"""The lake's `_trash`: tables that are no longer declared, kept for seven days."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pyarrow import fs

from shoplake.engine.storage import filesystem
from shoplake.engine.storage.durability.durable_heads import forget_heads
from shoplake.engine.storage.upkeep.kept_files import remove_copy

FOLDER = "_trash"
RETENTION = timedelta(days=7)
TIMES = ("%Y%m%dT%H%M%S.%fZ", "%Y%m%dT%H%M%SZ")
"""How names in the trash end: by the microsecond, and before by the second."""


def move_to_trash(lake: str, path: str) -> str | None:
    """Move a table's folder, such as `gold/totals`, to the trash; return its new path, None if it does not exist."""
    source, target = f"{lake}/{path}", _target(lake, path)
    remove_copy(lake, path)
    if not _exists(source):
        return None
    if filesystem.is_remote(lake):
        _copy_folder(source, target)
        filesystem.remove(source)
    else:
        forget_heads(lake, [path])
        Path(target).parent.mkdir(exist_ok=True)
        Path(source).rename(target)
    return target


def _copy_folder(source: str, target: str) -> None:
    """Copy all files below a folder."""
    source_files, source_path = filesystem.filesystem_for(source)
    target_files, target_path = filesystem.filesystem_for(target)
    target_files.create_dir(target_path)
    fs.copy_files(source_path, target_path, source_filesystem=source_files, destination_filesystem=target_files)


def empty_trash(lake: str, now: datetime | None = None) -> list[str]:
    """Delete what has been in the trash for more than seven days; return the names of what is deleted."""
    where, folder = filesystem.filesystem_for(f"{lake}/{FOLDER}")
    infos = where.get_file_info(fs.FileSelector(folder, allow_not_found=True))
    oldest = (now or datetime.now(UTC)) - RETENTION
    names = [info.base_name for info in infos if _moved_at(info.base_name) < oldest]
    for name in names:
        filesystem.remove(f"{lake}/{FOLDER}/{name}")
    return names


def _target(lake: str, path: str) -> str:
    return f"{lake}/{FOLDER}/{path.replace('/', '.')}-{datetime.now(UTC).strftime(TIMES[0])}"


def _moved_at(name: str) -> datetime:
    for time in TIMES:
        with suppress(ValueError):
            return datetime.strptime(name.rpartition("-")[2], time).replace(tzinfo=UTC)
    return datetime.max.replace(tzinfo=UTC)


def _exists(url: str) -> bool:
    where, folder = filesystem.filesystem_for(url)
    return bool(where.get_file_info(folder).type is not fs.FileType.NotFound)
