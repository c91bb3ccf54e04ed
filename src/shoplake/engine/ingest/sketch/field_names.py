"""The names of the fields of a file, as its head shows them."""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from shoplake.engine.ingest.formats.file_contents import open_bytes, open_texts

if TYPE_CHECKING:
    from shoplake.declare.kinds.stream import Format

HEAD_BYTES = 65_536
MEMBER = re.compile(r'"([^"\\]{1,100})"\s*:')


def read_field_names(path: str, format: Format) -> frozenset[str]:
    """Return the columns of a CSV or Parquet file, or the members of JSON objects at any depth in its first 64 KiB.

    A file that cannot be read so, and an Excel file, has none.
    """
    try:
        if format == "parquet":
            with open_bytes(path) as source:
                return frozenset(pq.read_schema(source).names)
        head = "" if format == "xlsx" else _read_head(path)
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return frozenset()
    if format == "json":
        return frozenset(MEMBER.findall(head))
    return frozenset(name.strip() for name in next(csv.reader(head.splitlines()[:1]), []))


def _read_head(path: str) -> str:
    for text in open_texts(path, block_bytes=HEAD_BYTES):
        return text.read(HEAD_BYTES).decode("utf-8-sig", "replace")
    return ""
