"""Validates files without a lake: a run into a temporary one reports what would be quarantined."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.declare.catalog import Catalog
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.project.linked_files import link_files
from shoplake.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shoplake.declare import Feed, FeedKind, Stream
    from shoplake.engine import EngineRuntime
    from shoplake.pipeline.runner import RunResult
    from shoplake.project import Project

HINTS = {
    "_fits_type": "If it is written as meant, declare numbers=… with decimal=… and currency_symbol=…, or dates=…",
    "_at_present": "It has no time that the mapping reads: an empty cell, another spelling, or a name of a zone that "
    "zones of from_local does not have",
    "not_utf8": 'Declare encoding="cp1252", for example',
    "quotes_pair": 'Declare escape="\\\\" if backslashes stand before quotes, quote="" if quotes are text',
    "fields_fit_header": "It has another number of cells than the header: leave out totals by their text, or name all "
    "columns by header=False, skip=1 and fields=…",
}
"""By the end of a reason, the options of a stream of CSV or Excel files that may be missing."""
FILE_HINTS = {
    "cell_has_no_value": "Open the workbook in a spreadsheet program, mend the error or formula, and save it",
    "first_row_missing": "Put this file behind the one in which the order begins, into one file",
    "_has_all_digits": "A spreadsheet or a JSON number rounded it: export it again, with identifiers as texts",
}
"""By the end of a reason, what to do with the file, whatever its kind."""
EXAMPLES = 1000
"""Quarantined records of a table that examples are chosen from."""


@dataclass(frozen=True)
class Violation:
    """A reason why records of a table would be quarantined, and the first such record, if it is among the first.

    `hint` is what to do where an option of the record's stream may be missing.
    """

    reason: str
    rows: int
    file: str | None = None
    line: int | None = None
    raw: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class TableValidation:
    """What files would add to one silver table. A row is counted once, however many rules it violates.

    `rows_superseded` are of orders that a later one of the files has again, `rows_conflicting` those duplicates that
    have other values than the row that counts.
    """

    table: str
    rows_valid: int
    rows_quarantined: int
    rows_duplicate: int
    violations: tuple[Violation, ...] = ()
    rows_superseded: int = 0
    rows_conflicting: int = 0
    rows_waiting: int = 0


@dataclass(frozen=True)
class Validation:
    """What ingesting some files would do.

    `misread` are files that do not fit their stream's options, `unreadable` truncated or damaged ones, `unmatched`
    those that no stream reads. `duplicate_columns` are fields that several columns of a file have the name of,
    `missing_fields` declared ones that no file of their stream has: they are null in every row.
    """

    files: int
    records: int
    tables: tuple[TableValidation, ...]
    misread: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    new_fields: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    duplicate_columns: tuple[str, ...] = ()
    missing_fields: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether every record would be in a table, or be when what it waits for arrives."""
        return not (
            self.misread or self.unreadable or self.unmatched or any(table.rows_quarantined for table in self.tables)
        )


def validate_files(
    files: Sequence[Path], feed: Feed, runtime: EngineRuntime | None = None, project: Project | None = None
) -> Validation:
    """Ingest `files` as files of `feed` into a temporary lake, which is deleted afterwards, and report the result.

    The streams of the feed's kind match the last parts of each path. The feed's folder is not read. The tables and
    rules of `project` apply. Raises SettingsError for a file that does not exist, for two files of one name, and where
    no stream matches any.
    """
    with tempfile.TemporaryDirectory(prefix="shoplake-validate-") as folder:
        landing = Path(folder) / "landing"
        names, unmatched = link_files(files, feed.kind, landing)
        here = replace(feed, path=str(landing))
        lake = Lake(Settings(str(Path(folder) / "lake"), (here,)), runtime, project)
        lake.catalog = _only_fed(lake.catalog, feed.kind, names)
        return replace(_report(lake, lake.run()), unmatched=tuple(unmatched))


def _only_fed(catalog: Catalog, kind: FeedKind, names: Sequence[str]) -> Catalog:
    """Return the catalog of the silver tables that the files are mapped to, and of what these read."""
    bronze = {stream.into for name in names for stream in kind.streams_of(name)}
    needed = [table for table, mappings in kind.mappings.items() if bronze & mappings.keys()]
    closed: set[str] = set(bronze)
    while needed:
        name = needed.pop()
        if name not in closed or name in bronze:
            closed.add(name)
            needed += [each for each in catalog[name].inputs if each not in closed]
    return Catalog(table for table in catalog.ordered if table.name in closed)


def _report(lake: Lake, result: RunResult) -> Validation:
    by_table = {table.table: table.result for table in result.tables}
    records = sum(counts.rows_read for name, counts in by_table.items() if name.startswith("bronze."))
    mapped = [f"silver.{name}" for feed in lake.settings.feeds for name in feed.kind.mappings]
    tables = [
        TableValidation(
            name,
            by_table[name].rows_written,
            by_table[name].rows_quarantined,
            by_table[name].rows_duplicate,
            _violations(lake, name) if by_table[name].rows_quarantined else (),
            by_table[name].rows_superseded,
            by_table[name].rows_conflicting,
            result.waiting.get(name, 0),
        )
        for name in mapped
        if name in result.waiting or (name in by_table and by_table[name].rows_read)
    ]
    return Validation(
        result.files,
        records,
        tuple(tables),
        misread=_without_feed(result.misread),
        unreadable=_without_feed(result.unreadable),
        new_fields=_without_feed(result.new_fields),
        duplicate_columns=_without_feed(result.duplicate_columns),
        missing_fields=tuple(
            field for name in by_table if name.startswith("bronze.") for field in _missing_fields(lake, name)
        ),
    )


def _violations(lake: Lake, table: str) -> tuple[Violation, ...]:
    quarantine = f"{table}_quarantine"
    counts = lake.sql(
        f"SELECT reason, count(*) AS rows FROM (SELECT explode(reasons) AS reason FROM {quarantine}) "
        "GROUP BY reason ORDER BY rows DESC, reason"
    ).collect()
    rows = lake.sql(f"SELECT reasons, file, line, raw FROM {quarantine} ORDER BY file, line LIMIT {EXAMPLES}").collect()
    first = {reason: row for row in reversed(rows) for reason in row.reasons}
    return tuple(
        Violation(each.reason, each.rows, row.file, row.line, row.raw, _hint(each.reason, lake, row.file))
        if (row := first.get(each.reason))
        else Violation(each.reason, each.rows)
        for each in counts
    )


def _own_streams(lake: Lake, file: str) -> list[Stream]:
    """Return the streams of a file whose kind is a project's: of shoplake's nobody can declare options."""
    [feed] = lake.settings.feeds
    return [] if feed.kind is KINDS.get(feed.kind.name) else feed.kind.streams_of(file)


def _hint(reason: str, lake: Lake, file: str) -> str | None:
    """Return what to do with the file, or which option of a CSV stream explains a reason, if one does."""
    if of_file := next((hint for end, hint in FILE_HINTS.items() if reason.endswith(end)), None):
        return of_file
    has_options = any(stream.format in ("csv", "xlsx") for stream in _own_streams(lake, file))
    return next((hint for end, hint in HINTS.items() if has_options and reason.endswith(end)), None)


def _missing_fields(lake: Lake, table: str) -> list[str]:
    """Return the declared fields that no file of their stream has in its header, as `table.field`."""
    fields: dict[Stream, set[str]] = {}
    for row in lake.sql(f"SELECT DISTINCT file, header FROM {table} WHERE header IS NOT NULL").collect():
        for stream in _own_streams(lake, row.file):
            if f"bronze.{stream.into}" == table and stream.format in ("csv", "xlsx"):
                fields.setdefault(stream, set()).update(next(csv.reader([row.header]), []))
    return [
        f"{stream.into}.{field}" for stream, found in fields.items() for field in stream.fields if field not in found
    ]


def _without_feed(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line.partition(": ")[2] for line in lines)
