"""Which tables the store has, and by which of them single rows are looked up."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from shoplake.declare import Table, col, stored_table
from shoplake.engine import FILES, GATES, INCIDENTS, METRICS, MODEL_ALIASES, MODELS, QUALITY, SCHEMA_CHANGES, TABLE_RUNS

SILVER = ("customers", "products", "categories", "sessions", "events")
"""Histories and visits that answers list; all of gold is in the store."""
QUARANTINE_REASONS = stored_table(
    "quarantine_reasons",
    "One row per table and reason: the quarantined records that wait for a decision when the store is built.",
    "ops",
    (
        col("table", "string", "layer.table"),
        col("reason", "string", "The rule that the records violate"),
        col("records", "bigint", "Open records", unit="records"),
        col("oldest_at", "timestamp", "When the first of them was quarantined", unit="UTC"),
        col("newest_at", "timestamp", "When the last of them was quarantined", unit="UTC"),
        col("examples", "string", "Values that violate the rule, personal ones masked, and where the records are"),
    ),
)
"""A summary that is made for the store; records themselves are not served."""
OPS = (QUALITY, GATES, METRICS, INCIDENTS, QUARANTINE_REASONS, TABLE_RUNS, FILES, SCHEMA_CHANGES, MODELS, MODEL_ALIASES)
RECORDED_AT = {TABLE_RUNS.qualified_name: "run_started_at"}
"""The column of an ops table by which rows of later runs are left out, where it is not `recorded_at`."""
AFTER_RUN = (INCIDENTS.qualified_name, QUARANTINE_REASONS.qualified_name)
"""Ops tables whose rows about a run are recorded after it: the store has them as they are when it is built."""
LOOK_UPS = ("gold.customer_360", "gold.product_funnel")
"""Tables of which single rows are looked up by their key."""


def served_tables(tables: Iterable[Table[...]]) -> dict[str, Table[...]]:
    """Return the tables of a catalogue that the store has, by full name: gold, some of silver, some of ops."""
    found = [table for table in tables if table.layer == "gold" or (table.layer == "silver" and table.name in SILVER)]
    return {table.qualified_name: table for table in (*found, *OPS)}


def has_personal(table: Table[...]) -> bool:
    """Whether the table has personal columns."""
    return any(column.personal for column in table.columns)


def without_personal(table: Table[...]) -> Table[...]:
    """Return the table without its personal columns."""
    return replace(table, columns=tuple(column for column in table.columns if not column.personal))


def visible_tables(tables: Mapping[str, Table[...]], *, with_personal: bool) -> dict[str, Table[Any]]:
    """Return the tables with the columns that a reader sees."""
    return {name: table if with_personal else without_personal(table) for name, table in tables.items()}
