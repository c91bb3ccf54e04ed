"""A proposed stream, as it is written in a feed kind."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from shoplake.declare.kinds.stream import ARCHIVE, COMPRESSIONS
from shoplake.engine.ingest.sketch.cell_types import CellTypes, find_types
from shoplake.engine.ingest.sketch.json_types import (
    cents_names,
    describe_fields,
    field_names,
    millis_names,
    number_names,
    seconds_names,
    texts_by_field,
)
from shoplake.engine.ingest.sketch.table_guess import guess_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MONTH = (
    r"(?<![A-Za-z])(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?![A-Za-z])"
)
NUMBERS_IN_NAME = re.compile(rf"(?:[0-9]+|{MONTH})(?:[-_.T ]*(?:[0-9]+|{MONTH}))*", re.IGNORECASE)
"""Numbers and dates in the name of a file, which those of other days have not."""
WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
BRACKET = re.compile(r"[][]")
"""What begins and ends a set of characters in a pattern."""


@dataclass(frozen=True)
class StreamSketch:
    """What the head of a file shows of its stream.

    `columns` are texts of the cells by field, or `records` JSON objects; `hints` are sentences for the person who
    checks the proposal.
    """

    pattern: str
    format: str
    fields: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    records: tuple[Mapping[str, Any], ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What files of one stream have in common."""
        return self.pattern, self.format, self.fields, self.before, self.after

    def merged_with(self, other: StreamSketch) -> StreamSketch:
        """Return the sketch of two files of one stream: the cells of both decide."""
        columns = {name: (*texts, *other.columns.get(name, ())) for name, texts in self.columns.items()}
        hints = tuple(dict.fromkeys((*self.hints, *other.hints)))
        return replace(self, columns=columns, records=(*self.records, *other.records), hints=hints)

    def code(self) -> str:
        """Return `Stream(…)`, and behind it as a comment what is left to decide, and how a mapping parses records."""
        types = find_types(self.columns)
        fields = self.fields or tuple(field_names(self.records))
        options = [quoted(self.pattern), quoted(self.format), f"into={quoted(guess_table(self.pattern, fields))}"]
        options += [*self.before, *_type_options(types), f"fields={as_tuple(fields)}", *self.after]
        clocks = _clock_hints(_whole_numbers(self.columns))
        hints = "; ".join((*types.open_questions, *clocks, *self.hints, *_record_hints(self.records)))
        return f"Stream({', '.join(options)})" + (f"  # {hints}" if hints else "")


def _record_hints(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return how a mapping parses JSON objects, and their times that are not ISO 8601."""
    if (ddl := describe_fields(records)) is None or not records:
        return []
    numbers = sorted(number_names(records))
    hints = [f"json_record(raw, {quoted(ddl)}{f', numbers={as_tuple(numbers)}' if numbers else ''})"]
    times = find_types(texts_by_field(records))
    hints += [f"{quoted(name)} is {format}" for name, format in times.dates.items()]
    hints += [question for question in times.open_questions if "%" in question]
    hints += _clock_hints(records)
    if cents := cents_names(records):
        hints.append(f'{", ".join(cents)}: if in cents, parse_as(…, money.UNIT) * money.minor_unit("currency")')
    return hints


def _clock_hints(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return how a mapping reads times that are whole numbers."""
    millis = [f"from_millis({quoted(name)})" for name in millis_names(records)]
    return millis + [f"from_seconds({quoted(name)})" for name in seconds_names(records)]


def _whole_numbers(columns: Mapping[str, Sequence[str]]) -> list[dict[str, int]]:
    """Return the cells of columns of whole numbers, a record each."""
    whole = {name: texts for name, texts in columns.items() if all(map(WHOLE.fullmatch, texts))}
    return [{name: int(text)} for name, texts in whole.items() for text in texts]


def _type_options(types: CellTypes) -> list[str]:
    options = []
    if types.numbers and types.decimal != ".":
        options.append(f"decimal={quoted(types.decimal)}")
    if types.numbers:
        options.append(f"numbers={as_tuple(types.numbers)}")
    if types.symbol:
        options.append(f"currency_symbol={quoted(types.symbol)}")
    if types.dates:
        options.append(f"dates={json.dumps(dict(types.dates), ensure_ascii=False)}")
    return options


def pattern_of(name: str) -> str:
    """Return the pattern of files named as this one, with other numbers and dates."""
    path = PurePosixPath(name)
    if path.suffix in (*COMPRESSIONS, ARCHIVE) and PurePosixPath(path.stem).suffix:
        path = path.with_suffix("")
    return BRACKET.sub("?", str(path.with_name(NUMBERS_IN_NAME.sub("*", path.stem) + path.suffix)))


def as_tuple(names: Sequence[str]) -> str:
    """Return names as the code of a tuple."""
    return f"({', '.join(map(quoted, names))}{',' * (len(names) == 1)})"


def quoted(text: str) -> str:
    """Return a text as code."""
    return json.dumps(text, ensure_ascii=False)
