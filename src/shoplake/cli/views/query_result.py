"""The answer to a query as a table to look at, or as CSV, JSON or Parquet that says exactly what it says."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import sys
from contextlib import nullcontext
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from rich.console import Console

from shoplake.cli.console import PLAIN, WIDE, grid

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from shoplake.lake import Lake

NUMBERS = ("int", "uint", "decimal", "double", "float")
CONTROLS = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160))}
"""What would move the cursor, or speak to the terminal, is shown and not sent."""


def answer(lake: Lake, query: str) -> pa.Table:
    """Return all rows of the result. Raises QueryError where a value cannot be computed, such as 'x' as a number."""
    return lake.sql(query).to_arrow()


def write(rows: pa.Table, kind: str, output: Path | None, limit: int) -> None:
    """Write the rows as `kind` into `output`, or print them; a table ends after `limit` rows."""
    if kind == "table" and output is None:
        return as_table(rows, Console(width=WIDE, **PLAIN), limit)
    with output.open("wb") if output else nullcontext(sys.stdout.buffer) as binary:
        if kind == "parquet":
            return as_parquet(rows, binary)
        text = io.TextIOWrapper(binary, encoding="utf-8", newline="")
        if kind == "table":
            as_table(rows, Console(file=text, width=WIDE, **PLAIN), limit)
        else:
            {"csv": as_csv, "json": as_json}[kind](rows, text)
        text.detach()
    return None


def as_table(rows: pa.Table, out: Console, limit: int) -> None:
    """Print the first `limit` rows, as wide as they are, and say how many there are if there are more."""
    kinds = [str(field.type) for field in rows.schema]
    shown = grid(*rows.column_names)
    for column, kind in zip(shown.columns, kinds, strict=True):
        column.justify = "right" if kind.startswith(NUMBERS) else "left"
    for row in _each(rows.slice(0, limit)):
        shown.add_row(*(_text(value).translate(CONTROLS) for value in row))
    out.print(shown)
    if not rows.num_rows:
        out.print("no rows", style="dim")
    if rows.num_rows > limit:
        out.print(f"… {rows.num_rows - limit:,} more rows; see them with --limit or --format csv", style="dim")


def as_csv(rows: pa.Table, to: IO[str]) -> None:
    """Write CSV (RFC 4180, but with plain line ends): a null is an empty field, times are ISO 8601."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(rows.column_names)
    for row in _each(rows):
        writer.writerow([_text(value) for value in row])


def as_json(rows: pa.Table, to: IO[str]) -> None:
    """Write one array with an object a row, one a line; decimals are numbers with all their digits."""
    names = [json.dumps(name, ensure_ascii=False) for name in rows.column_names]
    separator = "[\n"
    for row in _each(rows):
        to.write(separator + "{" + ", ".join(f"{n}: {_json(v)}" for n, v in zip(names, row, strict=True)) + "}")
        separator = ",\n"
    to.write("[]\n" if separator == "[\n" else "\n]\n")


def as_parquet(rows: pa.Table, to: IO[bytes]) -> None:
    """Write Parquet, with the types the answer has."""
    import pyarrow.parquet

    buffer = io.BytesIO()
    pyarrow.parquet.write_table(rows, buffer)
    to.write(buffer.getvalue())


def _each(rows: pa.Table) -> Any:
    """The rows as tuples, a batch at a time; also where two columns have one name."""
    for batch in rows.to_batches():
        yield from zip(*(column.to_pylist(maps_as_pydicts="strict") for column in batch.columns), strict=True)


def _text(value: Any) -> str:
    """A value as text that can be read back: decimals in plain digits, times in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | list | tuple | dict):
        return _json(value)
    return _exact(value)


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))}: {_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_json, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if value is None or isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(_exact(value), ensure_ascii=False)


def _exact(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value)


def _moment(value: datetime) -> str:
    """ISO 8601; a time with an offset is told in UTC, with a Z."""
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
