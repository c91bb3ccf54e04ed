"""Records of Excel files, as CSV."""

from __future__ import annotations

import io
import itertools
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import python_calamine

from shoplake.engine.ingest.formats.csv_header import Header, csv_line
from shoplake.engine.ingest.formats.excel_size import check_size
from shoplake.engine.ingest.formats.file_contents import WORKBOOK_HEAD, is_workbook, open_bytes
from shoplake.engine.ingest.formats.raw_records import SHEET_NOT_FOUND, RawRecords

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from python_calamine import CalamineSheet, CalamineWorkbook

    from shoplake.declare import Stream

ROWS_PER_PART = 10_000
CELL_OUT_OF_RANGE = "cell_out_of_range"
"""The problem of a row whose values cannot be read."""

NO_WORKBOOK = 'text under the name of a workbook; declare its stream as "csv", with its delimiter and encoding'


def read_excel(path: str, stream: Stream) -> Iterator[RawRecords]:
    """Yield the rows of a sheet as CSV; a record's line is its row. Rows without a value are left out."""
    workbook = _open(path)
    try:
        sheet = _sheet(workbook, stream.sheet)
    except python_calamine.WorksheetNotFound:
        yield _part([(1, ",".join(workbook.sheet_names))], Header(None, SHEET_NOT_FOUND))
        return
    filled = [row for row in _filled_rows(sheet) if row[0] > stream.skip] if sheet is not None else []
    if not filled:
        return
    header = Header.of(filled[0][1] or "", stream)
    records = filled if header.is_record else filled[1:]
    for first in range(0, len(records), ROWS_PER_PART):
        yield _part(records[first : first + ROWS_PER_PART], header)


def check_workbook(path: str, sheet: str | None = None) -> None:
    """Raise ValueError if the file is no whole workbook, or is too large; `sheet` is the one that is read."""
    with open_bytes(path) as source:
        if not is_workbook(source.read(WORKBOOK_HEAD)):
            raise ValueError(NO_WORKBOOK)
        source.seek(0)
        check_size(source)
    try:
        _sheet(_open(path), sheet)
    except python_calamine.WorksheetNotFound:
        return
    except python_calamine.CalamineError as error:
        raise ValueError(str(error) or "no workbook") from error


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


def _sheet(workbook: CalamineWorkbook, name: str | None) -> CalamineSheet | None:
    """Return the sheet of a name, or the first that is no chart; None where all are."""
    if name is not None:
        return workbook.get_sheet_by_name(name)
    sheets = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet]
    return workbook.get_sheet_by_name(sheets[0]) if sheets else None


def _filled_rows(sheet: CalamineSheet) -> Iterator[tuple[int, str | None]]:
    """Yield the number and text of each row that has a value; no text for one with a cell that Python cannot have.

    Such a cell is a number that is shown as a duration, and is millions of years.
    """
    left = [""] * (sheet.start or (0, 0))[1]
    rows = sheet.iter_rows()
    for at in itertools.count(1):
        try:
            cells = [*left, *map(cell_text, next(rows))]
        except StopIteration:
            return
        except OverflowError:
            yield at, None
            continue
        if any(cells):
            yield at, csv_line(cells)


def _open(path: str) -> CalamineWorkbook:
    with open_bytes(path) as source:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.read()))


def _part(rows: Sequence[tuple[int, str | None]], header: Header) -> RawRecords:
    return RawRecords(
        pa.array([text or "" for _, text in rows], pa.string()),
        pa.array([at for at, _ in rows], pa.int64()),
        pa.repeat(pa.scalar(header.text, pa.string()), len(rows)),
        pa.array([_problem(text, header) for _, text in rows], pa.string()),
    )


def _problem(text: str | None, header: Header) -> str | None:
    return CELL_OUT_OF_RANGE if text is None else header.problem or header.problem_of(text)
