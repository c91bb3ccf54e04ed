"""Tables of which a clean-up deleted old rows: what else was made of these rows still counts them."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from shoplake.declare.retention import days_kept
from shoplake.engine import EXPIRATIONS, TABLE_RUNS, table_exists

if TYPE_CHECKING:
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import StateReader

CELLS = ["table", "rows_read", "rows_written", "rows_replaced", "run_started_at"]


def first_kept_days(catalog: Catalog, state: StateReader) -> dict[str, date]:
    """Return the first day (UTC) whose rows are left of each table, by `layer.name`, of which rows have expired.

    It is that of the clean-ups that were, whatever retention the table has by now.
    """
    found = dict[str, date]()
    if table_exists(state.path(EXPIRATIONS)):
        for row in state.read(EXPIRATIONS, ["table", "kept_from"]):
            if row["table"] in catalog:
                found[row["table"]] = max(row["kept_from"], found.get(row["table"], date.min))
    return _without_day(catalog, state) | found


def _without_day(catalog: Catalog, state: StateReader) -> dict[str, date]:
    """Return the same of clean-ups by a version that recorded none: of runs that but deleted rows."""
    days = {table.qualified_name: days_kept(catalog, table) for table in catalog.ordered}
    days = {name: kept for name, kept in days.items() if kept is not None}
    if not days or not table_exists(state.path(TABLE_RUNS)):
        return {}
    found = dict[str, date]()
    for row in state.read(TABLE_RUNS, CELLS):
        if (kept := days.get(row["table"])) and row["rows_replaced"] and not (row["rows_read"] or row["rows_written"]):
            first = row["run_started_at"].astimezone(UTC).date() - timedelta(days=kept)
            found[row["table"]] = max(first, found.get(row["table"], date.min))
    return found
