"""Records of Parquet files, as JSON."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet

from shoplake.engine.ingest.formats.file_contents import open_bytes
from shoplake.engine.ingest.formats.raw_records import RawRecords

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_parquet(path: str) -> Iterator[RawRecords]:
    """Yield the rows of a Parquet file as JSON objects; the first has the names of the columns."""
    with open_bytes(path) as source:
        shape = None
        for batch in pa.parquet.ParquetFile(source).iter_batches(batch_size=16_384):
            shape = json.dumps(batch.schema.names) if shape is None else ""
            names = pa.array([shape or None] + [None] * (batch.num_rows - 1), pa.string())[: batch.num_rows]
            texts = pa.array([json.dumps(_plain(row), ensure_ascii=False) for row in batch.to_pylist()], pa.string())
            yield RawRecords(texts, pa.nulls(len(texts), pa.int64()), names, pa.nulls(len(texts), pa.string()))


def _plain(value: Any) -> Any:
    """Return a value as JSON can have it without losing anything: decimals, times and NaN as text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | bytes | time | timedelta) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value
