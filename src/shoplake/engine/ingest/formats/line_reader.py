"""Lines of text, block by block, with their numbers; lines of one quoted CSV record are joined."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from shoplake.engine.ingest.formats.file_contents import BLOCK_BYTES, BOM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.engine.ingest.formats.file_contents import Readable

LONGEST_LINE = 1 << 20
"""Bytes; a longer line is kept, but is a problem."""
SHORT_LINE = 16
"""Bytes; a line of white space that is longer counts as a record."""
WIDEST_RECORD = 1_000
"""Lines that a quoted CSV record may span; a quote still open then is a stray one."""
WIDEST_ESCAPED = 200
"""The same for a record of a dialect with an escape, each line of which is looked at again."""


class Lines(NamedTuple):
    """Records of text: the line that each begins on, its text, and why it cannot be read."""

    numbers: pa.Array
    texts: pa.Array
    problems: pa.Array


class LineReader:
    """Reads the lines of one text after another; numbers continue from text to text."""

    def __init__(
        self, quote: str = "", delimiter: str = ",", block_bytes: int = BLOCK_BYTES, *, escape: str = ""
    ) -> None:
        self._quote, self._delimiter, self._block_bytes, self._escape = quote, delimiter, block_bytes, escape
        self._next_line = 1

    @property
    def next_line(self) -> int:
        """The number of the next line that is read, from 1."""
        return self._next_line

    def read(self, stream: Readable) -> Iterator[Lines]:
        """Yield the lines that are not blank, block by block."""
        rest, block = b"", bytes(stream.read(self._block_bytes)).removeprefix(BOM)
        is_first = True
        while block or rest:
            block = block if is_first else bytes(stream.read(self._block_bytes))
            is_first = False
            whole, rest = _cut(rest, block) if block else (rest, b"")
            if not whole and len(rest) < 8 * self._block_bytes:
                if block:
                    continue
                return
            if not whole:
                whole, rest = rest, b""
            records, still_open = self._records(whole, is_last=not block)
            if still_open:
                rest = b"".join(whole.splitlines(keepends=True)[-still_open:]) + rest
            yield without_blanks(records)

    def _records(self, data: bytes, *, is_last: bool) -> tuple[Lines, int]:
        """Return the records of whole lines; how many lines are of a record still open at the end."""
        first, still_open = self._next_line, 0
        texts, garbled = _split_lines(data)
        numbers, count = pa.array(np.arange(first, first + len(texts), dtype=np.int64)), len(texts)
        if self._escape and self._escape.encode() in data:
            is_closed = _escaped_cells(self._quote, self._delimiter, self._escape)
            texts, numbers, still_open = _join_escaped(texts, first, is_closed, is_last=is_last)
        elif self._quote and self._quote.encode() in data:
            texts, numbers, still_open = _join_quoted(texts, first, self._quote, self._delimiter, is_last=is_last)
        self._next_line += count - still_open
        return Lines(numbers, texts, line_problems(texts, garbled, has_nul=b"\x00" in data)), still_open


def without_blanks(lines: Lines) -> Lines:
    """Drop the lines of white space; only short ones are looked at."""
    short = np.flatnonzero(pc.less(pc.binary_length(lines.texts), SHORT_LINE).to_numpy(zero_copy_only=False))
    blank = [int(place) for place in short if not lines.texts[int(place)].as_py().strip()]
    if not blank:
        return lines
    is_text = np.ones(len(lines.texts), bool)
    is_text[blank] = False
    mask = pa.array(is_text)
    return Lines(*(column.filter(mask) for column in lines))


def line_problems(texts: pa.Array, garbled: list[str], *, has_nul: bool = False) -> pa.Array:
    """Return for each text `line_too_long`, `nul_byte`, `not_utf8` or null; `garbled` lines are no UTF-8."""
    problems = pc.if_else(
        pc.greater(pc.binary_length(texts), LONGEST_LINE), "line_too_long", pa.scalar(None, pa.string())
    )
    if has_nul:
        problems = pc.if_else(pc.match_substring(texts, "\x00"), "nul_byte", problems)
    if garbled:
        bad = set(garbled)
        is_garbled = [not bad.isdisjoint(text.split("\n")) for text in texts.to_pylist()]
        problems = pc.if_else(pa.array(is_garbled), "not_utf8", problems)
    return problems


def _cut(rest: bytes, block: bytes) -> tuple[bytes, bytes]:
    """Return the complete lines of what was read, and the rest; blocks are large, so that bytes are copied once."""
    if b"\n" in rest or b"\r" in rest:
        rest, block = b"", rest + block
    end = _last_line_end(block)
    return (b"".join((rest, memoryview(block)[:end])), block[end:]) if end else (b"", rest + block)


def _last_line_end(data: bytes) -> int:
    """Where the last complete line ends; a CR at the very end may still get its LF."""
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, max(len(data) - 1, 0))) + 1


def _split_lines(data: bytes) -> tuple[pa.Array, list[str]]:
    """Split whole lines; also return those that are no UTF-8, escaped."""
    try:
        if b"\r" not in data:
            return _split_at_newlines(data), []
        if b"\x01" not in data and not data.startswith(BOM):
            return _split_as_csv(data), []
    except pa.ArrowInvalid:
        pass
    parts = re.split(rb"\r\n|\n|\r", data)
    if not parts[-1]:
        parts.pop()
    texts = [part.decode("utf-8", "backslashreplace") for part in parts]
    garbled = [text for text, part in zip(texts, parts, strict=True) if text.encode() != part]
    return pa.array(texts, pa.string()), garbled


def _split_at_newlines(data: bytes) -> pa.Array:
    """Split text whose lines end with LF alone in one pass. Raises ArrowInvalid for bytes that are no UTF-8."""
    ends = pa.py_buffer(np.array([0, len(data)], np.int32))
    text = pa.Array.from_buffers(pa.binary(), 1, [None, ends, pa.py_buffer(data)])
    lines = pc.split_pattern(text, b"\n").values
    is_ended = not data or data.endswith(b"\n")
    return (lines[:-1] if is_ended else lines).cast(pa.string())


def _split_as_csv(data: bytes) -> pa.Array:
    """Split text whose lines end with LF, CR or both. Raises ArrowInvalid for bytes that are no UTF-8."""
    table = pa.csv.read_csv(
        pa.BufferReader(data),
        read_options=pa.csv.ReadOptions(column_names=["raw"], block_size=len(data) + 1, use_threads=False),
        parse_options=pa.csv.ParseOptions(delimiter="\x01", quote_char=False, ignore_empty_lines=False),
        convert_options=pa.csv.ConvertOptions(column_types={"raw": pa.string()}, strings_can_be_null=False),
    )
    return table.column("raw").combine_chunks()


@cache
def _closed_cells(quote: str, delimiter: str) -> re.Pattern[str]:
    """Return a pattern of a record whose quoted cells are closed; a quote within other cells, as in 24", is text."""
    q, d = re.escape(quote), re.escape(delimiter)
    cell = rf" *+{q}(?:[^{q}]|{q}{q})*+{q} *+(?={d}|\Z)|(?! *+{q})[^{d}\n]*+"
    return re.compile(rf"(?:{cell})(?:{d}(?:{cell}))*+")


@cache
def _escaped_cells(quote: str, delimiter: str, escape: str) -> re.Pattern[str]:
    """Return a pattern of a record whose quoted cells are closed and whose last character is not escaped."""
    q, d, e = map(re.escape, (quote, delimiter, escape))
    quoted = rf" *+{q}(?:[^{q}{e}]|{e}.|{q}{q})*+{q} *+(?={d}|\Z)|(?! *+{q})" if quote else ""
    cell = rf"{quoted}(?:[^{d}{e}\n]|{e}.)*+"
    return re.compile(rf"(?:{cell})(?:{d}(?:{cell}))*+", re.DOTALL)


def _join_escaped(
    lines: pa.Array, first: int, closed: re.Pattern[str], *, is_last: bool
) -> tuple[pa.Array, pa.Array, int]:
    """Join lines whose ends are escaped or quoted; how many lines are of a record still open at the end."""
    texts, records, numbers, at = lines.to_pylist(), [], [], 0
    while at < len(texts):
        joined, end = texts[at], at + 1
        while not closed.fullmatch(joined) and end < min(at + WIDEST_ESCAPED, len(texts)):
            joined, end = f"{joined}\n{texts[end]}", end + 1
        if not closed.fullmatch(joined):
            if not is_last and len(texts) - at < WIDEST_ESCAPED:
                break
            joined, end = texts[at], at + 1
        records.append(joined)
        numbers.append(first + at)
        at = end
    return pa.array(records, pa.string()), pa.array(numbers, pa.int64()), len(texts) - at


def _join_quoted(
    lines: pa.Array, first: int, quote: str, delimiter: str, *, is_last: bool
) -> tuple[pa.Array, pa.Array, int]:
    """Join lines where a quoted field spans several; how many lines are of a record still open at the end.

    A quote that opens no cell, or that nothing closes, is text of its own line.
    """
    is_odd = pc.equal(pc.bit_wise_and(pc.count_substring(lines, quote), 1), 1).to_pylist()
    if not any(is_odd):
        return lines, pa.array(np.arange(first, first + len(lines), dtype=np.int64)), 0
    texts, records, numbers, at = lines.to_pylist(), [], [], 0
    is_closed = _closed_cells(quote, delimiter).fullmatch
    while at < len(texts):
        record, end = texts[at], at + 1
        if is_odd[at] and not is_closed(record):
            span = range(at + 1, min(at + WIDEST_RECORD, len(texts)))
            closing = next((later for later in span if is_odd[later]), None)
            if closing is None and not is_last and len(texts) - at < WIDEST_RECORD:
                break
            if closing is not None and is_closed(joined := "\n".join(texts[at : closing + 1])):
                record, end = joined, closing + 1
        records.append(record)
        numbers.append(first + at)
        at = end
    return pa.array(records, pa.string()), pa.array(numbers, pa.int64()), len(texts) - at
