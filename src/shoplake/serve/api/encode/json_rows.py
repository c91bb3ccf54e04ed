"""Rows as JSON: decimals as text, ISO dates and times in UTC with Z, and null for what is no number."""

from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.types as types

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS


def to_json(value: Any) -> bytes:
    """Return a value of plain Python types, decimals and dates as JSON."""
    return orjson.dumps(value, _other, OPTIONS)


def json_rows(rows: pa.Table | pa.RecordBatch) -> list[dict[str, Any]]:
    """Return rows as values of `to_json`, in order."""
    found: list[dict[str, Any]] = with_text_decimals(rows).to_pylist()
    return found


def ndjson(rows: pa.RecordBatch) -> bytes:
    """Return one JSON object a line."""
    return b"".join(to_json(row) + b"\n" for row in json_rows(rows))


def with_text_decimals(rows: pa.Table | pa.RecordBatch) -> pa.Table | pa.RecordBatch:
    """Return the rows with each decimal column as text, with all digits of its scale."""
    for number, field in enumerate(rows.schema):
        if types.is_decimal(field.type):
            rows = rows.set_column(number, field.name, rows.column(number).cast(pa.string()))
    return rows


def _other(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
