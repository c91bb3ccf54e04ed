"""Flush the files of a lake from the page cache to the disk."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.engine.storage import filesystem

if TYPE_CHECKING:
    from collections.abc import Iterator

_flushed: dict[str, tuple[int, int]] = {}
"""Files that this process has flushed one by one: modification time in ns and size then."""


def sync_lake(lake: str) -> None:
    """Return once every file written to the lake so far survives a power cut; object stores need nothing.

    One `syncfs` per file system that the lake lies on. A system without it flushes each new file and its folder.
    Raises OSError where the disk reports an error.
    """
    if filesystem.is_remote(lake) or not Path(lake).is_dir():
        return
    if (syncfs := _syncfs()) is None:
        _sync_files(Path(lake))
        return
    for folder in _file_systems(Path(lake)):
        _with_descriptor(folder, lambda descriptor, folder=folder: _check(syncfs(descriptor), folder))


def rename_durably(source: Path, target: Path) -> None:
    """Rename a file or folder, and return once the new name survives a power cut."""
    source.rename(target)
    _with_descriptor(target.parent, os.fsync)


def write_durably(path: Path, content: bytes) -> None:
    """Replace a small file so that a power cut leaves the old content or the new, never a part."""
    written = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with written.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
    except OSError:
        written.unlink(missing_ok=True)  # a full disk leaves a part of it
        raise
    _with_descriptor(path.parent, os.fsync)


def write_whole(url: str, content: bytes) -> None:
    """Write a small file whose folder need not be there; it appears whole or not at all, a local one durably."""
    if not filesystem.is_remote(url):
        path = Path(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_durably(path, content)
    files, name = filesystem.filesystem_for(url)
    with files.open_output_stream(name) as stream:  # a put into an object store is atomic
        stream.write(content)
    return None


@functools.cache
def _syncfs() -> Any:
    """Return the C library's `syncfs`; None where there is none."""
    try:
        return ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError, TypeError):
        return None


def _file_systems(lake: Path) -> Iterator[Path]:
    """One folder per file system: a layer or a table may be a mount point or a link; staging needs no sync."""
    seen: set[int] = set()
    for folder in (lake, *lake.glob("[!_]*/"), *lake.glob("[!_]*/*/")):
        with contextlib.suppress(FileNotFoundError):  # a table that is moved meanwhile
            if (device := folder.stat().st_dev) not in seen:
                seen.add(device)
                yield folder


def _sync_files(lake: Path) -> None:
    """Flush the files that are new or changed, then the folders that name them."""
    folders: set[Path] = set()
    for parent, _, names in os.walk(lake):
        for name in names:
            file = Path(parent, name)
            try:
                state = file.stat()
                if _flushed.get(str(file)) != (state.st_mtime_ns, state.st_size):
                    _with_descriptor(file, os.fsync)
                    _flushed[str(file)] = (state.st_mtime_ns, state.st_size)
                    folders |= {each for each in file.parents if each.is_relative_to(lake)}
            except FileNotFoundError:
                continue  # a staging file that its writer removed meanwhile
    for folder in folders:
        _with_descriptor(folder, os.fsync)


def _with_descriptor(path: Path, flush: Any) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        flush(descriptor)
    finally:
        os.close(descriptor)


def _check(result: int, folder: Path) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), str(folder))
