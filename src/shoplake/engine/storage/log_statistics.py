"""Statistics in the logs of tables: the smallest and greatest values of columns that are not personal, and are exact.

Statistics stay in a log when the rows are deleted and their files vacuumed. A decimal of many digits is rounded there:
Sail then leaves files out that have the row, and reads a value that is the same in all rows of a file from the log.
`delta.dataSkippingStatsColumns` names the columns that have statistics; delta-rs, Sail and Spark keep to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shoplake.engine.storage.table_cache import load_table, open_table
from shoplake.sql_text import sql_name

if TYPE_CHECKING:
    from shoplake.declare import Column, Table

PROPERTY = "delta.dataSkippingStatsColumns"
WITHOUT_STATISTICS = ("boolean", "binary", "array<", "map<", "struct<")
"""Types that Delta Lake on Spark refuses in the property."""
MAX_DIGITS = 18
"""Digits of a decimal with statistics, those of money. They are read as floating-point numbers: 15 digits are exact."""


def statistics_properties(table: Table[...]) -> dict[str, str]:
    """Return the table properties that keep columns out of its statistics; none if it has none to keep out."""
    if not any(column.personal or _is_rounded(column) for column in table.columns):
        return {}
    return {PROPERTY: ",".join(_quote(column.name) for column in table.columns if _has_statistics(table, column))}


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
    """Return the columns whose nulls the log of a table does not count by its properties; no nested ones."""
    if not statistics_properties(table):
        return []
    return [
        column.name
        for column in table.columns
        if "<" not in column.type and column.name not in table.partition_by and not _has_statistics(table, column)
    ]


def _has_statistics(table: Table[...], column: Column) -> bool:
    is_plain = not column.type.startswith(WITHOUT_STATISTICS)
    is_kept = is_plain and not column.personal and not _is_rounded(column)
    return is_kept and column.name not in table.partition_by


def _is_rounded(column: Column) -> bool:
    """Whether a log rounds the values of a column."""
    digits = re.match(r"decimal\(\s*(\d+)", column.type)
    return digits is not None and int(digits[1]) > MAX_DIGITS


def _quote(name: str) -> str:
    """Return a name as Delta Lake on Spark reads it in the property: in backticks unless it is plain ASCII."""
    return name if re.fullmatch(r"\w+", name, re.ASCII) else sql_name(name)
