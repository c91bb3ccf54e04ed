"""Statistics in the logs of tables with personal columns: the smallest and greatest values of the others alone.

Statistics stay in a log when the rows are deleted and their files vacuumed. `delta.dataSkippingStatsColumns` names the
columns that have them; delta-rs, Sail and Spark keep to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.engine.storage.table_cache import load_table, open_table

if TYPE_CHECKING:
    from shoplake.declare import Column, Table

PROPERTY = "delta.dataSkippingStatsColumns"
WITHOUT_STATISTICS = ("boolean", "binary", "array<", "map<", "struct<")
"""Types that Delta Lake on Spark refuses in the property."""


def statistics_properties(table: Table[...]) -> dict[str, str]:
    """Return the table properties that keep personal columns out of its statistics; none if it has no such columns."""
    if not any(column.personal for column in table.columns):
        return {}
    return {PROPERTY: ",".join(column.name for column in table.columns if _has_statistics(table, column))}


def missing_properties(table: Table[...], at: str) -> dict[str, str]:
    """Return the properties that the log at `at` lacks, or has other values of."""
    wanted = statistics_properties(table)
    stored = open_table(at).metadata().configuration if wanted else {}
    return {name: value for name, value in wanted.items() if stored.get(name) != value}


def set_properties(table: Table[...], at: str) -> None:
    """Set the properties that the log at `at` lacks, in one commit. Statistics of files written before stay."""
    if missing := missing_properties(table, at):
        load_table(at).alter.set_table_properties(missing)


def uncounted_columns(table: Table[...]) -> list[str]:
    """Return the columns whose nulls the log of a table with personal columns does not count; no nested ones."""
    if not statistics_properties(table):
        return []
    return [
        column.name
        for column in table.columns
        if "<" not in column.type and column.name not in table.partition_by and not _has_statistics(table, column)
    ]


def _has_statistics(table: Table[...], column: Column) -> bool:
    is_plain = not column.type.startswith(WITHOUT_STATISTICS)
    return is_plain and not column.personal and column.name not in table.partition_by
