"""What of the machine this process may use."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess  # nosec B404
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


RESERVED_BYTES = 3 << 29
"""The most that is resident in the process beyond the memory of queries."""
MIN_QUERY_BYTES = 64 << 20
"""Queries fail with less, however small their tables are."""


def cpu_count() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def total_memory() -> int:
    """Return the machine's memory in bytes; 0 where it does not say."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0


def query_memory(memory_bytes: int, least: int = MIN_QUERY_BYTES) -> int:
    """Return the part of a process's memory that its queries may use; the rest is for Python and for file buffers."""
    return max(memory_bytes - RESERVED_BYTES, memory_bytes // 3, least)


def resident_memory() -> int:
    """Return the memory of this process that is not swapped out, in bytes; 0 where the system does not say."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if os.name != "posix" or (program := shutil.which("ps")) is None:
        return 0
    words = [program, "-o", "rss=", "-p", str(os.getpid())]
    output = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()  # nosec B603
    return int(output) * 1024 if output.isdecimal() else 0


def release_freed_memory() -> None:
    """Give memory back to the system that this process has freed, where the C library keeps it.

    glibc keeps freed blocks below one that is in use, which after large files is several hundred MiB.
    """
    trim = _find_trim()
    if trim is not None:
        trim(0)


@cache
def _find_trim() -> Callable[[int], int] | None:
    """Return `malloc_trim` of glibc; None where the C library has none."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
