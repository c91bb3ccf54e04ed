"""View of what the validation of files found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shoplake.cli.console import format_number, pluralize
from shoplake.record_text import place, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from shoplake.validation import TableValidation, Validation

UNMATCHED = "no stream reads it; rename it, or leave it out"
DUPLICATE_COLUMN = (
    "where their texts differ, the record is quarantined; rename one, or declare header=False, skip=1 and in `fields` "
    "a name for each column"
)
SUPERSEDED = "an order is taken whole from the last file that has it; one that is split over files loses lines"
CONFLICTING = "one line of each number counts, the others are lost; number each, and leave out those of empty cells"
WAITING = "in no table until a file has the record that completes them, such as the order of an item"
MAX_FIELDS = 20
"""New fields that are printed; a foreign file has hundreds."""


@dataclass(frozen=True)
class ValidationView:
    """What would be quarantined."""

    result: Validation

    def render(self, console: Console) -> None:
        """Print the misread files, then each table with its reasons and an example of each."""
        result = self.result
        _print_lines(console, "red", (f"MISREAD {line}" for line in result.misread))
        _print_lines(console, "red", (f"UNREADABLE {line}" for line in result.unreadable))
        _print_lines(
            console,
            "red",
            (f"UNMATCHED {line}: {UNMATCHED}" for line in result.unmatched),
        )
        duplicates = (f"DUPLICATE COLUMN {line}: {DUPLICATE_COLUMN}" for line in result.duplicate_columns)
        _print_lines(console, "yellow", duplicates)
        missing = [f"MISSING FIELD {field}: no file has it, it is null in every row" for field in result.missing_fields]
        _print_lines(console, "yellow", missing[:MAX_FIELDS])
        _print_lines(console, "yellow", (f"NEW FIELD {line}" for line in result.new_fields[:MAX_FIELDS]))
        if (more := len(result.new_fields) - MAX_FIELDS) > 0:
            _print_lines(console, "yellow", [f"… and {pluralize(more, 'new field')} more; --json has all of them"])
        for table in result.tables:
            _print_lines(console, "red" if table.rows_quarantined else "", _table_lines(table))
        files, records = pluralize(result.files, "file"), pluralize(result.records, "record")
        verdict = "Nothing would be quarantined." if result.is_valid else "Correct these before you ingest them."
        console.print(f"{files}, {records}. {verdict}", style="bold", soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Return the result with one object per table."""
        return asdict(self.result) | {"is_valid": self.result.is_valid}


def _table_lines(table: TableValidation) -> Iterable[str]:
    counts = f"{format_number(table.rows_valid)} valid, {format_number(table.rows_quarantined)} quarantined"
    duplicates = f", {pluralize(table.rows_duplicate, 'duplicate')}" if table.rows_duplicate else ""
    yield f"{table.table}: {counts}{duplicates}"
    if table.rows_conflicting:
        yield f"  {pluralize(table.rows_conflicting, 'duplicate')} with other values: {CONFLICTING}"
    if table.rows_superseded:
        yield f"  {pluralize(table.rows_superseded, 'row')} replaced by later versions: {SUPERSEDED}"
    if table.rows_waiting:
        yield f"  {pluralize(table.rows_waiting, 'record')} waiting: {WAITING}"
    for violation in table.violations:
        yield f"  {violation.reason}: {pluralize(violation.rows, 'row')}"
        if violation.raw is not None:
            yield f"    {place(violation.file or '', violation.line)}  {shortened(violation.raw)}"
        if violation.hint:
            yield f"    {violation.hint}."


def _print_lines(console: Console, style: str, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, style=style or None, soft_wrap=True, markup=False, highlight=False)
