"""Validates files without a lake: a run into a temporary one reports what would be quarantined."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from shoplake.declare.catalog import Catalog
from shoplake.errors import SettingsError
from shoplake.lake import Lake
from shoplake.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shoplake.declare import Feed, FeedKind
    from shoplake.engine import EngineRuntime
    from shoplake.pipeline.runner import RunResult
    from shoplake.project import Project

WORKBOOKS = (".xlsx", ".xlsm")
OTHER_WORKBOOKS = (".xls", ".xlsb", ".ods", ".numbers")
LEGACY_WORKBOOK = b"\xd0\xcf\x11\xe0"
PACKED = (".zip", ".gz", ".zst")
EXAMPLES = 1000
"""Quarantined records of a table that examples are chosen from."""


@dataclass(frozen=True)
class Violation:
    """A reason why records of a table would be quarantined, and the first such record, if it is among the first."""

    reason: str
    rows: int
    file: str | None = None
    line: int | None = None
    raw: str | None = None


@dataclass(frozen=True)
class TableValidation:
    """What files would add to one silver table. A row is counted once, however many rules it violates."""

    table: str
    rows_valid: int
    rows_quarantined: int
    rows_duplicate: int
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True)
class Validation:
    """What ingesting some files would do.

    `misread` are files that do not fit their stream's options, `unreadable` truncated or damaged ones, `unmatched`
    those that no stream reads. `duplicate_columns` are fields that several columns of a file have the name of.
    """

    files: int
    records: int
    tables: tuple[TableValidation, ...]
    misread: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    new_fields: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    duplicate_columns: tuple[str, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether every record would be in a table."""
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


def link_files(files: Iterable[Path], kind: FeedKind, landing: Path) -> tuple[list[str], list[str]]:
    """Link files into a feed's folder under the names that its streams match.

    Returns these names, and the paths of the files that no stream matches. Raises SettingsError as `validate_files`.
    """
    names: list[str] = []
    unmatched: list[Path] = []
    landing.mkdir(parents=True)
    for file in files:
        if not file.is_file():
            raise SettingsError(f"There is no file '{file}'. Name files to validate, as in orders/2026-03-01.json.")
        name = _name_in_feed(file, kind)
        if name is None:
            unmatched.append(file)
            continue
        if name in names:
            raise SettingsError(f"Two files have the name '{name}'. Validate one after the other.")
        names.append(name)
        target = landing / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(file.resolve())
    if unmatched and not names:
        patterns = ", ".join(dict.fromkeys(stream.pattern for stream in kind.streams))
        raise SettingsError(
            f"'{unmatched[0]}' belongs to no stream of the kind '{kind.name}'. Its files are {patterns}: "
            f"{_advice(unmatched[0], kind)}"
        )
    return names, [str(file) for file in unmatched]


def _name_in_feed(file: Path, kind: FeedKind) -> str | None:
    """Return the end of a file's path that a stream of `kind` matches; None where none does."""
    parts = file.resolve().parts
    for stream in kind.streams:
        name = "/".join(parts[-1 - stream.pattern.count("/") :])
        if stream.matches(name):
            return name
    return None


def is_workbook(file: Path) -> bool:
    """Whether a file begins as workbooks do, those of before 2007 among them, or is empty."""
    with file.open("rb") as content:
        head = content.read(len(LEGACY_WORKBOOK))
    return not head or head.startswith((b"PK", LEGACY_WORKBOOK))


def _advice(file: Path, kind: FeedKind) -> str:
    """Return what to do with a file that no stream of `kind` matches."""
    ending = file.suffix.casefold()
    has_sheets = any(stream.format == "xlsx" for stream in kind.streams)
    if ending in WORKBOOKS + OTHER_WORKBOOKS and not is_workbook(file):
        return f"it is text under the name of a workbook: declare Stream('*{ending}', 'csv', …) in a kind of your own."
    if ending in WORKBOOKS and not has_sheets:
        return f"save the workbook as CSV, or declare Stream('*{ending}', 'xlsx', …) in a kind of your own."
    if ending in OTHER_WORKBOOKS:
        return f"save the workbook as {'.xlsx' if has_sheets else '.csv'}."
    if ending in PACKED and not Path(file.stem).suffix:
        return f"name it by what is in it, such as {file.stem}.csv{ending} or {file.stem}.json{ending}."
    return "rename it or move it into such a folder, or name another kind with --kind."


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
        )
        for name in mapped
        if name in by_table and by_table[name].rows_read
    ]
    return Validation(
        result.files,
        records,
        tuple(tables),
        misread=_without_feed(result.misread),
        unreadable=_without_feed(result.unreadable),
        new_fields=_without_feed(result.new_fields),
        duplicate_columns=_without_feed(result.duplicate_columns),
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
        Violation(each.reason, each.rows, *(first[each.reason][1:] if each.reason in first else ())) for each in counts
    )


def _without_feed(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line.partition(": ")[2] for line in lines)
