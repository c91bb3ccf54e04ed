"""Records of Parquet files, as JSON."""

from __future__ import annotations

import json
import math
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from shoplake.engine.ingest.formats.file_contents import open_bytes
from shoplake.engine.ingest.formats.raw_records import RawRecords

if TYPE_CHECKING:
    from collections.abc import Iterator

UTC = ("UTC", "Etc/UTC", "Z", "+00:00")
AS_TEXT = (Decimal, bytes, time, timedelta)
UNKNOWN_TO_PYTHON = (OverflowError, ValueError, KeyError)
"""What Arrow raises where Python has no such value: a time after 9999, a text that is no UTF-8, a zone unknown here."""
MOST_ROWS = 16_384
"""Rows of a batch at most."""
BATCH_BYTES = 16 << 20
"""Of a batch at most, as they are in the file before compression: making its JSON takes eight times as much."""
_to_json = json.JSONEncoder(ensure_ascii=False).encode


def read_parquet(path: str) -> Iterator[RawRecords]:
    """Yield the rows of a Parquet file as JSON objects; the first has the names of the columns.

    A row with a text that is no UTF-8 has the problem `not_utf8`. A value that JSON and Python cannot have is text.
    """
    with open_bytes(path) as source:
        shape = None
        file = pa.parquet.ParquetFile(source)
        for batch in file.iter_batches(batch_size=_rows_per_batch(file.metadata)):
            shape = json.dumps(batch.schema.names) if shape is None else ""
            names = pa.array([shape or None] + [None] * (batch.num_rows - 1), pa.string())[: batch.num_rows]
            yield _read_batch(batch, names)


def check_parquet(path: str) -> None:
    """Read a Parquet file to its end; raises OSError or ValueError where it is damaged."""
    with open_bytes(path) as source:
        file = pa.parquet.ParquetFile(source)
        _ = file.schema_arrow.names
        for _ in file.iter_batches(batch_size=_rows_per_batch(file.metadata)):
            pass


def _rows_per_batch(metadata: pa.parquet.FileMetaData) -> int:
    """Return how many rows are read at once: fewer where they are wide, by the row group with the widest."""
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    widest = max((group.total_byte_size / max(group.num_rows, 1) for group in groups), default=0)
    return min(MOST_ROWS, max(1, int(BATCH_BYTES / max(widest, 1))))


def _read_batch(batch: pa.RecordBatch, names: pa.Array) -> RawRecords:
    """Return the records of a batch, made of columns of JSON texts; of columns of one name the last is taken."""
    parts: list[Any] = []
    garbled: set[int] = set()
    for name, column in dict(zip(batch.schema.names, batch.columns, strict=True)).items():
        column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        garbled.update(_garbled_rows(column))
        parts += [f"{', ' if parts else '{'}{_to_json(name)}: ", _json_texts(column)]
    size = batch.num_rows
    texts = pc.binary_join_element_wise(*parts, "}", "") if parts else pa.array(["{}"] * size, pa.string())
    problems = pa.array(["not_utf8" if at in garbled else None for at in range(size)], pa.string())
    return RawRecords(texts, pa.nulls(size, pa.int64()), names, problems)


def _garbled_rows(column: pa.Array) -> list[int]:
    """Return the rows of a column whose texts are no UTF-8."""
    return [] if _is_valid(column) else [at for at in range(len(column)) if not _is_valid(column.take([at]))]


def _is_valid(column: pa.Array) -> bool:
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _json_texts(column: pa.Array) -> pa.Array:
    """Return the values as JSON texts; each distinct value of a column without nested ones is written once."""
    kind = column.type
    if pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and _is_utc(kind.tz)):
        texts = column.cast(pa.date32(), safe=False).cast(pa.string()) if pa.types.is_date(kind) else _times(column)
        return pc.binary_join_element_wise('"', texts, '"', "").fill_null("null")
    if pa.types.is_nested(kind) or pa.types.is_floating(kind) or isinstance(kind, pa.BaseExtensionType):
        return pa.array([_to_json(_plain(value)) for value in _python_values(column)], pa.string())
    coded = column.dictionary_encode()
    distinct = [_to_json(_plain(value)) for value in _python_values(coded.dictionary)]
    return pa.array(distinct, pa.string()).take(coded.indices).fill_null("null")


def _is_utc(zone: str | None) -> bool:
    """Whether times of a zone are written in UTC: there is none, or no such zone is known here."""
    if zone in (None, *UTC):
        return True
    try:
        pa.scalar(0, pa.timestamp("us", zone)).as_py()
    except UNKNOWN_TO_PYTHON:
        return True
    return False


def _times(column: pa.Array) -> pa.Array:
    """Return times, in UTC where they have a zone, as `datetime.isoformat` writes them: six digits, nine, or none."""
    texts = column.cast(pa.timestamp(column.type.unit)).cast(pa.string())
    if column.type.unit == "ms":
        texts = pc.binary_join_element_wise(texts, "000", "")
    texts = pc.replace_substring_regex(texts, r"(\.\d{6})000$", r"\1")
    texts = pc.replace_substring_regex(pc.replace_substring_regex(texts, "^([^< ]+) ", r"\1T"), r"\.000000$", "")
    return pc.binary_join_element_wise(texts, "" if column.type.tz is None else "+00:00", "")


def _python_values(column: pa.Array) -> list[Any]:
    """Return the values as Python has them; those that it cannot have as Arrow prints them, texts with backslashes."""
    try:
        return list(column.to_pylist())
    except UNKNOWN_TO_PYTHON:
        return [_python_value(column.slice(at, 1)) for at in range(len(column))]


def _python_value(one: pa.Array) -> Any:
    try:
        return one[0].as_py()
    except UNKNOWN_TO_PYTHON:
        if pa.types.is_string(one.type) or pa.types.is_large_string(one.type):
            return one.cast(pa.large_binary())[0].as_py().decode("utf-8", "backslashreplace")
        return " ".join(one.to_string().split())


def _plain(value: Any) -> Any:
    """Return a value as JSON can have it without losing anything: decimals, times and NaN as text."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, AS_TEXT) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value
