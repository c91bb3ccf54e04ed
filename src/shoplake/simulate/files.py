"""Atomic file writes: a file appears complete or not at all."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path that is renamed to `path` when the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    yield temporary
    temporary.replace(path)


def write_lines(path: Path, lines: pa.StringArray, header: str = "") -> None:
    """Write texts, each with its own line end, after the header."""
    write_blocks(path, [lines], header)


def write_blocks(path: Path, blocks: Iterable[pa.StringArray], header: str = "") -> None:
    """Write blocks of texts, each with its own line end, as they arrive."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        file.write(header.encode())
        for lines in blocks:
            file.write(_content(lines))


def write_table(path: Path, rows: pa.Table) -> None:
    """Write a Parquet file."""
    with atomic_path(path) as temporary:
        pq.write_table(rows, temporary)


def _content(lines: pa.StringArray) -> pa.Buffer:
    _, offsets, content = lines.buffers()
    if len(lines) == 0 or content is None:
        return pa.py_buffer(b"")
    bounds = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return content.slice(int(bounds[0]), int(bounds[-1] - bounds[0]))
