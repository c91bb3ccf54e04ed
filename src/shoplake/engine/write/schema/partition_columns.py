"""The columns of an input that say which partitions of a table its rows matter to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import Column

    from shoplake.declare import Table

DAYS = ("date", "array<date>")
"""The types of columns that say which days a row matters to."""


def date_range_columns(table: Table[...], upstream: Table[...]) -> tuple[str, str] | None:
    """Return the columns of an input with the first and last partition a row matters to; None if it is read whole.

    Such columns hold days: rows are found by them as dates. An input of a table whose partitions are no days, such as
    texts or times, is read whole.
    """
    columns = table.write.input_range(table, upstream.name)
    if columns is None or (table.partition_column is not None and not _holds_days(table, table.partition_column)):
        return None
    return columns if all(_holds_days(upstream, name) for name in columns) else None


def _holds_days(table: Table[...], column: str) -> bool:
    declared = table.column(column)
    return declared is not None and declared.type in DAYS


def shared_partition(table: Table[...], upstream: Table[...]) -> str | None:
    """Return the partition column of an input that holds the partition of the table; None if there is none."""
    columns = date_range_columns(table, upstream)
    return columns[0] if columns is not None and len({*columns}) == 1 and columns[0] in upstream.partition_by else None


def is_list_of_days(table: Table[...], column: str) -> bool:
    """Whether a column of a table lists the days that a row matters to."""
    declared = table.column(column)
    return declared is not None and declared.type == "array<date>"


def is_of_partitions(table: Table[...], values: Collection[str]) -> Column:
    """Return the condition of the rows of some partitions, by their texts; no row of a partition of null is."""
    if table.partition_column is None or not values:
        return F.lit(False)
    return F.coalesce(F.col(table.partition_column).cast("string").isin(sorted(values)), F.lit(False))
