"""Records of Excel files, as CSV."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import python_calamine

from shoplake.engine.ingest.formats.cell_values import convert_cells
from shoplake.engine.ingest.formats.csv_header import Header, csv_line, declared_names, split_cells
from shoplake.engine.ingest.formats.excel.excel_gaps import find_gaps
from shoplake.engine.ingest.formats.excel.excel_size import check_size
from shoplake.engine.ingest.formats.file_contents import WORKBOOK_HEAD, is_workbook, open_bytes
from shoplake.engine.ingest.formats.raw_records import SHEET_NOT_FOUND, SHEET_NOT_READ, RawRecords

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from python_calamine import CalamineSheet, CalamineWorkbook

    from shoplake.declare import Stream

ROWS_PER_PART = 10_000
CELL_OUT_OF_RANGE = "cell_out_of_range"
"""The problem of a row whose values cannot be read."""
CELL_HAS_NO_VALUE = "cell_has_no_value"
"""The problem of a row with an error, or a formula that was never calculated, in a column of a field."""

NO_GAPS: Mapping[int, Mapping[int, str]] = {}
NO_WORKBOOK = 'text under the name of a workbook; declare its stream as "csv", with its delimiter and encoding'


class Row(NamedTuple):
    """A row of a sheet as CSV, and why a cell does not fit its option; without a text where one cannot be read."""

    number: int
    text: str | None
    problem: str | None = None


def read_excel(path: str, stream: Stream) -> Iterator[RawRecords]:
    """Yield the rows of a sheet as CSV; a record's line is its row. Rows without a value are left out.

    Where `sheet` is a pattern, the rows of the sheets count on. Where it is not declared, the first sheet counts, and
    each other that has its columns is a record with a problem.
    """
    workbook = _open(path)
    names, first_row = _sheets(workbook, stream.sheet), 0
    if stream.sheet is not None and not names:
        yield _part([Row(1, ",".join(workbook.sheet_names))], Header(None, SHEET_NOT_FOUND))
    header: Header | None = None
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        rows = _filled_rows(sheet, stream, find_gaps(path, name))
        filled = [row._replace(number=row.number + first_row) for row in rows]
        if not filled:
            continue
        first_row = filled[-1].number
        header = Header.of(filled[0].text or "", stream)
        records = filled if header.is_record else filled[1:]
        for first in range(0, len(records), ROWS_PER_PART):
            yield _part(records[first : first + ROWS_PER_PART], header)
    if stream.sheet is None and stream.header and header is not None and not header.problem:
        alike = [Row(1, name) for name in _worksheets(workbook)[1:] if _has_columns(workbook, name, header, stream)]
        if alike:
            yield _part(alike, Header(None, SHEET_NOT_READ))


def _has_columns(workbook: CalamineWorkbook, name: str, header: Header, stream: Stream) -> bool:
    """Whether a sheet has rows below a header with those of the stream's fields that another header has."""
    known = split_cells(header.text or "", ",", '"') or []
    wanted = set(known) & set(stream.fields) if stream.fields else set(known)
    try:
        rows = list(itertools.islice(_filled_rows(workbook.get_sheet_by_name(name), stream), 2))
    except python_calamine.CalamineError:
        return False
    cells = split_cells(rows[0].text or "", ",", '"') if len(rows) > 1 else []
    return bool(wanted) and wanted <= set(declared_names(cells or [], stream.fields))


def check_workbook(path: str, sheet: str | None = None) -> None:
    """Raise ValueError if the file is no whole workbook, or is too large; `sheet` is the one that is read."""
    with open_bytes(path) as source:
        if not is_workbook(source.read(WORKBOOK_HEAD)):
            raise ValueError(NO_WORKBOOK)
        source.seek(0)
        check_size(source)
    try:
        workbook = _open(path)
        for name in _sheets(workbook, sheet):
            workbook.get_sheet_by_name(name)
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


def _worksheets(workbook: CalamineWorkbook) -> list[str]:
    """Return the names of the sheets that are no charts."""
    kind = python_calamine.SheetTypeEnum.WorkSheet
    return [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == kind]


def _sheets(workbook: CalamineWorkbook, name: str | None) -> list[str]:
    """Return the names of the sheets to read: that of the name, those of a pattern with `*`, or the first."""
    if name is None:
        return _worksheets(workbook)[:1]
    if name in workbook.sheet_names:
        return [name]
    return [each for each in _worksheets(workbook) if "*" in name and fnmatchcase(each, name)]


def _filled_rows(
    sheet: CalamineSheet, stream: Stream, gaps: Mapping[int, Mapping[int, str]] = NO_GAPS
) -> Iterator[Row]:
    """Yield the rows that have a value, below those to skip; `gaps` are cells without one, by row and column."""
    names: Sequence[str] | None = None if stream.header else stream.fields
    for at, values in _values(sheet):
        if at <= stream.skip:
            continue
        if values is None:
            yield Row(at, None, CELL_OUT_OF_RANGE)
            continue
        missing, problem, texts = gaps.get(at, {}), None, [*map(cell_text, values)]
        if not any(texts):
            continue
        cells = [missing.get(place, text) for place, text in enumerate(texts)]
        if names is None:
            names = declared_names(cells, stream.fields)
        elif stream.has_conversions:
            is_text = [isinstance(value, str) and place not in missing for place, value in enumerate(values)]
            cells, problem = convert_cells(cells, names, stream, is_text)
        if any(_is_read(names, place, stream) for place in missing):
            problem = CELL_HAS_NO_VALUE
        yield Row(at, csv_line(cells), problem)


def _values(sheet: CalamineSheet) -> Iterator[tuple[int, list[Any] | None]]:
    """Yield the values of each row of a sheet, from the first column on, by its number from 1.

    None for a row with a cell that Python cannot have: a number that is shown as a duration, and is millions of years.
    """
    left = [""] * (sheet.start or (0, 0))[1]
    rows = sheet.iter_rows()
    for at in itertools.count(1):
        try:
            yield at, [*left, *next(rows)]
        except StopIteration:
            return
        except OverflowError:
            yield at, None


def _is_read(names: Sequence[str], place: int, stream: Stream) -> bool:
    """Whether a column is a field of the stream, if none are declared any with a name."""
    name = names[place] if place < len(names) else ""
    return name in stream.fields if stream.fields else bool(name.strip())


def _open(path: str) -> CalamineWorkbook:
    with open_bytes(path) as source:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.read()))


def _part(rows: Sequence[Row], header: Header) -> RawRecords:
    return RawRecords(
        pa.array([row.text or "" for row in rows], pa.string()),
        pa.array([row.number for row in rows], pa.int64()),
        pa.repeat(pa.scalar(header.text, pa.string()), len(rows)),
        pa.array([_problem(row, header) for row in rows], pa.string()),
    )


def _problem(row: Row, header: Header) -> str | None:
    if row.text is None:
        return row.problem
    return header.problem or row.problem or header.problem_of(row.text)
