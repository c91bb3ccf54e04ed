"""One Excel workbook with a sheet per table, and the sheets `_shoplake` and `_shoplake_columns`."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from shoplake.serve.errors import ExportError
from shoplake.serve.export.cells import flatten_batch
from shoplake.serve.export.destinations.atomic import part_path, publish, remove, remove_leftovers
from shoplake.serve.export.destinations.destination import WrittenRows
from shoplake.serve.export.extra import import_extra

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from shoplake.serve.export.manifest import Manifest
    from shoplake.serve.export.table_rows import TableRows

MAX_ROWS = 1_048_575
"""Rows of a sheet below its header, a limit of Excel."""
MAX_TEXT = 32_767
"""Characters of a cell, a limit of Excel."""
MAX_NAME = 31
"""Characters of a sheet's name, a limit of Excel."""
MAX_DIGITS = 15
"""Digits of a number that a cell keeps exactly; longer ones are text."""
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
}
PROPERTY = "shoplake"
"""The custom property that tells a workbook of an export from others."""


class XlsxDestination:
    """A workbook that the export replaces whole. A sheet holds at most `max_rows` rows."""

    format = "xlsx"

    def __init__(self, file: Path, max_rows: int = MAX_ROWS) -> None:
        self.label = str(file)
        self._file, self._max_rows = file.resolve(), max_rows
        self._part = part_path(self._file)
        self._book: Any = None
        self._formats: dict[type, Any] = {}
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        xlsxwriter = import_extra("xlsxwriter", "An export to Excel")
        if self._file.exists() and not _is_export(self._file):
            raise ExportError(
                f"'{self.label}' exists, and no export wrote it. Name a new file: an export replaces its file whole."
            )
        remove_leftovers(self._file)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._book = xlsxwriter.Workbook(str(self._part), OPTIONS)
        self._book.set_custom_property(PROPERTY, "export")
        self._formats = {
            date: self._book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        return self

    def __exit__(self, *_: object) -> None:
        remove(self._part)

    def write(self, rows: TableRows) -> WrittenRows:
        """Write the sheet of one table."""
        return self._write_sheet(rows.table.name, rows.schema, rows.read())

    def publish(self, manifest: Manifest) -> list[str]:
        """Put the workbook in its place."""
        for name, table in manifest.described_by():
            self._write_sheet(name, table.schema, table.to_batches())
        self._book.close()
        publish(self._part, self._file)
        return []

    def _write_sheet(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> WrittenRows:
        sheet = self._book.add_worksheet(self._sheet_name(name))
        sheet.freeze_panes(1, 0)
        for at, field in enumerate(schema):
            sheet.write_string(0, at, field.name)
        count = 0
        for batch in batches:
            for values in zip(*(column.to_pylist() for column in flatten_batch(batch).columns), strict=True):
                if count == self._max_rows:
                    return WrittenRows(count, is_truncated=True)
                count += 1
                for at, value in enumerate(values):
                    self._write_cell(sheet, count, at, value)
        return WrittenRows(count)

    def _write_cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        """Write one value: text never as a formula or link, times in UTC, numbers that Excel would round as text."""
        match value:
            case None:
                return
            case bool():
                sheet.write_boolean(row, column, value)
            case int() | float() | Decimal() if _is_exact(value):
                sheet.write_number(row, column, value)
            case datetime():
                utc = value.astimezone(UTC).replace(tzinfo=None)
                sheet.write_datetime(row, column, utc, self._formats[datetime])
            case date():
                sheet.write_datetime(row, column, value, self._formats[date])
            case _:
                sheet.write_string(row, column, str(value)[:MAX_TEXT])

    def _sheet_name(self, name: str) -> str:
        """Return a name that Excel accepts and that no other sheet has, however it is capitalised."""
        short = name[:MAX_NAME]
        for number in range(2, 1000):
            if short.lower() not in self._names:
                break
            short = f"{name[: MAX_NAME - len(f'~{number}')]}~{number}"
        self._names.add(short.lower())
        return short


def _is_exact(number: float | Decimal) -> bool:
    """Whether a cell keeps the number as it is."""
    return isinstance(number, float) or len(Decimal(number).normalize().as_tuple().digits) <= MAX_DIGITS


def _is_export(file: Path) -> bool:
    """Whether an export wrote the workbook."""
    try:
        with zipfile.ZipFile(file) as book:
            return f'name="{PROPERTY}"'.encode() in book.read("docProps/custom.xml")
    except (zipfile.BadZipFile, KeyError, OSError):
        return False
