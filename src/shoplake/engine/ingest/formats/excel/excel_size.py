"""Whether a workbook fits into memory, found before it is read: a sheet is kept as the whole rectangle of its cells."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

MOST_CELLS = 1 << 25
"""Cells of a sheet's rectangle, 1 GiB: all rows that Excel has, and 32 columns."""
MOST_BYTES = 2 << 30
"""Bytes of a workbook's parts, unpacked."""
COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
"""What a file of the old format begins with, and one that has a password."""
OTHER_FORMATS = frozenset({"xl/workbook.bin", "content.xml"})
"""The parts that a binary workbook (.xlsb) and one of OpenDocument (.ods) have."""
BLOCK_BYTES = 1 << 20
FAR = re.compile(rb"\sr\s*=\s*[\"'](?:[A-Za-z]{2,}[0-9]|[A-Za-z]?[0-9]{7})")
"""A place right of column Z or below row 999,999. A sheet without one has less than `MOST_CELLS`."""
CELL = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br\s*=\s*[\"']([A-Za-z]+)([0-9]+)[\"'](?:[^<>]*[^<>/])?>\s*<(?!/)")
"""The column and row of a cell that has a value: one that has a style alone is no part of the rectangle."""
ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\br\s*=\s*[\"']()([0-9]+)[\"'][^<>]*>\s*<(?:\w+:)?c(?![^<>]*\sr\s*=)")
"""The number of a row whose first cell does not say its place."""


def check_size(source: BinaryIO, *, most_cells: int = MOST_CELLS, most_bytes: int = MOST_BYTES) -> None:
    """Raise ValueError for a workbook (.xlsx) of which a sheet, or all parts, would not fit into memory.

    So it does for one of another format, whose size cannot be told. Any other file is left to its reader.
    """
    start = source.read(len(COMPOUND_FILE))
    if not start:
        raise ValueError("the file is empty: no workbook")
    if start == COMPOUND_FILE:
        raise ValueError("a workbook of the old .xls format, or one with a password; save it as .xlsx without one")
    if not zipfile.is_zipfile(source):
        return
    with zipfile.ZipFile(source) as archive:
        if not OTHER_FORMATS.isdisjoint(archive.namelist()):
            raise ValueError("a workbook of another format than .xlsx; save it as .xlsx")
        size = sum(member.file_size for member in archive.infolist())
        if size > most_bytes:
            raise ValueError(f"{size:,} bytes when unpacked, more than {most_bytes:,}; save it as CSV")
        for member in archive.infolist():
            if _has_far_cell(archive, member):
                with archive.open(member) as part:
                    _check_rectangle(part, most_cells)


def _has_far_cell(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    with archive.open(member) as part:
        return any(FAR.search(block) for block in _blocks(part))


def _check_rectangle(part: IO[bytes], most_cells: int) -> None:
    rows = columns = 1
    for block in _blocks(part):
        for letters, digits in {*CELL.findall(block), *ROW.findall(block)}:
            rows, columns = max(rows, int(digits[:10])), max(columns, _column_number(letters))
        if rows * columns > most_cells:
            raise ValueError(f"a cell in row {rows:,} and one in column {columns:,}: a table too large for memory")


def _blocks(part: IO[bytes]) -> Iterator[bytes]:
    """Yield the blocks of a part, each with the tags that the one before may have cut."""
    kept = b""
    while block := part.read(BLOCK_BYTES):
        whole = kept + block
        yield whole
        last_tag = whole.rfind(b"<")
        kept = whole[max(whole.rfind(b"<", 0, max(last_tag, 0)), len(whole) - BLOCK_BYTES) :]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:7].upper():
        number = number * 26 + letter - 64
    return number
