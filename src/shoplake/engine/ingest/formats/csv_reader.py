"""Records of CSV files of any dialect, as CSV with commas and double quotes."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from shoplake.engine.ingest.formats.file_contents import BLOCK_BYTES, BOM, open_texts
from shoplake.engine.ingest.formats.line_reader import LONGEST_LINE, LineReader, Lines
from shoplake.engine.ingest.formats.raw_records import DELIMITER_DIFFERS, ENCODING_DIFFERS, HEADER_MISSING, RawRecords

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shoplake.declare import Stream

DELIMITERS = (",", ";", "\t", "|")
NUMBERS = {
    decimal: re.compile(
        rf"([0-9]{{1,3}}([ '\u00a0\u202f{other}])[0-9]{{3}}(?:\2[0-9]{{3}})*|[0-9]+)([{decimal}][0-9]+)?"
    )
    for decimal, other in ((".", ","), (",", "."))
}
"""By decimal separator: a number without a sign, with thousands in groups and a fraction."""
LONGEST_HEADER = 1 << 20
"""Characters; a longer first line is no header."""
HEADERS_LENGTH = 64 << 20
"""Characters of all headers of a part: each record has one."""
GARBLED = ("not_utf8", "nul_byte")
"""Problems of a line that is no text."""
PACKED = "PK\x03\x04"
"""What an archive or a workbook begins with, where it is named as if it were text."""
MARK = BOM.decode()
"""The byte order mark that a text within a text begins with."""
TIME_DIRECTIVES = re.compile(r"%[HIMSfpXcsT]")

csv.field_size_limit(LONGEST_LINE)


def read_csv(path: str, stream: Stream, block_bytes: int = BLOCK_BYTES) -> Iterator[RawRecords]:
    """Yield the records of a CSV file, each with the header of its text.

    The header again, as in files that were put together, is no record.
    """
    reader = LineReader(stream.quote, block_bytes)
    for text in open_texts(path, stream.encoding, block_bytes):
        header: Header | None = None
        repeated: pa.Array | None = None
        first = reader.next_line + stream.skip
        for lines in reader.read(text):
            lines = _from_line(lines, first) if stream.skip else lines
            if header is None and len(lines.texts):
                header = Header.of(lines.texts[0].as_py(), stream, lines.problems[0].as_py())
                repeated = None if header.is_record else lines.texts[:1]
            if repeated is not None:
                lines = _without(lines, repeated)
            for part in _parts(lines, len((header and header.text) or "")):
                yield _records(part, header, stream)


@dataclass(frozen=True)
class Header:
    """The names of a file's columns as CSV; `problem` is why its records cannot be read.

    `is_record` if the first line is a record, because the file has no header.
    """

    text: str | None
    problem: str | None = None
    is_record: bool = False

    @classmethod
    def of(cls, line: str, stream: Stream, problem: str | None = None) -> Header:
        """Return the header of a file that begins with `line`, which may have a problem of its own."""
        if not stream.header:
            return cls(csv_line(stream.fields), is_record=True)
        if len(line) > LONGEST_HEADER:
            return cls(None, HEADER_MISSING, is_record=True)
        if line.startswith(PACKED):
            return cls(None, ENCODING_DIFFERS, is_record=True)
        cells = _cells(line, stream.delimiter, stream.quote)
        if cells is None or not stream.fields:
            return cls(line if cells is None or not stream.is_rewritten else csv_line(cells))
        names = declared_names(cells, stream.fields)
        if set(names).isdisjoint(stream.fields):
            return cls(None, ENCODING_DIFFERS, is_record=True) if problem in GARBLED else cls._unknown(line, stream)
        return cls(line if names == cells and not stream.is_rewritten else csv_line(names))

    @classmethod
    def _unknown(cls, line: str, stream: Stream) -> Header:
        others = [_cells(line, each, stream.quote) or [] for each in DELIMITERS if each != stream.delimiter]
        if any(not set(declared_names(cells, stream.fields)).isdisjoint(stream.fields) for cells in others):
            return cls(None, DELIMITER_DIFFERS)
        return cls(None, HEADER_MISSING, is_record=True)


def declared_names(cells: Sequence[str], fields: Sequence[str]) -> list[str]:
    """Return the names in a header as `fields` spell them; case and spaces around do not matter."""
    spelled = {field.strip().casefold(): field for field in reversed(fields)}
    present = set(cells)

    def name(cell: str) -> str:
        field = spelled.get(cell.strip().casefold(), cell)
        return cell if cell in fields or field in present else field

    return [name(cell) for cell in cells]


def csv_line(cells: Sequence[str]) -> str:
    """Return cells as a line of CSV (RFC 4180) without its end."""
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().removesuffix("\r\n")


def plain_number(cell: str, decimal: str, symbol: str = "") -> str | None:
    """Return a number with a point and without groups of thousands; None if `cell` is none of that decimal separator.

    It may have the currency symbol `symbol` before or after it, once.

    >>> plain_number("1.234,50", ",")
    '1234.50'
    """
    sign, text = _split_sign(cell.strip())
    if symbol:
        text = (text.removeprefix(symbol) if text.startswith(symbol) else text.removesuffix(symbol)).strip()
        sign, text = (sign, text) if sign else _split_sign(text)
    match = NUMBERS[decimal].fullmatch(text)
    if match is None:
        return None
    whole = match[1].replace(match[2], "") if match[2] else match[1]
    return sign + whole + (match[3] or "").replace(",", ".")


def _split_sign(text: str) -> tuple[str, str]:
    """Split a text into a sign, which may be empty, and the rest."""
    return (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)


def iso_time(cell: str, format: str) -> str | None:
    """Return a date or time of a `strptime` format in ISO 8601; None if it does not fit."""
    try:
        at = datetime.strptime(cell.strip(), format)
    except ValueError:
        return None
    return at.isoformat() if TIME_DIRECTIVES.search(format) else at.date().isoformat()


def _from_line(lines: Lines, first: int) -> Lines:
    """Return the records that begin on that line or later."""
    is_record = pc.greater_equal(lines.numbers, first)
    return Lines(*(column.filter(is_record) for column in lines))


def _without(lines: Lines, header: pa.Array) -> Lines:
    """Return the lines that are not the header, with or without a byte order mark."""
    headers = pa.concat_arrays([header, pc.binary_join_element_wise(MARK, header, "")])
    is_record = pc.invert(pc.is_in(lines.texts, value_set=headers))
    return Lines(*(column.filter(is_record) for column in lines))


def _parts(lines: Lines, header_length: int) -> Iterator[Lines]:
    """Yield lines, as many at a time as fit into memory with a header each."""
    size = max(1, HEADERS_LENGTH // max(1, header_length))
    for first in range(0, max(1, len(lines.texts)), size):
        yield Lines(*(column[first : first + size] for column in lines))


def _records(lines: Lines, header: Header | None, stream: Stream) -> RawRecords:
    texts, problems = lines.texts, lines.problems
    if header is None:
        return RawRecords(texts, lines.numbers, pa.nulls(len(texts), pa.string()), problems)
    if header.problem == ENCODING_DIFFERS:
        problems = pa.repeat(pa.scalar(ENCODING_DIFFERS), len(texts))
    elif header.problem:
        problems = pc.coalesce(problems, pa.scalar(header.problem))
    elif stream.is_rewritten:
        texts, problems = _rewrite(lines, _cells(header.text or "", ",", '"') or [], stream)
    return RawRecords(texts, lines.numbers, pa.repeat(pa.scalar(header.text, pa.string()), len(texts)), problems)


def _rewrite(lines: Lines, names: Sequence[str], stream: Stream) -> tuple[pa.Array, pa.Array]:
    """Write each record as CSV with commas; one that cannot be split into cells stays as it is."""
    texts, problems = lines.texts.to_pylist(), lines.problems.to_pylist()
    for at, text in enumerate(texts):
        cells = _cells(text, stream.delimiter, stream.quote)
        if problems[at] is None and cells is not None:
            cells, problems[at] = _convert(cells, names, stream)
            texts[at] = csv_line(cells)
        elif cells is None:
            problems[at] = problems[at] or "quotes_pair"
    return pa.array(texts, pa.string()), pa.array(problems, pa.string())


def _convert(cells: list[str], names: Sequence[str], stream: Stream) -> tuple[list[str], str | None]:
    """Return the cells with plain numbers and times; one that does not fit stays, and the first is the problem."""
    converted, problem = list(cells), None
    for at, (name, cell) in enumerate(zip(names, cells, strict=False)):
        if not cell.strip():
            continue
        plain: str | None = cell
        if name in stream.numbers:
            plain = plain_number(cell, stream.decimal, stream.currency_symbol)
        elif name in stream.dates:
            plain = iso_time(cell, stream.dates[name])
        if plain is None:
            problem = problem or f"{name}_fits_type"
        else:
            converted[at] = plain
    return converted, problem


def _cells(line: str, delimiter: str, quote: str) -> list[str] | None:
    """Split a line into cells; None if its quotes do not pair."""
    try:
        if not quote:
            return next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True), [])
        return next(csv.reader([line], delimiter=delimiter, quotechar=quote, strict=True), [])
    except csv.Error:
        return None
