"""Warnings of a run: tables of which it quarantined many rows, with the rule and examples of the offending value."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.engine import QUARANTINE_WARNING_SHARE, WriteResult
from shoplake.record_text import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shoplake.declare import Table
    from shoplake.engine import TableReader, ViolationSample

MAX_EXAMPLES = 3
MAX_LENGTH = 40
"""Characters of an example."""
DELIMITERS = (",", ";", "\t", "|")
"""What may separate the cells of a record that bronze has as it was sent, because it does not fit its stream."""
TYPE_RULE = "_fits_type"
"""The end of the name of a rule for a text that does not fit its type; before it is the field's name."""


@dataclass(frozen=True)
class QuarantineWarning:
    """A table of which a run quarantined more than 5 % of the rows, its most violated rule and examples of it.

    An example is the value in quotes as it was sent, or the place of the record where no single value is wrong. Of
    personal columns it has only the form: letters are `x`, digits are `9`.
    """

    table: str
    rows_read: int
    rows_quarantined: int
    rule: str
    rows_violating: int
    examples: tuple[str, ...]


def find_warnings(
    reader: TableReader, tables: Mapping[str, Table[...]], written: Iterable[tuple[str, WriteResult]]
) -> list[QuarantineWarning]:
    """Return a warning for each table of which the writes quarantined too much, in their order."""
    totals: dict[str, WriteResult] = {}
    for name, result in written:
        totals[name] = totals.get(name, WriteResult(0, 0)) + result
    return [
        _warning(reader, tables, tables[name], total)
        for name, total in totals.items()
        if total.rows_quarantined > total.rows_read * QUARANTINE_WARNING_SHARE
    ]


def _warning(
    reader: TableReader, tables: Mapping[str, Table[...]], table: Table[...], total: WriteResult
) -> QuarantineWarning:
    rule = min(total.samples or total.violations, key=lambda name: (-total.violations[name], name))
    headers = Headers(reader, [tables[name] for name in table.incremental])
    personal = {column.name for column in table.output_columns if column.personal}
    examples = Counter[str]()
    for sample in total.samples.get(rule, ()):
        examples[describe_example(rule, sample, headers, personal)] += 1
        if len(examples) == MAX_EXAMPLES:
            break
    counts = total.rows_read, total.rows_quarantined, rule, total.violations[rule]
    return QuarantineWarning(table.qualified_name, *counts, tuple(examples))


class Headers:
    """The column names of CSV records, read from bronze for each file once."""

    def __init__(self, reader: TableReader, bronze: Iterable[Table[...]]) -> None:
        self._reader, self._bronze = reader, tuple(bronze)
        self._by_file: dict[tuple[str, str, str], list[str]] = {}

    def of(self, sample: ViolationSample) -> list[str]:
        """Return the column names of a sample's file; none if it has no header."""
        key = sample.feed, sample.file, sample.batch_id
        if key not in self._by_file:
            self._by_file[key] = self._read(*key)
        return self._by_file[key]

    def _read(self, feed: str, file: str, batch: str) -> list[str]:
        for table in self._bronze:
            is_of_file = (F.col("feed") == feed) & (F.col("file") == file) & F.col("header").isNotNull()
            rows = self._reader.read_batches(table, [batch]).where(is_of_file).select("header").limit(1).collect()
            if rows:
                return _cells(rows[0].header)
        return []


def describe_example(rule: str, sample: ViolationSample, headers: Headers, personal: Iterable[str]) -> str:
    """Return the value of a sample that violates the rule, as a message shows it."""
    values: Mapping[str, Any] = sample.values
    if rule.endswith(TYPE_RULE):
        name = rule.removesuffix(TYPE_RULE)
        value = find_field(sample, name, headers)
        values = {} if value is None else {name: value}
    shown = [(name, _quoted(value, masked=name in personal)) for name, value in values.items()]
    if not shown:
        return place(sample.file, sample.line)
    return shown[0][1] if len(shown) == 1 else " ".join(f"{name} {text}" for name, text in shown)


def find_field(sample: ViolationSample, name: str, headers: Headers) -> object:
    """Return what a record has in a field that does not fit its type; None where it cannot be found."""
    try:
        found = list(_json_values(json.loads(sample.raw), name))
    except ValueError:
        cells = _cells_by_name(sample.raw, headers.of(sample))
        found = [cells[name]] if name in cells else []
    return next((value for value in found if not _is_number(value)), found[0] if found else None)


def _json_values(value: object, name: str) -> Iterator[object]:
    """Yield the values of all members of that name, at any depth, which are neither null nor lists or objects."""
    if isinstance(value, list):
        for each in value:
            yield from _json_values(each, name)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == name and each is not None and not isinstance(each, list | dict):
                yield each
            else:
                yield from _json_values(each, name)


def _is_number(value: object) -> bool:
    return re.fullmatch(r"[+-]?\d+([.]\d+)?", str(value)) is not None


def _cells_by_name(line: str, header: list[str]) -> dict[str, str]:
    """Return the cells of a CSV line by the column names; none where no usual delimiter gives as many cells."""
    for delimiter in DELIMITERS:
        cells = _cells(line, delimiter)
        if len(cells) == len(header):
            return dict(zip(map(str.strip, header), cells, strict=True))
    return {}


def _cells(line: str, delimiter: str = ",") -> list[str]:
    """Return the cells of one CSV record; none of a text that is several records, or cannot be read."""
    try:
        records = list(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter))
    except csv.Error:
        return []
    return records[0] if len(records) == 1 else []


def _quoted(value: object, *, masked: bool) -> str:
    """Return a value as JSON, shortened; of personal data only its form."""
    if value is None:
        return "null"
    text = str(value)
    if masked:
        text = re.sub(r"[^\W\d_]", "x", re.sub(r"\d", "9", text))
    return json.dumps(text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…", ensure_ascii=False)
