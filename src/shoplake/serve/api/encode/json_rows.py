"""Rows as JSON: decimals as text, ISO dates and times in UTC with Z, and null for what is no number.

Intervals are ISO 8601 durations, such as P0M1DT0S for a day.
"""

from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.types as types

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


def to_json(value: Any) -> bytes:
    """Return a value of plain Python types, decimals and dates as JSON."""
    return orjson.dumps(value, to_text, OPTIONS)


def json_rows(rows: pa.Table | pa.RecordBatch) -> list[dict[str, Any]]:
    """Return rows as values of `to_json`, in order."""
    columns: list[list[Any]] = [[]] * rows.num_columns
    for type, numbers in _by_type(rows.schema).items():
        values = _values([rows.column(number) for number in numbers], type)
        for place, number in enumerate(numbers):
            columns[number] = values[place * rows.num_rows : (place + 1) * rows.num_rows]
    names = rows.schema.names
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _by_type(schema: pa.Schema) -> dict[pa.DataType, list[int]]:
    """Return the places of the columns of each type."""
    found: dict[pa.DataType, list[int]] = {}
    for number, type in enumerate(schema.types):
        found.setdefault(type, []).append(number)
    return found


def _values(columns: list[pa.Array | pa.ChunkedArray], type: pa.DataType) -> list[Any]:
    """Return the values of columns of one type, one column after the other, which Arrow converts at once."""
    chunks = [part for each in columns for part in (each.chunks if isinstance(each, pa.ChunkedArray) else (each,))]
    whole = pa.chunked_array(chunks, type)
    if types.is_decimal(type) or types.is_date(type):
        whole = whole.cast(pa.string())
    found: list[Any] = whole.to_pylist()
    return found


def ndjson(rows: pa.RecordBatch) -> bytes:
    """Return one JSON object a line."""
    return b"".join(to_json(row) + b"\n" for row in json_rows(rows))


def to_text(value: object) -> str:
    """Return the text of a value that JSON has no type for: a decimal, an interval, bytes."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, pa.MonthDayNano):
        return f"P{value.months}M{value.days}DT{value.nanoseconds / 1e9:.9g}S"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
