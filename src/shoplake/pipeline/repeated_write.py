"""Counts of a write that repeats a part of an interrupted run, as if all had been written now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds

from shoplake.engine import TABLE_RUNS, WriteResult

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.declare import Table
    from shoplake.engine import StateReader, TableReader


def reconcile_counts(engine: TableReader, state: StateReader, table: Table[...], result: WriteResult) -> WriteResult:
    """Return the counts of a write with the rows that the table grew by since its last record.

    A table with a changelog already counts the changes of the same batch as written.
    """
    if table.changelog is not None:
        return result
    last = _last_record(state, table)
    written = engine.row_count(table) - last["rows_total"]
    valid = result.rows_read - result.rows_quarantined
    if table.write.accounts_for_rows:
        return _reconcile_documents(result, written, has_commits=engine.version(table) != last["version"])
    if not 0 <= written <= valid:
        return result
    return replace(result, rows_written=written, rows_duplicate=valid - written)


def reconcile_rebuild(engine: TableReader, state: StateReader, table: Table[...], result: WriteResult) -> WriteResult:
    """Return the counts of a write that replaced stored rows, of those alone that some record counts as written.

    An interrupted run may have written rows that it did not record; only a table that accounts for its rows minds.
    """
    if not table.write.accounts_for_rows:
        return result
    growth = engine.row_count(table) - _last_record(state, table)["rows_total"]
    return replace(result, rows_replaced=result.rows_written - growth)


def recorded_rows(state: StateReader, tables: Iterable[Table[...]]) -> dict[str, int]:
    """Return how many rows each of the tables that account for their rows has by its last record, by `layer.table`."""
    last = {table.qualified_name: (-1, 0) for table in tables if table.write.accounts_for_rows}
    where = ds.field("table").isin([*last])
    for row in state.read(TABLE_RUNS, ["table", "rows_total", "version"], where) if last else ():
        last[row["table"]] = max(last[row["table"]], (row["version"], row["rows_total"]))
    return {name: rows for name, (_, rows) in last.items()}


def count_growth(growth: int) -> WriteResult:
    """Return the counts of rows that were written, or removed, and are recorded only now."""
    return WriteResult(max(0, growth), max(0, growth), rows_replaced=max(0, -growth))


def _last_record(state: StateReader, table: Table[...]) -> dict[str, Any]:
    """Return the rows and the version that the last record of a table has; no rows where there is none."""
    rows = state.read(TABLE_RUNS, ["rows_total", "version"], ds.field("table") == table.qualified_name)
    return max(rows, key=lambda row: row["version"], default={"rows_total": 0, "version": -1})


def _reconcile_documents(result: WriteResult, growth: int, *, has_commits: bool) -> WriteResult:
    """Count the rows of versions that are stored already, where the table grew by `growth` rows since its last record.

    Without commits since then these versions were recorded, and this write repeats them.
    """
    if not has_commits:
        repeated = result.rows_duplicate + result.rows_written
        return replace(result, rows_written=0, rows_duplicate=repeated, rows_replaced=0)
    return replace(result, rows_replaced=result.rows_written - growth)
