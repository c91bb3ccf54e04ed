"""Rows as CSV (RFC 4180). Texts that a spreadsheet would compute as formulas are neutralised."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types
from pyarrow import csv

from shoplake.serve.api.encode.json_rows import to_json, to_text

FORMULA = r"^[=+\-@\t\r]"
TIME = "%Y-%m-%dT%H:%M:%SZ"


def csv_header(schema: pa.Schema) -> bytes:
    """Return the line of column names."""
    return csv_rows(pa.RecordBatch.from_pylist([], schema), has_header=True)


def csv_rows(rows: pa.RecordBatch, *, has_header: bool = False) -> bytes:
    """Return the rows as lines; a text that begins with = + - @, tab or CR gets an apostrophe before it."""
    columns = [_text(rows.column(number)) for number in range(rows.num_columns)]
    plain = pa.RecordBatch.from_arrays(columns, names=rows.schema.names)
    sink = pa.BufferOutputStream()
    csv.write_csv(plain, sink, csv.WriteOptions(include_header=has_header))
    found: bytes = sink.getvalue().to_pybytes()
    return found


def _text(column: pa.Array) -> pa.Array:
    if types.is_string(column.type) or types.is_large_string(column.type):
        column = column.cast(pa.string())
        is_formula = pc.match_substring_regex(column, FORMULA)
        return pc.if_else(is_formula, pc.binary_join_element_wise("'", column, ""), column)
    if types.is_timestamp(column.type):
        return pc.strftime(column, TIME)
    if types.is_nested(column.type):
        return _written(column, lambda value: to_json(value).decode())
    if types.is_binary(column.type) or types.is_interval(column.type):
        return _written(column, to_text)
    if types.is_floating(column.type):
        return pc.if_else(pc.is_finite(column), column, None)
    return column


def _written(column: pa.Array, write: Callable[[object], str]) -> pa.Array:
    """Return a column as texts that `write` makes of its values."""
    return _text(pa.array([None if value is None else write(value) for value in column.to_pylist()], pa.string()))
