"""Reads files into raw records, block by block, inside the engine's workers (`mapInArrow`).

Nothing is dropped: text that is no record is returned with a `problem`.
"""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from shoplake.engine.ingest.json_fields import sample_fields
from shoplake.engine.storage import filesystem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BLOCK_BYTES = 8 << 20
LONGEST_LINE = 1 << 20
"""Bytes; a longer line is kept, but is a problem."""
BOM = b"\xef\xbb\xbf"
SHORT_LINE = 16
"""Bytes; a line of white space that is longer counts as a record."""
WIDEST_RECORD = 100
"""Lines that a quoted CSV record may span; a quote still open then is a stray one."""

FILES = "feed string, path string, file string, format string"
RECORDS = "feed string, raw string, file string, line bigint, header string, problem string"
SCHEMA = pa.schema(
    [(name, pa.int64() if kind == "bigint" else pa.string()) for name, kind in map(str.split, RECORDS.split(", "))]
)


def read_files(batches: Iterable[pa.RecordBatch], *, block_bytes: int = BLOCK_BYTES) -> Iterator[pa.RecordBatch]:
    """Return the records of files given as rows of `FILES`, as rows of `RECORDS`."""
    for batch in batches:
        for row in batch.to_pylist():
            path, kind = row["path"], row["format"]
            parts = _parquet(path) if kind == "parquet" else _text(path, block_bytes, is_csv=kind == "csv")
            for raw, line, header, problem in parts:
                size = len(raw)
                columns = [pa.repeat(row["feed"], size), raw, pa.repeat(row["file"], size), line, header, problem]
                yield pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def open_file(path: str, block_bytes: int = BLOCK_BYTES) -> BinaryIO:
    """Return the bytes of a local file or object, decompressed by its name."""
    where, name = filesystem.filesystem_for(path)
    stream: BinaryIO = where.open_input_stream(name, compression="detect", buffer_size=block_bytes)
    return stream


Part = tuple[pa.Array, pa.Array, pa.Array, pa.Array]
"""Texts, lines, headers or field names, problems."""


def _text(path: str, block_bytes: int, *, is_csv: bool) -> Iterator[Part]:
    header: str | None = None
    seen: set[tuple[str, ...]] = set()
    with open_file(path, block_bytes) as stream:
        for first, lines, problems in _records(stream, block_bytes, quoted=is_csv):
            if is_csv and header is None and len(lines):
                header = lines[0].as_py()
                first, lines, problems = first[1:], lines[1:], problems[1:]
            texts, numbers, problems = _without_blanks(lines, first, problems)
            if is_csv:
                names = pa.repeat(pa.scalar(header, pa.string()), len(texts))
            else:
                names, repeats = sample_fields(texts, seen)
                problems = pc.coalesce(problems, repeats)
            yield texts, numbers, names, problems


def _without_blanks(lines: pa.Array, numbers: pa.Array, problems: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return the lines that hold more than white space; only short ones are looked at."""
    short = np.flatnonzero(pc.less(pc.binary_length(lines), SHORT_LINE).to_numpy(zero_copy_only=False))
    blank = [int(place) for place in short if not lines[int(place)].as_py().strip()]
    if not blank:
        return lines, numbers, problems
    is_text = np.ones(len(lines), bool)
    is_text[blank] = False
    mask = pa.array(is_text)
    return lines.filter(mask), numbers.filter(mask), problems.filter(mask)


def _records(stream: BinaryIO, block_bytes: int, *, quoted: bool) -> Iterator[tuple[pa.Array, pa.Array, pa.Array]]:
    """Line numbers, texts and problems, block by block."""
    line, rest, block = 1, b"", bytes(stream.read(block_bytes)).removeprefix(BOM)
    is_first = True
    while block or rest:
        block = block if is_first else bytes(stream.read(block_bytes))
        data, is_first = rest + block, False
        end = _last_line_end(data) if block else len(data)
        if end == 0 and len(data) < 8 * block_bytes:
            rest = data
            if block:
                continue
            return
        whole, rest = (data[:end], data[end:]) if end else (data, b"")
        lines, garbled = _lines(whole)
        numbers, count = pa.array(np.arange(line, line + len(lines), dtype=np.int64)), len(lines)
        if quoted and b'"' in whole:
            lines, numbers, still_open = _joined(lines, line, is_last=not block)
            if still_open:
                rest = b"".join(whole.splitlines(keepends=True)[-still_open:]) + rest
                count -= still_open
        line += count
        yield numbers, lines, _problems(lines, garbled, b"\x00" in whole)


def _last_line_end(data: bytes) -> int:
    """Where the last complete line ends; a CR at the very end may still get its LF."""
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, max(len(data) - 1, 0))) + 1


def _lines(data: bytes) -> tuple[pa.Array, list[str]]:
    """Return the lines of whole lines of text, and those among them that are no UTF-8, escaped."""
    if b"\x01" not in data and not data.startswith(BOM):
        try:
            return _split_fast(data), []
        except pa.ArrowInvalid:
            pass
    parts = re.split(rb"\r\n|\n|\r", data)
    if not parts[-1]:
        parts.pop()
    texts = [part.decode("utf-8", "backslashreplace") for part in parts]
    garbled = [text for text, part in zip(texts, parts, strict=True) if text.encode() != part]
    return pa.array(texts, pa.string()), garbled


def _split_fast(data: bytes) -> pa.Array:
    if not data:
        return pa.array([], pa.string())
    table = pa.csv.read_csv(
        pa.BufferReader(data),
        read_options=pa.csv.ReadOptions(column_names=["raw"], block_size=len(data) + 1, use_threads=False),
        parse_options=pa.csv.ParseOptions(delimiter="\x01", quote_char=False, ignore_empty_lines=False),
        convert_options=pa.csv.ConvertOptions(column_types={"raw": pa.string()}, strings_can_be_null=False),
    )
    return table.column("raw").combine_chunks()


def _joined(lines: pa.Array, first: int, *, is_last: bool) -> tuple[pa.Array, pa.Array, int]:
    """Lines joined where a quoted field spans several; how many lines are of a record still open at the end."""
    is_odd = pc.equal(pc.bit_wise_and(pc.count_substring(lines, '"'), 1), 1).to_pylist()
    if not any(is_odd):
        return lines, pa.array(np.arange(first, first + len(lines), dtype=np.int64)), 0
    texts, records, numbers, at = lines.to_pylist(), [], [], 0
    while at < len(texts):
        end = at + 1
        if is_odd[at]:
            span = range(at + 1, min(at + WIDEST_RECORD, len(texts)))
            closing = next((later for later in span if is_odd[later]), None)
            if closing is None and not is_last and len(texts) - at < WIDEST_RECORD:
                break
            end = at + 1 if closing is None else closing + 1
        records.append("\n".join(texts[at:end]))
        numbers.append(first + at)
        at = end
    return pa.array(records, pa.string()), pa.array(numbers, pa.int64()), len(texts) - at


def _problems(lines: pa.Array, garbled: list[str], has_nul: bool) -> pa.Array:
    found = pc.if_else(pc.greater(pc.binary_length(lines), LONGEST_LINE), "line_too_long", pa.scalar(None, pa.string()))
    if has_nul:
        found = pc.if_else(pc.match_substring(lines, "\x00"), "nul_byte", found)
    if garbled:
        bad = set(garbled)
        is_garbled = [not bad.isdisjoint(line.split("\n")) for line in lines.to_pylist()]
        found = pc.if_else(pa.array(is_garbled), "not_utf8", found)
    return found


def _parquet(path: str) -> Iterator[Part]:
    where, name = filesystem.filesystem_for(path)
    with where.open_input_file(name) as source:
        shape = None
        for batch in pa.parquet.ParquetFile(source).iter_batches(batch_size=16_384):
            shape = json.dumps(batch.schema.names) if shape is None else ""
            names = pa.array([shape or None] + [None] * (batch.num_rows - 1), pa.string())[: batch.num_rows]
            texts = pa.array([json.dumps(_plain(row), ensure_ascii=False) for row in batch.to_pylist()], pa.string())
            yield texts, pa.nulls(len(texts), pa.int64()), names, pa.nulls(len(texts), pa.string())


def _plain(value: Any) -> Any:
    """Return a value as JSON can say it without losing anything: decimals, times and NaN as text."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | bytes | time | timedelta) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value
