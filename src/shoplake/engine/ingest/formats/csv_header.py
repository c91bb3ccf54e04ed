"""Headers of CSV files and of sheets: the names of the columns, as a stream spells them."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from shoplake.engine.ingest.formats.line_reader import LONGEST_LINE
from shoplake.engine.ingest.formats.raw_records import (
    DELIMITER_DIFFERS,
    DUPLICATE_COLUMNS,
    ENCODING_DIFFERS,
    HEADER_MISSING,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from shoplake.declare import Stream

DELIMITERS = (",", ";", "\t", "|")
LONGEST_HEADER = 1 << 20
"""Characters; a longer first line is no header."""
GARBLED = ("not_utf8", "nul_byte")
"""Problems of a line that is no text."""
CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "Z": "\x1a"}
"""What letters stand for behind an escape, in texts of MySQL and PostgreSQL."""
UNSEEN = {ord(each): None for each in "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"} | {0xA0: " ", 0x202F: " "}
"""Characters in names that web pages and programs leave behind."""
PACKED = "PK\x03\x04"
"""What an archive or a workbook begins with, where it is named as if it were text."""

csv.field_size_limit(LONGEST_LINE)


@dataclass(frozen=True)
class Header:
    """The names of a file's columns as CSV; `problem` is why its records cannot be read.

    `is_record` if the first line is a record, because the file has no header. `duplicates` are the places of each
    field of the stream that several columns have the name of.
    """

    text: str | None
    problem: str | None = None
    is_record: bool = False
    duplicates: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, line: str, stream: Stream, problem: str | None = None) -> Header:
        """Return the header of a file that begins with `line`, which may have a problem of its own."""
        if not stream.header:
            return cls(csv_line(stream.fields), is_record=True)
        if len(line) > LONGEST_HEADER:
            return cls(None, HEADER_MISSING, is_record=True)
        if line.startswith(PACKED):
            return cls(None, ENCODING_DIFFERS, is_record=True)
        cells = split_cells(line, stream.delimiter, stream.quote, stream.escape)
        if cells is None:
            return cls(line)
        names = declared_names(cells, stream.fields) if stream.fields else cells
        if problem in GARBLED and not set(stream.fields) <= set(names):
            return cls(None, ENCODING_DIFFERS, is_record=True)
        if stream.fields and set(names).isdisjoint(stream.fields):
            return cls._unknown(line, stream)
        text = line if names == cells and not stream.is_rewritten else csv_line(names)
        return cls(text, duplicates=tuple(_places(names, name) for name in duplicate_names(names, stream.fields)))

    def problem_of(self, record: str) -> str | None:
        """Return `duplicate_columns` for a record, as CSV, that has different texts in the columns of one field."""
        cells = (self.duplicates and split_cells(record, ",", '"')) or []
        for places in self.duplicates:
            if len({cells[place].strip() for place in places if place < len(cells)}) > 1:
                return DUPLICATE_COLUMNS
        return None

    @classmethod
    def _unknown(cls, line: str, stream: Stream) -> Header:
        others = [split_cells(line, each, stream.quote) or [] for each in DELIMITERS if each != stream.delimiter]
        if any(not set(declared_names(cells, stream.fields)).isdisjoint(stream.fields) for cells in others):
            return cls(None, DELIMITER_DIFFERS)
        return cls(None, HEADER_MISSING, is_record=True)


def duplicate_names(names: Sequence[str], fields: Collection[str]) -> list[str]:
    """Return those of the fields, if none are declared of all, that several of the names in a header are."""
    return [name for name, count in Counter(names).items() if count > 1 and name in (fields or names) and name.strip()]


def _places(names: Sequence[str], name: str) -> tuple[int, ...]:
    return tuple(place for place, each in enumerate(names) if each == name)


def bare_name(cell: str) -> str:
    """Return a name without what nobody sees: spaces around, byte order marks, zero-width and no-break characters."""
    return cell.translate(UNSEEN).strip()


def declared_names(cells: Sequence[str], fields: Sequence[str]) -> list[str]:
    """Return the names in a header as `fields` spell them; case and what nobody sees do not matter."""
    spelled = {bare_name(field).casefold(): field for field in reversed(fields)}
    present = set(cells)

    def name(cell: str) -> str:
        field = spelled.get(bare_name(cell).casefold(), cell)
        return cell if cell in fields or field in present else field

    return [name(cell) for cell in cells]


def csv_line(cells: Sequence[str]) -> str:
    """Return cells as a line of CSV (RFC 4180) without its end."""
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().removesuffix("\r\n")


def split_cells(line: str, delimiter: str, quote: str, escape: str = "") -> list[str] | None:
    """Split a line into cells; None if its quotes do not pair."""
    if escape:
        return _split_escaped(line, delimiter, quote, escape)
    try:
        if not quote:
            return next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True), [])
        return next(csv.reader([line], delimiter=delimiter, quotechar=quote, strict=True), [])
    except csv.Error:
        return None


def _split_escaped(line: str, delimiter: str, quote: str, escape: str) -> list[str] | None:
    """Split a line in which characters are escaped; a cell that is the escape and N alone stays so."""
    cells, at, cell = [], 0, _escaped_cell(delimiter, quote, escape)
    escaped = re.compile(f"{re.escape(escape)}(.)" + (f"|{re.escape(quote * 2)}" if quote else ""), re.DOTALL)
    while (match := cell.match(line, at)) is not None:
        text = match["plain"] if match["plain"] is not None else match["quoted"]
        is_null = match["plain"] == f"{escape}N"
        cells.append(text if is_null else escaped.sub(lambda found: _unescaped(found, quote), text))
        at = match.end() + 1
        if match.end() == len(line):
            return cells
        if line[match.end()] != delimiter:
            return None
    return None


@cache
def _escaped_cell(delimiter: str, quote: str, escape: str) -> re.Pattern[str]:
    q, d, e = map(re.escape, (quote, delimiter, escape))
    quoted = (
        rf" *+{q}(?P<quoted>(?:[^{q}{e}]|{e}.|{q}{q})*+){q} *+(?={d}|\Z)|(?! *+{q})" if quote else "(?P<quoted>(?!))|"
    )
    return re.compile(rf"{quoted}(?P<plain>(?:[^{d}{e}]|{e}.)*+)", re.DOTALL)


def _unescaped(found: re.Match[str], quote: str) -> str:
    """Return what an escaped character, or a doubled quote, stands for; NUL is no text and stays escaped."""
    if found[1] is None:
        return quote
    return found[0] if found[1] == "0" else CONTROLS.get(found[1], found[1])
