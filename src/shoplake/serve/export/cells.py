"""Values as flat formats hold them: nested ones as JSON, text that is no formula, times as ISO 8601."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
"""Text that a spreadsheet may take for a formula (OWASP, CSV injection), full-width signs included."""


def flatten_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose maps, lists and structs are JSON text."""
    columns = [_as_json(column) if _is_nested(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=flatten_schema(batch.schema))


def flatten_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema that `flatten_batch` gives."""
    fields = [field.with_type(pa.string()) if _is_nested(field.type) else field for field in schema]
    return pa.schema(fields, metadata=schema.metadata)


def neutralize_formulas(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Put an apostrophe before each text that a spreadsheet may take for a formula; numbers stay as they are."""
    columns = [_neutralize(column) if pa.types.is_string(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def format_times(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose UTC times are text such as `2026-03-01T09:00:00.000000Z`."""
    columns = [
        pc.strftime(column.cast(pa.timestamp("us", tz="UTC")), "%Y-%m-%dT%H:%M:%SZ")
        if pa.types.is_timestamp(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def remove_nul(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield batches whose text has no NUL character, which PostgreSQL cannot store."""
    for batch in batches:
        columns = [
            pc.replace_substring(column, "\0", "") if pa.types.is_string(column.type) else column
            for column in batch.columns
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind))


def _as_json(column: pa.Array) -> pa.Array:
    return pa.array([None if value is None else _dump(value, column.type) for value in column.to_pylist()], pa.string())


def _dump(value: Any, kind: pa.DataType) -> str:
    return json.dumps(dict(value) if pa.types.is_map(kind) else value, ensure_ascii=False, sort_keys=True, default=str)


def _neutralize(column: pa.Array) -> pa.Array:
    is_formula = pc.match_substring_regex(column, FORMULA)
    return pc.if_else(is_formula, pc.binary_join_element_wise("'", column, ""), column)
