"""Rows that some feeds have from other tables, not from streams: put in place on the days that differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import functions as F

from shoplake.engine.write.row_diff import differing_rows

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import DataFrame

    from shoplake.declare import Table


class PartitionChange(NamedTuple):
    """The days that differ, the new rows of those days, and all rows of them as they are to be."""

    days: list[object]
    new: DataFrame
    rows: DataFrame


def partition_change(
    table: Table[...], new: DataFrame, old: DataFrame, feeds: Collection[str], days: Collection[str] | None
) -> PartitionChange:
    """What is to be written for the `new` rows to be all that `feeds` have on `days` (None: on all)."""
    names, day = [column.name for column in table.columns], F.col(table.partition_by[0]).cast("string")
    new, old = new.select(*names), old.select(*names)
    is_theirs = F.col("feed").isin(*feeds)
    theirs = old.where(is_theirs if days is None else is_theirs & day.isin(*days))
    differ = differing_rows(theirs, new).select(day.alias("day")).distinct()
    chosen = sorted(row.day for row in differ.collect())
    put, others = new.where(day.isin(*chosen)), old.where(day.isin(*chosen) & ~is_theirs)
    return PartitionChange(chosen, put, others.unionAll(put))
