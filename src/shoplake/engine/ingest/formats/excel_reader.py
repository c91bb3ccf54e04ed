"""Records of Excel files, as CSV."""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import python_calamine

from shoplake.engine.ingest.formats.csv_reader import Header, csv_line
from shoplake.engine.ingest.formats.file_contents import open_bytes
from shoplake.engine.ingest.formats.raw_records import SHEET_NOT_FOUND, RawRecords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from python_calamine import CalamineWorkbook

    from shoplake.declare import Stream

ROWS_PER_PART = 10_000


def read_excel(path: str, stream: Stream) -> Iterator[RawRecords]:
    """Yield the rows of a sheet as CSV; a record's line is its row. Rows without a value are left out."""
    workbook = _open(path)
    try:
        sheet = workbook.get_sheet_by_name(stream.sheet) if stream.sheet else workbook.get_sheet_by_index(0)
    except python_calamine.WorksheetNotFound:
        yield _part([(1, ",".join(workbook.sheet_names))], Header(None, SHEET_NOT_FOUND))
        return
    rows = ((at, [cell_text(cell) for cell in row]) for at, row in enumerate(sheet.to_python(skip_empty_area=False), 1))
    filled = [(at, csv_line(cells)) for at, cells in rows if any(cells)]
    if not filled:
        return
    header = Header.of(filled[0][1], stream)
    records = filled if header.is_record else filled[1:]
    for first in range(0, len(records), ROWS_PER_PART):
        yield _part(records[first : first + ROWS_PER_PART], header)


def check_workbook(path: str) -> None:
    """Raise ValueError if the file is no whole workbook."""
    try:
        _open(path).get_sheet_by_index(0)
    except python_calamine.CalamineError as error:
        raise ValueError(str(error)) from error


def cell_text(value: Any) -> str:
    """Return a cell as text: whole numbers without a fraction, times in ISO 8601, empty cells as an empty text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else str(value)


def _open(path: str) -> CalamineWorkbook:
    with open_bytes(path) as source:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.read()))


def _part(rows: list[tuple[int, str]], header: Header) -> RawRecords:
    size = len(rows)
    return RawRecords(
        pa.array([text for _, text in rows], pa.string()),
        pa.array([at for at, _ in rows], pa.int64()),
        pa.repeat(pa.scalar(header.text, pa.string()), size),
        pa.repeat(pa.scalar(header.problem, pa.string()), size),
    )
