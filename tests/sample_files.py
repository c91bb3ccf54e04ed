"""Raw records of files, as the workers read them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import pyarrow as pa

from shoplake.declare import Stream
from shoplake.engine.ingest.formats.file_contents import BLOCK_BYTES
from shoplake.engine.ingest.record_reader import read_files, stream_to_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def read(file: Path, format: str = "json", block_bytes: int = BLOCK_BYTES, **options: Any) -> list[dict[str, Any]]:
    """Return the raw records of a file."""
    stream = stream_to_json(Stream("*", format, "marks_raw", **options))
    listed = pa.RecordBatch.from_pylist([{"feed": "shop", "path": str(file), "file": file.name, "stream": stream}])
    return [row for batch in read_files([listed], block_bytes=block_bytes) for row in batch.to_pylist()]


def lines(file: Path, format: str = "json", **options: Any) -> list[tuple[int, str]]:
    """Return the line and text of each record."""
    return [(row["line"], row["raw"]) for row in read(file, format, **options)]


def problems(file: Path, format: str = "json", **options: Any) -> dict[int, str]:
    """Return the problem of each record that has one, by line."""
    return {row["line"]: row["problem"] for row in read(file, format, **options) if row["problem"]}


OOXML = "http://schemas.openxmlformats.org"
MAIN = f'xmlns="{OOXML}/spreadsheetml/2006/main"'
REFERENCE = f'xmlns:r="{OOXML}/officeDocument/2006/relationships"'
PACKAGE = f'xmlns="{OOXML}/package/2006/relationships"'
DATE_STYLE = (
    f'<styleSheet {MAIN}><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/>'
    '<xf numFmtId="46" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


class Serial(float):
    """A date as Excel keeps it: days since the end of 1899."""


class Duration(float):
    """A duration as Excel keeps it, in days."""


def write_workbook(file: Path, **sheets: list[list[Any]]) -> Path:
    """Write an Excel file; a cell is a text, a number, a bool, a `Serial`, a `Duration` or None."""
    kind = f"{OOXML}/officeDocument/2006/relationships"
    names = list(sheets)
    listed = "".join(f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(names, 1))
    targets = "".join(
        f'<Relationship Id="r{at}" Type="{kind}/worksheet" Target="worksheets/s{at}.xml"/>'
        for at in range(1, len(names) + 1)
    )
    styles = f'<Relationship Id="style" Type="{kind}/styles" Target="styles.xml"/>'
    root = f'<Relationship Id="r1" Type="{kind}/officeDocument" Target="xl/workbook.xml"/>'
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", f"<Relationships {PACKAGE}>{root}</Relationships>")
        archive.writestr("xl/workbook.xml", f"<workbook {MAIN} {REFERENCE}><sheets>{listed}</sheets></workbook>")
        archive.writestr("xl/_rels/workbook.xml.rels", f"<Relationships {PACKAGE}>{targets}{styles}</Relationships>")
        archive.writestr("xl/styles.xml", DATE_STYLE)
        for at, rows in enumerate(sheets.values(), 1):
            cells = "".join(
                f'<row r="{n}">{"".join(map(_cell, row, _columns(n)))}</row>' for n, row in enumerate(rows, 1)
            )
            archive.writestr(
                f"xl/worksheets/s{at}.xml", f"<worksheet {MAIN}><sheetData>{cells}</sheetData></worksheet>"
            )
    return file


def change_part(file: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    """Change one part of an Excel file."""
    with zipfile.ZipFile(file) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, part in parts.items():
            archive.writestr(each, change(part) if each == name else part)


def _columns(row: int) -> list[str]:
    return [f"{letter}{row}" for letter in "ABCDEFGHIJ"]


def _cell(value: Any, place: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Serial | Duration):
        return f'<c r="{place}" s="{1 if isinstance(value, Serial) else 2}"><v>{float(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
