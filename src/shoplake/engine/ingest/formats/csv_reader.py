"""Records of CSV files of any dialect, as CSV with commas and double quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from shoplake.engine.ingest.formats.cell_values import convert_cells
from shoplake.engine.ingest.formats.csv_header import Header, csv_line, split_cells
from shoplake.engine.ingest.formats.file_contents import BLOCK_BYTES, BOM, is_markup, open_texts
from shoplake.engine.ingest.formats.line_reader import LineReader, Lines
from shoplake.engine.ingest.formats.raw_records import ENCODING_DIFFERS, MARKUP_DOCUMENT, RawRecords

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shoplake.declare import Stream
    from shoplake.engine.ingest.formats.file_contents import TextStream

HEADERS_LENGTH = 64 << 20
"""Characters of all headers of a part: each record has one."""
MARK = BOM.decode()
"""The byte order mark that a text within a text begins with."""


def read_csv(path: str, stream: Stream, block_bytes: int = BLOCK_BYTES) -> Iterator[RawRecords]:
    """Yield the records of a CSV file, each with the header of its text.

    The header again, as in files that were put together, is no record.
    """
    reader = LineReader(stream.quote, stream.delimiter, block_bytes, escape=stream.escape)
    for text in open_texts(path, stream.encoding, block_bytes):
        header: Header | None = None
        repeated: pa.Array | None = None
        first = reader.next_line + stream.skip
        for lines in reader.read(text):
            problem = _text_problem(text, lines, is_first=header is None and stream.header)
            if problem is not None:
                header, repeated = Header(None, problem, is_record=True), None
            elif stream.skip:
                lines = _from_line(lines, first)
            if header is None and len(lines.texts):
                header = Header.of(lines.texts[0].as_py(), stream, lines.problems[0].as_py())
                repeated = None if header.is_record else lines.texts[:1]
            if repeated is not None:
                lines = _without(lines, repeated)
            for part in _parts(lines, len((header and header.text) or "")):
                yield _records(part, header, stream)


def _text_problem(text: TextStream, lines: Lines, *, is_first: bool) -> str | None:
    """Return why no record of a text can be read, as far as it was read, None where they can."""
    if text.is_utf8_instead:
        return ENCODING_DIFFERS
    return MARKUP_DOCUMENT if is_first and len(lines.texts) and is_markup(lines.texts[0].as_py()) else None


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
    if header.problem in (ENCODING_DIFFERS, MARKUP_DOCUMENT):
        problems = pa.repeat(pa.scalar(header.problem), len(texts))
    elif header.problem:
        problems = pc.coalesce(problems, pa.scalar(header.problem))
    elif stream.is_rewritten:
        texts, problems = _rewrite(lines, split_cells(header.text or "", ",", '"') or [], stream)
    if header.duplicates:
        found = pa.array([header.problem_of(text) for text in texts.to_pylist()], pa.string())
        problems = pc.coalesce(problems, found)
    return RawRecords(texts, lines.numbers, pa.repeat(pa.scalar(header.text, pa.string()), len(texts)), problems)


def _rewrite(lines: Lines, names: Sequence[str], stream: Stream) -> tuple[pa.Array, pa.Array]:
    """Write each record as CSV with commas; one that cannot be split into cells stays as it is."""
    texts, problems = lines.texts.to_pylist(), lines.problems.to_pylist()
    for at, text in enumerate(texts):
        cells = split_cells(text, stream.delimiter, stream.quote, stream.escape)
        if problems[at] is None and cells is not None:
            cells, problems[at] = convert_cells(cells, names, stream)
            texts[at] = csv_line(cells)
        elif cells is None:
            problems[at] = problems[at] or "quotes_pair"
    return pa.array(texts, pa.string()), pa.array(problems, pa.string())
