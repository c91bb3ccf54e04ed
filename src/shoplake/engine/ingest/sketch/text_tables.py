"""The stream that a text with delimiters seems to need."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from shoplake.engine.ingest.formats.csv_header import DELIMITERS, bare_name
from shoplake.engine.ingest.formats.file_contents import MARKS, is_markup, open_texts
from shoplake.engine.ingest.sketch.cell_types import are_typed
from shoplake.engine.ingest.sketch.stream_code import StreamSketch, as_tuple, pattern_of, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HEAD_BYTES = 65_536
FIRST_ROWS = 2
"""Full rows of which one is the header: above it stands at most what a format says of itself, as in files of DATEV."""
NULLS = ("NULL", "\\N")
"""What databases write for no value, and nobody else for one."""
DASHES = ("-", "--", "\u2013", "\u2014", "N/A", "n/a", "#N/A")
"""What reports write for no value."""
FORMULA = re.compile('="[^"]*"')
"""A text as some programs write it, that a spreadsheet may keep its zeros."""
ESCAPED = re.compile(r'(?<!\\)\\(?:"|\r?\n)')
GUESSED = "cp1252"
"""The encoding of texts that are no UTF-8, in most of Europe and America."""
WORD = re.compile(r"[^\s,;|\"']{2,20}")
LETTER = re.compile(r"[^\W\d_]")
SIGNS = re.compile(r"[^\w\s]+")
"""A name of a column without a letter, such as # or %."""
UNREADABLE = (OSError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What a file that is not what its name says may raise."""


class Layout(NamedTuple):
    """How many rows of a text have as many cells as most, how many these are, and where the first of them is."""

    rows: int
    width: int
    delimiter: str
    skip: int
    names: list[str]
    nulls: list[str]
    columns: dict[str, list[str]]


def sketch_table(path: str, name: str) -> StreamSketch | None:
    """Return the stream of a text with names in its first full row; None for what is no such text."""
    head = read_head(path, HEAD_BYTES)
    encoding = _encoding(head)
    text = decode_head(head, encoding)
    if is_markup(text) or text.lstrip().startswith(("{", "[")) or "\x00" in text:
        return None
    if len(head) >= HEAD_BYTES:
        text = text[: text.rfind("\n") + 1]
    layout = max(filter(None, (_layout(text, each) for each in DELIMITERS)), key=lambda each: each[:2], default=None)
    if layout is None:
        return None
    options = [f"delimiter={quoted(layout.delimiter)}"] if layout.delimiter != "," else []
    options += [f"encoding={quoted(encoding)}"] if encoding != "utf-8" else []
    options += [f"skip={layout.skip}"] if layout.skip else []
    options += [f"nulls={as_tuple(layout.nulls)}"] if layout.nulls else []
    hints = ['escape="\\\\" if backslashes stand before quotes and line ends'] if ESCAPED.search(text) else []
    hints += _letters_hint(text) if encoding == GUESSED else []
    hints += _formula_hints(layout.columns)
    names = tuple(layout.columns)
    return StreamSketch(pattern_of(name), "csv", names, tuple(options), columns=layout.columns, hints=tuple(hints))


def read_head(path: str, size: int) -> bytes:
    """Return the first bytes of a text, or of the first text of an archive; none of a file that cannot be read."""
    try:
        with_texts = open_texts(path)
        return next((text.read(size) for text in with_texts), b"")
    except UNREADABLE:
        return b""


def find_header(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, int, int, list[str]] | None:
    """Return how many rows have the most usual width, the width, what is above the header, and its cells.

    The header is the first of the first full rows whose cells are names; None if there is none. A full row has cells in
    most of the columns that any row has. A row is what is above it, and its cells.
    """
    widths = Counter(len(cells) for _, cells in rows if len(cells) > 1)
    if not widths:
        return None
    width, count = max(widths.items(), key=lambda each: (each[1], each[0]))
    wide = [row for row in rows if len(row[1]) == width]
    used = sum(map(any, zip(*(cells for _, cells in wide), strict=True)))
    full = [row for row in wide if sum(map(bool, row[1])) > used // 2]
    for above, cells in full[:FIRST_ROWS]:
        names = [*map(bare_name, cells)]
        named = [name for name in names if name]
        if any(map(LETTER.search, named)) and all(map(_is_name, named)):
            return count, width, above, names
    return None


def _is_name(cell: str) -> bool:
    """Whether a cell may name a column: it has a letter or is a sign, and is no row of a table with tabs."""
    return "\t" not in cell and bool(LETTER.search(cell) or SIGNS.fullmatch(cell))


def cells_by_name(
    rows: Sequence[tuple[int, list[str]]], above: int, names: Sequence[str], nulls: Sequence[str]
) -> dict[str, list[str]]:
    """Return the cells below a header that are no nulls, by its names, of rows that fit it."""
    columns: dict[str, list[str]] = {name: [] for name in names if name}
    for at, cells in rows:
        if at > above and len(cells) == len(names) and cells != names:
            for name, cell in zip(names, cells, strict=True):
                if name and cell not in nulls:
                    columns[name].append(cell)
    return columns


def find_utf16(head: bytes) -> str | None:
    """Return `utf-16`, or `utf-16-be`, if the first bytes of a text are that: by their mark, or the places of zeros.

    A stream of `utf-16` reads text without a mark as little-endian.
    """
    if head.startswith(MARKS["utf-16"]):
        return "utf-16"
    if head.count(b"\0") <= len(head) // 4:
        return None
    return "utf-16-be" if head[::2].count(b"\0") > head[1::2].count(b"\0") else "utf-16"


def decode_head(head: bytes, encoding: str) -> str:
    """Return the first bytes of a text as one, as a stream with this encoding reads them, without a mark."""
    is_marked = encoding != "utf-16" or head.startswith(MARKS[encoding])
    name = encoding if is_marked else "utf-16-le"
    return codecs.getincrementaldecoder(name)("replace").decode(head).removeprefix("\ufeff")


def _encoding(head: bytes) -> str:
    if (found := find_utf16(head)) is not None:
        return found
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return GUESSED
    return "utf-8"


def _letters_hint(text: str) -> list[str]:
    """Return words by which a person sees whether a guessed encoding is the right one; nothing if there are none."""
    words = list(dict.fromkeys(word for word in WORD.findall(text) if not word.isascii()))[:3]
    read = ", ".join(map(quoted, words))
    return [f"{GUESSED} reads {read}: if that is wrong, name another encoding"] if words else []


def _formula_hints(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return how a mapping reads the columns that have texts as formulas."""
    found = {name: next(filter(FORMULA.fullmatch, cells), "") for name, cells in columns.items()}
    return [
        f'{quoted(name)} has texts as {cell}: F.regexp_replace({quoted(name)}, \'^="|"$\', "") in the mapping'
        for name, cell in found.items()
        if cell
    ]


def _layout(text: str, delimiter: str) -> Layout | None:
    """Return the layout of a text that is split at a delimiter; None where the first row of its width has no names."""
    rows = list(_rows(text, delimiter))
    header = find_header(rows)
    if header is None:
        return None
    count, width, above, names = header
    nulls = _nulls(rows, above, names)
    return Layout(count, width, delimiter, above, names, nulls, cells_by_name(rows, above, names, nulls))


def _nulls(rows: Sequence[tuple[int, list[str]]], above: int, names: Sequence[str]) -> list[str]:
    """Return the cells that stand for no value: those of databases, and dashes among numbers or times."""
    found = {cell for _, cells in rows for cell in cells}
    nulls = [null for null in NULLS if null in found]
    for dash in filter(found.__contains__, DASHES):
        columns = cells_by_name(rows, above, names, nulls).items()
        others = [[cell for cell in cells if cell != dash] for _, cells in columns if dash in cells]
        nulls += [dash] if any(map(are_typed, others)) else []
    return nulls


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
