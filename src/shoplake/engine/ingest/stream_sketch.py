"""The stream that a CSV file seems to need, as code for a feed kind: a proposal that a person checks."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import zipfile
import zlib
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from shoplake.declare.kinds.stream import ARCHIVE, COMPRESSIONS
from shoplake.engine.ingest.formats.csv_header import DELIMITERS
from shoplake.engine.ingest.formats.file_contents import MARKS, is_markup, open_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD_BYTES = 65_536
TABLES = (".csv", ".tsv", ".tab", ".txt", ".xls", ARCHIVE)
"""Endings of files that may be tables as text; programs name them .xls that spreadsheets may open them."""
NUMBERS_IN_NAME = re.compile(r"[0-9]+(?:[-_.T]*[0-9]+)*")
NULLS = ("NULL", "\\N")
"""What databases write for no value, and nobody else for one."""
BRACKET = re.compile(r"[][]")
"""What begins and ends a set of characters in a pattern."""
LETTER = re.compile(r"[^\W\d_]")


class Layout(NamedTuple):
    """How many rows of a text have as many cells as most, how many these are, and where the first of them is."""

    rows: int
    width: int
    delimiter: str
    skip: int
    names: list[str]
    nulls: list[str]


def sketch_stream(path: str, name: str) -> str | None:
    """Return a `Stream(…)` with the delimiter, encoding, header and fields that the head of a CSV file shows.

    `name` is the file's path in its feed's folder. None for what is no table of text with names in its first row.
    """
    if not name.removesuffix(".gz").removesuffix(".zst").casefold().endswith(TABLES):
        return None
    try:
        head = next((text.read(HEAD_BYTES) for text in open_texts(path)), b"")
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError):
        return None
    encoding = _encoding(head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head).removeprefix("\ufeff")
    if is_markup(text) or text.lstrip().startswith(("{", "[")) or "\x00" in text:
        return None
    layout = max(filter(None, (_layout(text, each) for each in DELIMITERS)), default=None)
    return _code(name, encoding, layout) if layout is not None else None


def _encoding(head: bytes) -> str:
    if head.startswith(MARKS["utf-16"]) or head.count(b"\0") > len(head) // 4:
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _layout(text: str, delimiter: str) -> Layout | None:
    """Return the layout of a text that is split at a delimiter; None where the first row of its width has no names."""
    rows = list(_rows(text, delimiter))
    widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
    if not widths:
        return None
    width, count = max(widths.items(), key=lambda each: (each[1], each[0]))
    filled = (row for row in rows if len(row[1]) == width and sum(map(bool, row[1])) > width // 2)
    skip, names = next(filled, (0, []))
    named = [name for name in names if name]
    if not named or not all(map(LETTER.search, named)):
        return None
    found = {cell for _, cells in rows for cell in cells}
    return Layout(count, width, delimiter, skip, named, [null for null in NULLS if null in found])


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row, and the number of lines above it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    above = 0
    try:
        for cells in reader:
            yield above, [cell.strip() for cell in cells]
            above = reader.line_num
    except csv.Error:
        return


def _code(name: str, encoding: str, layout: Layout) -> str:
    options = [_quoted(_pattern(name)), '"csv"', 'into="orders_raw"']
    if layout.delimiter != ",":
        options.append(f"delimiter={_quoted(layout.delimiter)}")
    if encoding != "utf-8":
        options.append(f"encoding={_quoted(encoding)}")
    if layout.skip:
        options.append(f"skip={layout.skip}")
    if layout.nulls:
        options.append(f"nulls=({', '.join(map(_quoted, layout.nulls))},)")
    names = [_quoted(name) for name in dict.fromkeys(layout.names)]
    fields = ", ".join(names) if len(names) > 1 else f"{names[0]},"
    return f"Stream({', '.join(options)}, fields=({fields}))"


def _pattern(name: str) -> str:
    """Return the pattern of files named as this one, with other numbers and dates."""
    path = PurePosixPath(name)
    if path.suffix in (*COMPRESSIONS, ARCHIVE) and PurePosixPath(path.stem).suffix:
        path = path.with_suffix("")
    return BRACKET.sub("?", str(path.with_name(NUMBERS_IN_NAME.sub("*", path.stem) + path.suffix)))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
