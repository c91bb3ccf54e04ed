"""Checks a lake against its logs and its state store: files, checksums, counts, keys, and totals between tables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from shoplake.engine import CHECKSUMS, TABLE_RUNS, Problem, qualify_tables, referenced_tables, table_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.declare.reconciliation import Reconciliation
    from shoplake.engine import StateReader, TableReader

CENT = Decimal("0.01")
ACCOUNTED = ("rows_written", "rows_quarantined", "rows_duplicate", "rows_superseded")
"""The counts that add up to the rows that a write has read."""


def find_problems(
    engine: TableReader,
    catalog: Catalog,
    state: StateReader,
    tables: Iterable[Table[...]],
    reconciliations: Iterable[Reconciliation] = (),
) -> Iterator[Problem]:
    """Yield everything that is wrong with `tables` and with the catalog's counts and totals; nothing if all is well."""
    checksums: dict[str, dict[str, str]] = {}
    for row in state.read(CHECKSUMS, ["table", "file", "sha256"]):
        checksums.setdefault(row["table"], {})[row["file"]] = row["sha256"]
    is_damaged = False
    for table in tables:
        name = table.qualified_name
        for problem in table_problems(name, engine.path(table), checksums.get(name, {})):
            is_damaged = True
            yield problem
    if not is_damaged:
        yield from _count_problems(engine, catalog, state)
        for reconciliation in reconciliations:
            yield from _total_problems(engine, catalog, reconciliation)


def _count_problems(engine: TableReader, catalog: Catalog, state: StateReader) -> Iterator[Problem]:
    runs: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(state.read(TABLE_RUNS), key=lambda row: (row["run_started_at"], row["version"])):
        if row["rows_read"] != sum(row[name] or 0 for name in ACCOUNTED):
            problem = "rows read are not written + quarantined + duplicate + superseded"
            yield Problem(row["table"], f"run {row['run_id']}: {problem}")
        runs.setdefault(row["table"], []).append(row)
    for table in catalog.ordered:
        yield from _row_problems(engine, table, runs.get(table.qualified_name, []))


def _row_problems(engine: TableReader, table: Table[...], runs: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    """Compare the rows of a table with what its runs recorded, oldest first, and look for keys that repeat."""
    name, rows = table.qualified_name, engine.row_count(table)
    if runs and rows != runs[-1]["rows_total"]:
        yield Problem(name, f"it has {rows} rows, ops.table_runs records {runs[-1]['rows_total']}")
    if runs and table.write.accounts_for_rows:
        written, replaced = (sum(row[count] or 0 for row in runs) for count in ("rows_written", "rows_replaced"))
        if runs[-1]["rows_total"] != written - replaced:
            yield Problem(name, f"its runs wrote {written} rows and replaced {replaced}, but it has {rows}")
    if unique := table.write.unique_columns(table):
        keys = engine.read(table).select(*unique).distinct().count()
        if keys != rows:
            yield Problem(name, f"{rows - keys} rows repeat a key")


def _total_problems(engine: TableReader, catalog: Catalog, total: Reconciliation) -> Iterator[Problem]:
    actual, expected = (_value(engine, catalog, query) for query in (total.actual, total.expected))
    tolerance = total.tolerance_cents_per_row * CENT * engine.row_count(catalog[total.table])
    if abs(Decimal(actual) - Decimal(expected)) > tolerance:
        yield Problem(total.table, f"{total.problem}: {actual} against {expected}")


def _value(engine: TableReader, catalog: Catalog, query: str) -> Decimal | int:
    known = {table.qualified_name: table for table in catalog.ordered}
    places = {name: engine.sql_name(known[name]) for name in referenced_tables(query, known)}
    [[value]] = engine.sql(qualify_tables(query, places)).collect()
    return value or 0
