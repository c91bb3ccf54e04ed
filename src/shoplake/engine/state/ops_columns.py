"""Columns that several `ops` tables have, and how such a table is declared."""

from __future__ import annotations

from typing import Any

from shoplake.declare import Table, col, stored_table

RUN = col("run_id", "string", "The run that wrote this")
AT = col("recorded_at", "timestamp", "When the run that recorded it started", unit="UTC")
COUNTS = (
    col("rows_read", "bigint", "Rows read: written + quarantined + duplicate + superseded", unit="rows"),
    col("rows_written", "bigint", "Valid rows that are in the table because of this write", unit="rows"),
    col("rows_quarantined", "bigint", "Rows that violate a rule", unit="rows"),
    col("rows_duplicate", "bigint", "Rows that repeat a row of the table or of the same write", unit="rows"),
    col("rows_conflicting", "bigint", "Duplicates whose payload differs", unit="rows"),
    col("rows_superseded", "bigint", "Rows of versions of a document that are not its newest", unit="rows"),
    col("rows_replaced", "bigint", "Rows of the table that this write removed or updated", unit="rows"),
)


def ops_table(name: str, doc: str, *columns: Any) -> Table[...]:
    """Return a table of the layer `ops` with these columns."""
    return stored_table(name, doc, "ops", columns)
