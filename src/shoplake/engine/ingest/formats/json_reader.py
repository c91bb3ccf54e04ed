"""Records of JSON files: one a line, or the elements of a document at a path."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from shoplake.engine.ingest.formats.file_contents import BLOCK_BYTES, BOM, is_markup, open_texts
from shoplake.engine.ingest.formats.json_head import has_page_ahead, has_records, is_record, may_be_document
from shoplake.engine.ingest.formats.json_path import PathNotFoundError, elements
from shoplake.engine.ingest.formats.line_reader import LineReader, Lines, line_problems
from shoplake.engine.ingest.formats.raw_records import (
    ENCODING_DIFFERS,
    JSON_DOCUMENT,
    MARKUP_DOCUMENT,
    NOT_JSON,
    PAGE_INCOMPLETE,
    PART_NOT_FOUND,
    PATH_NOT_FOUND,
    RawRecords,
)
from shoplake.engine.ingest.json_fields import sample_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.declare import Stream
    from shoplake.engine.ingest.formats.file_contents import Readable

DOCUMENT_BYTES = 64 << 20
"""A larger file is never read as one document while lines are expected."""
HEAD_BYTES = 4096
RECORDS_PER_PART = 10_000
DOCUMENT = "$"
"""The path of a whole document."""
SURROGATE = re.compile("[\ud800-\udfff]")
LINE_ENDS = re.compile(r"\s*[\r\n]\s*")


def read_json(path: str, stream: Stream, block_bytes: int = BLOCK_BYTES) -> Iterator[RawRecords]:
    """Yield the records of a JSON file; the first of each shape has its field names."""
    reader = LineReader(block_bytes=block_bytes)
    shapes: set[tuple[str, ...]] = set()
    for text in open_texts(path, stream.encoding, block_bytes):
        if stream.path is not None:
            content = text.read()
            if text.is_utf8_instead:
                yield _one_record(_decode(content), ENCODING_DIFFERS)
            else:
                yield from _read_document(content, stream.path, shapes)
            continue
        first, document = _read_head(text, stream)
        if document is not None and not text.is_utf8_instead:
            yield from _read_page(document, stream, shapes)
            continue
        problem = MARKUP_DOCUMENT if is_markup(first) else None
        for lines in reader.read(_Prefixed(first, text)):
            yield _with_fields(lines, shapes, ENCODING_DIFFERS if text.is_utf8_instead else problem)


def _read_document(content: bytes, path: str, shapes: set[tuple[str, ...]]) -> Iterator[RawRecords]:
    """Yield the records at `path` of a text, or the whole text as one record that has a problem."""
    text = _decode(content)
    try:
        records = _numbered(text, path)
    except (ValueError, IndexError) as error:
        other = MARKUP_DOCUMENT if is_markup(text) else NOT_JSON
        yield _one_record(text, PATH_NOT_FOUND if isinstance(error, PathNotFoundError) else other)
    else:
        yield from _parts(records, shapes)


def _read_page(text: str, declared: Stream, shapes: set[tuple[str, ...]]) -> Iterator[RawRecords]:
    """Yield the records of documents at the first page that they have, or the documents, or the text as a problem.

    Documents without a page are records where each is an object with a known field, as a body on several lines is.
    """
    problem = JSON_DOCUMENT
    for path in (*declared.pages, *([DOCUMENT] if declared.pages and declared.fields else [])):
        try:
            records = _numbered(text, path)
        except PathNotFoundError:
            continue
        except (ValueError, IndexError):
            problem = PAGE_INCOMPLETE
            continue
        if path != DOCUMENT or all(is_record(record, declared) for _, record, _ in records):
            yield from _parts(records, shapes)
            return
    yield _one_record(text, problem)


def _parts(records: list[tuple[int, str, str | None]], shapes: set[tuple[str, ...]]) -> Iterator[RawRecords]:
    for first in range(0, len(records), RECORDS_PER_PART):
        numbers, texts, problems = zip(*records[first : first + RECORDS_PER_PART], strict=True)
        garbled = [_printable(text) for text in texts if not _is_utf8(text)]
        values = pa.array(map(_printable, texts) if garbled else texts, pa.string())
        found = pc.coalesce(pa.array(problems, pa.string()), line_problems(values, garbled))
        part = _with_fields(Lines(pa.array(numbers, pa.int64()), values, found), shapes)
        is_whole = pa.array([problem is None for problem in problems])
        yield part._replace(headers=pc.if_else(is_whole, part.headers, pa.scalar(None, pa.string())))


def _decode(content: bytes) -> str:
    """Return a text in which bytes that are no UTF-8 are lone surrogates."""
    return content.removeprefix(BOM).decode("utf-8", "surrogateescape")


def _is_utf8(text: str) -> bool:
    return text.isascii() or SURROGATE.search(text) is None


def _printable(text: str) -> str:
    """Return a text with backslashes for bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _numbered(text: str, path: str) -> list[tuple[int, str, str | None]]:
    """Return the line that each record begins on, its text on one line, and its problem if it is part of none."""
    line, last, records = 1, 0, []
    for start, record, is_found in elements(text, path):
        line += text.count("\n", last, start)
        last = start
        records.append((line, LINE_ENDS.sub(" ", record), None if is_found else PART_NOT_FOUND))
    return records


def _read_head(stream: Readable, declared: Stream) -> tuple[bytes, str | None]:
    """Return the first bytes of a text, and the whole text where it is of documents and not a record a line."""
    first = bytes(stream.read(HEAD_BYTES))
    if not may_be_document(first.removeprefix(BOM).lstrip(), declared):
        return first, None
    content = first + _read_all(stream)
    document = _decode(content)
    try:
        value = json.loads(document, parse_int=str)
    except ValueError:
        return content, document if len(content) <= DOCUMENT_BYTES and has_page_ahead(document, declared) else None
    except RecursionError:
        return content, document if document.lstrip().startswith("[") and _is_readable(document, declared) else None
    is_line = "\n" not in document.strip() and isinstance(value, dict) and not has_records(value, declared)
    is_nothing = not value and not declared.pages
    return content, None if is_line or is_nothing or len(content) > DOCUMENT_BYTES else document


def _is_readable(document: str, declared: Stream) -> bool:
    """Whether a document that is nested too deeply for Python has records at one of the stream's pages."""
    for path in declared.pages:
        with suppress(ValueError, IndexError):
            return sum(1 for _ in elements(document, path)) > 0
    return False


def _read_all(stream: Readable) -> bytes:
    blocks, size = [], 0
    while size <= DOCUMENT_BYTES and (block := bytes(stream.read(BLOCK_BYTES))):
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)


class _Prefixed:
    """A stream of which the first bytes have been read."""

    def __init__(self, first: bytes, rest: Readable) -> None:
        self._first, self._rest = first, rest

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes; none at the end only."""
        block, self._first = (self._first[:size], self._first[size:]) if size >= 0 else (self._first, b"")
        return block or bytes(self._rest.read(size))


def _one_record(text: str, problem: str) -> RawRecords:
    names = pa.nulls(1, pa.string())
    if not _is_utf8(text):
        text, problem = _printable(text), "not_utf8"
    return RawRecords(pa.array([text]), pa.array([1], pa.int64()), names, pa.array([problem]))


def _with_fields(lines: Lines, shapes: set[tuple[str, ...]], problem: str | None = None) -> RawRecords:
    names, repeats = sample_fields(lines.texts, shapes)
    problems = pc.coalesce(pa.scalar(problem, pa.string()), lines.problems, repeats)
    return RawRecords(lines.texts, lines.numbers, names, problems)
