"""Writes the files of a shop's streams."""

from __future__ import annotations

import gzip
import json
from pathlib import PurePath
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from tools.soak.shop.shop_records import CSV, PRODUCT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_file(path: Path, lines: Sequence[str | None], share: float = 1.0) -> None:
    """Write the lines of a file of a stream, under its header where it has one; a discarded line is empty.

    Of a compressed file that is still being written only a share of the bytes is there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = path.parent.name
    if stream == "products":
        rows = [json.loads(line) for line in lines if line is not None]
        texts = {name: [_text(row.get(name)) for row in rows] for name in PRODUCT}
        pq.write_table(pa.table({name: pa.array(cells, pa.string()) for name, cells in texts.items()}), path)
        return
    header = [",".join(CSV[stream])] if stream in CSV else []
    text = "".join(f"{line or ''}\n" for line in [*header, *lines]).encode()
    content = gzip.compress(text, mtime=0) if PurePath(path.name).suffix == ".gz" else text
    path.write_bytes(content[: int(len(content) * share)])


def _text(value: object) -> str | None:
    return None if value is None else str(value)
