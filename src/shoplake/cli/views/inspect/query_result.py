"""View of a query's result: a table for people, or exact CSV, JSON or Parquet."""

from __future__ import annotations

import base64
import codecs
import csv
import io
import json
import math
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

from shoplake.cli.console import PLAIN, WIDE, PipeConsole, text_table
from shoplake.cli.output import open_replacement
from shoplake.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa
    from rich.console import Console

NUMBERS = ("int", "uint", "decimal", "double", "float")
CONTROLS = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160))}
"""Control characters, which could move the cursor of a terminal, are printed escaped."""
DEFAULT_LIMIT = 40
AS_TEXT = "Select it as text, or write Parquet: --format parquet"


@dataclass(frozen=True)
class QueryResultView:
    """The rows of a result; the table format shows the first `limit` of them."""

    rows: pa.Table
    limit: int = DEFAULT_LIMIT

    def write(self, format_: str, output: Path | None) -> None:
        """Write the rows as table, csv, json or parquet into a file, or to stdout. A file is replaced as a whole."""
        if format_ == "table" and output is None:
            return self.render(PipeConsole(width=WIDE, **PLAIN))
        with open_replacement(output) if output else nullcontext(sys.stdout.buffer) as binary:
            if format_ == "parquet":
                return self.write_parquet(binary)
            text: Any = codecs.getwriter("utf-8")(binary)  # leaves stdout open where its reader is gone
            if format_ == "table":
                self.render(PipeConsole(file=text, width=WIDE, **PLAIN))
            else:
                {"csv": self.write_csv, "json": self.write_json}[format_](text)
        return None

    def render(self, console: Console) -> None:
        """Print the first rows without wrapping them, and how many more there are."""
        table = text_table(*self.rows.column_names)
        for column, field in zip(table.columns, self.rows.schema, strict=True):
            column.justify = "right" if str(field.type).startswith(NUMBERS) else "left"
        for row in _iter_rows(self.rows.slice(0, self.limit)):
            table.add_row(*(_to_text(value).translate(CONTROLS) for value in row))
        console.print(table)
        if not self.rows.num_rows:
            console.print("no rows", style="dim")
        if self.rows.num_rows > self.limit:
            more = self.rows.num_rows - self.limit
            console.print(f"… {more:,} more rows; show them with --limit or --format csv", style="dim")

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per row; of two columns with one name the last stays."""
        return [dict(zip(self.rows.column_names, row, strict=True)) for row in _iter_rows(self.rows)]

    def write_csv(self, to: IO[str]) -> None:
        """Write CSV (RFC 4180 with LF line ends): a null is an empty field, times are ISO 8601."""
        writer = csv.writer(to, lineterminator="\n")
        writer.writerow(self.rows.column_names)
        for row in _iter_rows(self.rows):
            writer.writerow([_to_text(value) for value in row])

    def write_json(self, to: IO[str]) -> None:
        """Write a JSON array with one object per line; decimals are numbers with all their digits."""
        names = [json.dumps(name, ensure_ascii=False) for name in self.rows.column_names]
        separator = "[\n"
        for row in _iter_rows(self.rows):
            pairs = (f"{name}: {_to_json(value)}" for name, value in zip(names, row, strict=True))
            to.write(separator + "{" + ", ".join(pairs) + "}")
            separator = ",\n"
        to.write("[]\n" if separator == "[\n" else "\n]\n")

    def write_parquet(self, to: IO[bytes]) -> None:
        """Write Parquet with the types of the result."""
        import pyarrow.parquet

        buffer = io.BytesIO()
        pyarrow.parquet.write_table(self.rows, buffer)
        to.write(buffer.getvalue())


def _iter_rows(rows: pa.Table) -> Iterator[tuple[Any, ...]]:
    """Yield the rows as tuples, batch by batch; column names may repeat."""
    for batch in rows.to_batches():
        yield from zip(*(_to_values(column) for column in batch.columns), strict=True)


def _to_values(column: pa.Array) -> list[Any]:
    """Return the values as Python's; days and times of years that Python has not, such as 12345, are text."""
    try:
        return list(column.to_pylist(maps_as_pydicts="strict"))
    except OverflowError as error:
        if not str(column.type).startswith(("date", "timestamp")):
            raise QueryError(f"A {column.type} has a day outside the years 1 to 9999. {AS_TEXT}") from error
        return [text and text.replace(" ", "T") for text in column.cast("string").to_pylist()]


def _to_text(value: Any) -> str:
    """Format a value so that it can be read back: decimals in plain digits, times in ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | list | tuple | dict):
        return _to_json(value)
    return _to_exact_text(value)


def _to_json(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(key))}: {_to_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_to_json, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if value is None or isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(_to_exact_text(value), ensure_ascii=False)


def _to_exact_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return _to_iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return str(value)


def _to_iso(value: datetime) -> str:
    """Format a time in ISO 8601; one with an offset in UTC, with a Z."""
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
