"""Checks a lake against its logs and its state store: files, checksums, counts, keys, and totals between tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoplake.declare.gate import Agrees
from shoplake.engine import (
    AUDIT,
    CHECKSUMS,
    FILES,
    OFFSETS,
    OPS,
    QUALITY,
    SCHEMA_CHANGES,
    TABLE_RUNS,
    Problem,
    Severity,
    file_paths,
    find_altered,
    find_damage,
    is_in_catalog,
    is_remote,
    read_whole,
    table_exists,
    table_problems,
)
from shoplake.operations.integrity.ties import tie_problems
from shoplake.pipeline.audit import chain_problems
from shoplake.quality.expired_rows import first_kept_days
from shoplake.quality.totals import compare_totals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import StateReader, TableReader

FIRST_TABLES = (CHECKSUMS, FILES, OFFSETS, QUALITY, SCHEMA_CHANGES, TABLE_RUNS)
"""Tables of the state store that each lake of the format has; one of an earlier version may lack all others."""
ACCOUNTED = ("rows_written", "rows_quarantined", "rows_duplicate", "rows_superseded")
"""The counts that add up to the rows that a write has read."""
NOT_BUILT = "it is declared and not built yet: shoplake run builds it"


def find_problems(
    engine: TableReader,
    catalog: Catalog,
    state: StateReader,
    tables: Iterable[Table[...]],
) -> Iterator[Problem]:
    """Yield everything that is wrong with `tables` and with the catalog's counts and totals; nothing if all is well."""
    is_damaged = False
    for problem in file_problems(engine, state, tables):
        is_damaged = True
        yield problem
    if not is_damaged:
        yield from _count_problems(engine, catalog, state)
        kept = first_kept_days(catalog, state)
        for table in catalog.ordered:
            for gate in table.gates:
                if isinstance(gate, Agrees):
                    yield from _total_problems(engine, catalog, table, gate, kept)
        yield from tie_problems(engine, catalog, kept)
        yield from _audit_problems(state)


def file_problems(engine: TableReader, state: StateReader, tables: Iterable[Table[...]]) -> Iterator[Problem]:
    """Yield what is wrong with the heads, the logs and the data files of these tables, each file once."""
    heads = [each for each in find_damage(engine.lake) if each.severity is not Severity.LEFTOVER]
    yield from (Problem(each.name, each.problem, str(each.file)) for each in heads)
    damaged, seen = {each.name for each in heads}, {(each.name, str(each.file)) for each in heads}
    altered = [each for each in _altered_files(engine.lake) if (each.table, each.file) not in seen]
    yield from altered
    seen |= {(each.table, str(each.file)) for each in altered}
    unreadable = [problem for table in OPS for problem in _unreadable_state(state, table)]
    yield from (each for each in unreadable if (each.table, each.file) not in seen)
    checksums: dict[str, dict[str, str]] = {}
    at = state.path(CHECKSUMS)
    if not any((*table_problems(CHECKSUMS.qualified_name, at, {}), *_unreadable_state(state, CHECKSUMS))):
        for row in state.read(CHECKSUMS, ["table", "file", "sha256"]):
            checksums.setdefault(row["table"], {})[row["file"]] = row["sha256"]
    for table in tables:
        name = table.qualified_name
        if table in OPS and table not in FIRST_TABLES and not table_exists(engine.path(table)):
            continue  # a lake of an earlier version; where it was written, its head shows the loss
        if name not in damaged and _has_no_folder(engine, table):
            yield Problem(name, NOT_BUILT)
            continue
        problems = table_problems(name, engine.path(table), checksums.get(name, {}))
        yield from (each for each in problems if (each.table, each.file) not in seen)


def _has_no_folder(engine: TableReader, table: Table[...]) -> bool:
    """Whether nothing of a table is on this machine; one that was written has a head, which shows the loss."""
    at = engine.path(table)
    return not (is_remote(at) or is_in_catalog(at)) and not Path(at).exists()


def _altered_files(lake: str) -> Iterator[Problem]:
    """Yield the commits of all logs, and the data files of the state store, that are not what was written."""
    for file in find_altered(lake):
        kind = "a commit in its log" if file.endswith(".json") else "a data file"
        problem = f"{kind} is not what was written: its SHA-256 differs"
        yield Problem(".".join(file.split("/")[:2]), problem, f"{lake}/{file}")


def _audit_problems(state: StateReader) -> Iterator[Problem]:
    """Yield what is wrong with the chain of decisions."""
    if table_exists(state.path(AUDIT)):
        for problem in chain_problems(state.read(AUDIT)):
            yield Problem(AUDIT.qualified_name, problem)


def _unreadable_state(state: StateReader, table: Table[...]) -> Iterator[Problem]:
    """Yield the data files of a state table that cannot be read to their end: no checksum shows it."""
    at = state.path(table)
    if not (is_remote(at) or is_in_catalog(at)) and not any(table_problems(table.qualified_name, at, {})):
        for file in file_paths(at):
            if read_whole(Path(at, file)) is None:
                yield Problem(table.qualified_name, "a data file cannot be read", f"{at}/{file}")


def _count_problems(engine: TableReader, catalog: Catalog, state: StateReader) -> Iterator[Problem]:
    runs: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(state.read(TABLE_RUNS), key=lambda row: (row["run_started_at"], row["version"])):
        if row["rows_read"] != sum(row[name] or 0 for name in ACCOUNTED):
            problem = "rows read are not written + quarantined + duplicate + superseded"
            yield Problem(row["table"], f"run {row['run_id']}: {problem}")
        runs.setdefault(row["table"], []).append(row)
    for table in catalog.ordered:
        yield from _row_problems(engine, catalog, table, runs.get(table.qualified_name, []))


def _row_problems(
    engine: TableReader, catalog: Catalog, table: Table[...], runs: Sequence[dict[str, Any]]
) -> Iterator[Problem]:
    """Compare the rows of a table with what its runs recorded, oldest first, and look for keys that repeat."""
    name, rows = table.qualified_name, engine.row_count(table)
    if runs and rows != runs[-1]["rows_total"]:
        yield Problem(name, f"it has {rows} rows, ops.table_runs records {runs[-1]['rows_total']}")
    if runs and table.write.accounts_for_rows:
        written, replaced = (sum(row[count] or 0 for row in runs) for count in ("rows_written", "rows_replaced"))
        if runs[-1]["rows_total"] != written - replaced:
            yield Problem(name, f"its runs wrote {written} rows and replaced {replaced}, but it has {rows}")
    if unique := _unique_columns(catalog, table):
        keys = engine.read(table).select(*unique).distinct().count()
        if keys != rows:
            yield Problem(name, f"{rows - keys} rows repeat a key ({', '.join(unique)})")


def _unique_columns(catalog: Catalog, table: Table[...]) -> tuple[str, ...]:
    """Return the columns of which no two rows have the same values.

    A table with the key of an input repeats it where the input may: outside of the days of its deduplication window.
    """
    own, names = table.write.unique_columns(table), {column.name for column in table.output_columns}
    for each in (catalog[name] for name in table.inputs if name in catalog):
        columns = each.write.unique_columns(each)
        if own and own == each.key and names.issuperset(columns):
            return columns
    return own


def _total_problems(
    engine: TableReader, catalog: Catalog, table: Table[...], gate: Agrees, expired: Collection[str]
) -> Iterator[Problem]:
    """Yield that two totals differ; nothing where the catalog lacks a table of theirs, or rows of one have expired."""
    totals = compare_totals(engine, catalog, table, gate, expired=expired)
    if totals is not None and not totals.is_agreed:
        yield Problem(table.qualified_name, f"{gate.name}: {totals.actual} against {totals.expected}")
