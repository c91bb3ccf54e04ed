"""Another value for one field of a raw record, whose other fields stay as they were sent."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from shoplake.errors import LandingError, hint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DELIMITERS = (",", ";", "\t", "|")
NUMBER = "\x00"
"""The beginning of a text that stands for a number, so that it keeps its digits."""


def set_fields(raw: str, header: str | None, values: Mapping[str, str]) -> str:
    """Return a JSON object or a CSV record with other values in the fields that `values` names.

    In JSON a value is read as JSON where it is a number, true, false or null, else it is a text; a field that only
    parts of the object have, such as lines, is set in each. A CSV record needs its `header`. Raises LandingError for a
    record that is neither, and for a field that it does not have.
    """
    try:
        record = json.loads(raw, parse_float=_marked, parse_int=_marked)
    except ValueError:
        record = None
    if not isinstance(record, dict) and header is not None:
        return _set_cells(raw, header, values)
    if not isinstance(record, dict) or "\\u0000" in raw:
        raise LandingError(f"{_start(raw)} is no JSON object and has no header. Correct it in an export.")
    for name, value in values.items():
        places = [record] if name in record else [each for each in _objects(record) if name in each]
        if not places:
            known = {key for each in _objects(record) for key in each}
            raise LandingError(f"{_start(raw)} has no field '{name}'. {hint(name, known)}")
        for each in places:
            each[name] = _value(value)
    return re.sub(r'"\\u0000([^"]*)"', r"\1", json.dumps(record, ensure_ascii=False, separators=(",", ":")))


def _set_cells(raw: str, header: str, values: Mapping[str, str]) -> str:
    raw = plain_csv(raw, header)
    for delimiter in DELIMITERS:
        names, cells = (_cells(text, delimiter) for text in (header, raw))
        if len(names) > 1 and len(names) == len(cells):
            for name, value in values.items():
                if name not in names:
                    raise LandingError(f"{_start(raw)} has no column '{name}'. {hint(name, names)}")
                cells[names.index(name)] = value
            return _line(cells, delimiter)
    raise LandingError(f"{_start(raw)} does not have the cells of its header. Correct it in an export.")


def plain_csv(text: str, header: str | None) -> str:
    """Return a record of CSV with the delimiter of its header; another text, or one that has it already, as it is.

    Bronze has the headers of all files with commas, and records as they were sent where they could not be split.
    """
    if header is None or header.startswith("["):
        return text
    size = len(_cells(header, ","))
    if size < 2 or len(_cells(text, ",")) == size:
        return text
    found = [cells for each in DELIMITERS[1:] if len(cells := _cells(text, each)) == size]
    return _line(found[0], ",") if len(found) == 1 else text


def _line(cells: list[str], delimiter: str) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="").writerow(cells)
    return line.getvalue()


def _cells(line: str, delimiter: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter))
    return rows[0] if len(rows) == 1 else []


def _objects(value: object) -> Iterator[dict[str, Any]]:
    """Yield all objects within a value, itself first."""
    if isinstance(value, dict):
        yield value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _objects(part)


def _value(text: str) -> object:
    try:
        value = json.loads(text, parse_float=_marked, parse_int=_marked)
    except ValueError:
        return text
    return text if isinstance(value, list | dict) else value


def _marked(digits: str) -> str:
    return f"{NUMBER}{digits}"


def _start(raw: str) -> str:
    return f"The record {raw[:40]!r}{'…' if len(raw) > 40 else ''}"
