"""Tables of which a clean-up deleted old rows: what else was made of these rows still counts them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from shoplake.declare.retention import days_kept
from shoplake.engine import TABLE_RUNS, table_exists

if TYPE_CHECKING:
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import StateReader

CELLS = ["table", "rows_read", "rows_written", "rows_replaced"]


def first_kept_days(catalog: Catalog, state: StateReader, now: datetime) -> dict[str, date]:
    """Return the first day (UTC) that is kept of each table, by `layer.name`, of which rows have expired.

    A run records of a clean-up that it deleted rows, and that it neither read nor wrote one.
    """
    kept = {table.qualified_name: days_kept(catalog, table) for table in catalog.ordered}
    kept = {name: days for name, days in kept.items() if days is not None}
    if not kept or not table_exists(state.path(TABLE_RUNS)):
        return {}
    runs = [row for row in state.read(TABLE_RUNS, CELLS) if row["table"] in kept and row["rows_replaced"]]
    expired = {row["table"] for row in runs if not row["rows_read"] and not row["rows_written"]}
    today = now.astimezone(UTC).date()
    return {name: today - timedelta(days=days) for name, days in kept.items() if days and name in expired}
