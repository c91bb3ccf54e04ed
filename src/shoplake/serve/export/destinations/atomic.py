"""Files and folders that are written beside their place and put there in one step."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
from pathlib import Path

from shoplake.engine import crash_points

EXCHANGE = 2
"""RENAME_EXCHANGE of renameat2(2)."""
CURRENT_FOLDER = -100
"""AT_FDCWD: paths are relative to the current folder."""


def part_path(target: Path) -> Path:
    """Return where this process writes what will be at `target`: a hidden name in the same folder."""
    return target.with_name(f".{target.name}.{socket.gethostname()}-{os.getpid()}.part")


def remove_leftovers(target: Path) -> None:
    """Remove what processes that no longer run on this machine left beside `target`.

    What has the number of this process is of an earlier one: in a container each has the same.
    """
    prefix = f".{target.name}.{socket.gethostname()}-"
    for path in target.parent.glob(f".{glob_escape(target.name)}.*.part*"):
        process = path.name.removeprefix(prefix).partition(".")[0]
        if path.name.startswith(prefix) and process.isdigit() and _has_ended(int(process)):
            remove(path)


def glob_escape(name: str) -> str:
    """Return a name as a pattern that matches it alone."""
    return "".join(f"[{each}]" if each in "*?[" else each for each in name)


def remove(path: Path) -> None:
    """Remove a file or folder, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@crash_points("publish_export")
def publish(part: Path, target: Path) -> None:
    """Put a file or folder in its place in one step, flushed to the disk; what was there is removed afterwards.

    A file system that cannot exchange two folders has neither for a moment.
    """
    for path in (part, *sorted(part.rglob("*"))) if part.is_dir() else (part,):
        _flush(path)
    if not target.is_dir():
        part.replace(target)
    elif not _exchange(part, target):
        old = part.with_name(f"{part.name}-old")
        target.rename(old)
        part.rename(target)
        remove(old)
    _flush(target.parent)
    remove(part)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two folders in one step; False where the system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(rename(CURRENT_FOLDER, os.fsencode(one), CURRENT_FOLDER, os.fsencode(other), EXCHANGE) == 0)


def _flush(path: Path) -> None:
    """Flush a file or folder to the disk, where the file system can."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _has_ended(process: int) -> bool:
    if process == os.getpid():
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
