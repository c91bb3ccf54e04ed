"""Cells of a workbook that have no value: errors such as `#N/A`, and formulas that were never calculated.

The reader of workbooks returns them as empty cells, which other programs leave empty on purpose.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING
from xml.sax.saxutils import unescape

from shoplake.engine.ingest.formats.file_contents import open_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

BLOCK_BYTES = 1 << 20
LONGEST_ROW = 64 << 20
"""Bytes of a row in which gaps are looked for."""
TAG = r"(?:\w+:)?"
SIGN = re.compile(
    rf"""\bt\s*=\s*["']e["']|</{TAG}f>\s*<(?:/{TAG}c>|{TAG}v\s*/>|{TAG}v\s*></)|<{TAG}f\b[^<>]*/>\s*</""".encode()
)
"""What a part has that has gaps."""
CELL = re.compile(rf"<{TAG}c\s([^<>]*[^<>/]|)>(.*?)</{TAG}c>".encode(), re.DOTALL)
FORMULA = re.compile(rf"<{TAG}f\b[^<>]*?(?:/>|>(.*?)</{TAG}f>)".encode(), re.DOTALL)
VALUE = re.compile(rf"<{TAG}v\b[^<>]*>([^<]+)<".encode())
PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["']""")
TYPE = re.compile(rb"""\bt\s*=\s*["'](\w+)["']""")
SHEET = re.compile(rf"<{TAG}sheet\s[^<>]*>".encode())
RELATION = re.compile(rf"<{TAG}Relationship\s[^<>]*>".encode())
UNREADABLE = (ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What an archive raises that is none, or that is packed in a way that Python does not know."""
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def find_gaps(path: str, sheet: str, *, block_bytes: int = BLOCK_BYTES) -> dict[int, dict[int, str]]:
    """Return the cells of a sheet without a value, by row from 1 and column from 0: the error, or the formula.

    None are known of a workbook whose parts cannot be read one by one.
    """
    gaps: dict[int, dict[int, str]] = {}
    try:
        with open_bytes(path) as source, zipfile.ZipFile(source) as archive:
            name = _part_of(archive, sheet)
            if name not in archive.namelist():
                return {}
            with archive.open(name) as part:
                for row, column, text in (gap for rows in _rows(part, block_bytes) for gap in _gaps(rows)):
                    gaps.setdefault(row, {})[column] = text
    except UNREADABLE:
        return {}
    return gaps


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the part that a sheet is; empty where the workbook does not say it."""
    if not {WORKBOOK, RELATIONS} <= set(archive.namelist()):
        return ""
    sheets = {_attribute(tag, "name"): _attribute(tag, r"\w+:id") for tag in SHEET.findall(archive.read(WORKBOOK))}
    relations = RELATION.findall(archive.read(RELATIONS))
    targets = {_attribute(tag, "Id"): _attribute(tag, "Target") for tag in relations}
    target = targets.get(sheets.get(sheet, ""), "")
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _attribute(tag: bytes, name: str) -> str:
    found = re.search(rf"""\s{name}\s*=\s*("[^"]*"|'[^']*')""", tag.decode("utf-8", "replace"))
    return unescape(found[1][1:-1], {"&quot;": '"', "&apos;": "'"}) if found else ""


def _rows(part: IO[bytes], block_bytes: int) -> Iterator[bytes]:
    """Yield the bytes of a part in pieces of whole rows."""
    kept = b""
    while block := part.read(block_bytes):
        whole = kept + block
        last = whole.rfind(b"row>")
        if last < 0 and len(whole) < LONGEST_ROW:
            kept = whole
            continue
        end = last + len(b"row>") if last >= 0 else len(whole)
        yield whole[:end]
        kept = whole[end:]
    yield kept


def _gaps(rows: bytes) -> Iterator[tuple[int, int, str]]:
    if not SIGN.search(rows):
        return
    for attributes, content in CELL.findall(rows):
        place, kind = PLACE.search(attributes), TYPE.search(attributes)
        text = _missing_value(content, kind[1] if kind else b"n")
        if place is not None and text is not None:
            yield int(place[2]), _column(place[1]), text


def _missing_value(content: bytes, kind: bytes) -> str | None:
    """Return the error of a cell, or its formula if it has no value; None if it has one, or an empty text."""
    value, formula = VALUE.search(content), FORMULA.search(content)
    if kind == b"e":
        return _text(value[1]) if value else "#VALUE!"
    if formula is None or value is not None or kind == b"str" or b"<t" in content:
        return None
    return f"={_text(formula[1] or b'')}"


def _text(raw: bytes) -> str:
    return unescape(raw.decode("utf-8", "replace"), {"&quot;": '"', "&apos;": "'"})


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1
