"""Files that appear whole or not at all."""

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
def appearing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name when the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    yield unfinished
    unfinished.replace(path)


def write_lines(path: Path, lines: pa.StringArray, header: str = "") -> None:
    """Write texts, each with its own line end, one after the other."""
    write_blocks(path, [lines], header)


def write_blocks(path: Path, blocks: Iterable[pa.StringArray], header: str = "") -> None:
    """Write blocks of such texts as they come."""
    with appearing(path) as unfinished, unfinished.open("wb") as file:
        file.write(header.encode())
        for lines in blocks:
            file.write(_content(lines))


def write_table(path: Path, rows: pa.Table) -> None:
    """Write a Parquet file."""
    with appearing(path) as unfinished:
        pq.write_table(rows, unfinished)


def _content(lines: pa.StringArray) -> pa.Buffer:
    _, offsets, content = lines.buffers()
    if len(lines) == 0 or content is None:
        return pa.py_buffer(b"")
    bounds = np.frombuffer(offsets, np.int32)[lines.offset : lines.offset + len(lines) + 1]
    return content.slice(int(bounds[0]), int(bounds[-1] - bounds[0]))
