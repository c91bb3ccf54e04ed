"""The streams that the sheets of a workbook seem to need."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, NamedTuple

import python_calamine

from shoplake.engine.ingest.formats.excel.excel_reader import cell_text, check_workbook
from shoplake.engine.ingest.formats.file_contents import open_bytes
from shoplake.engine.ingest.sketch.stream_code import StreamSketch, pattern_of, quoted
from shoplake.engine.ingest.sketch.text_tables import find_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_ROWS = 200
"""Rows of a sheet that are looked at."""
WILDCARDS = "*?["


class Sheet(NamedTuple):
    """A sheet with a header: its name, the rows above it, and the texts of the cells below, by field."""

    name: str
    skip: int
    columns: dict[str, list[str]]


def sketch_workbook(path: str, name: str) -> list[StreamSketch]:
    """Return a stream for the sheets of each header, with their name or pattern where another sheet has a header.

    Nothing for what is no workbook, and for sheets without a header above a record.
    """
    try:
        check_workbook(path)
        with open_bytes(path) as source:
            workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.read()))
        sheets = list(_sheets(workbook))
    except (OSError, ValueError, OverflowError, python_calamine.CalamineError):
        return []
    alike: dict[tuple[int, tuple[str, ...]], list[Sheet]] = {}
    for sheet in sheets:
        alike.setdefault((sheet.skip, tuple(sheet.columns)), []).append(sheet)
    visible = [each.name for each in workbook.sheets_metadata if each.typ == python_calamine.SheetTypeEnum.WorkSheet]
    return [_sketch(name, group, visible) for group in alike.values()]


def _sheets(workbook: python_calamine.CalamineWorkbook) -> Iterator[Sheet]:
    for meta in workbook.sheets_metadata:
        if meta.typ == python_calamine.SheetTypeEnum.WorkSheet:
            rows = list(itertools.islice(workbook.get_sheet_by_name(meta.name).iter_rows(), MOST_ROWS))
            if (sheet := _sheet(meta.name, rows)) is not None:
                yield sheet


def _sheet(name: str, values: Sequence[Sequence[object]]) -> Sheet | None:
    """Return a sheet with names in its first full row and a record below; only its texts are cells to convert."""
    texts = [(at, [cell_text(value).strip() for value in row]) for at, row in enumerate(values)]
    header = find_header([row for row in texts if any(row[1])])
    if header is None:
        return None
    above, names = header[2:]
    below = [row for row in values[above + 1 :] if any(map(cell_text, row))]
    if not below:
        return None
    columns: dict[str, list[str]] = {each: [] for each in names if each}
    for row in below:
        for each, value in zip(names, row, strict=False):
            if each and isinstance(value, str):
                columns[each].append(value)
    return Sheet(name, above if any(any(cells) for _, cells in texts[:above]) else 0, columns)


def _sketch(name: str, alike: Sequence[Sheet], sheets: Sequence[str]) -> StreamSketch:
    columns = {each: [text for sheet in alike for text in sheet.columns[each]] for each in alike[0].columns}
    names = [sheet.name for sheet in alike]
    pattern = _sheet_pattern(names, sheets)
    options = [f"skip={alike[0].skip}"] if alike[0].skip else []
    options += [f"sheet={quoted(pattern)}"] if pattern else []
    rest = names[1:] if pattern == names[0] else []
    hints = (f"so are the sheets {', '.join(map(quoted, rest))}",) if rest else ()
    return StreamSketch(pattern_of(name), "xlsx", tuple(columns), tuple(options), columns=columns, hints=hints)


def _sheet_pattern(names: Sequence[str], sheets: Sequence[str]) -> str:
    """Return what names these sheets and no others: nothing for an only one, `*`, a beginning, or the first name."""
    if len(sheets) == 1:
        return ""
    if len(names) == len(sheets):
        return "*"
    start = "".join(
        each[0] for each in itertools.takewhile(lambda each: len(set(each)) == 1, zip(*names, strict=False))
    )
    is_plain = start and not any(mark in start for mark in WILDCARDS)
    others = [sheet for sheet in sheets if sheet not in names]
    if len(names) > 1 and is_plain and not any(other.startswith(start) for other in others):
        return f"{start}*"
    return names[0]
