"""How long a table keeps its rows, and the column that says how old a row is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shoplake.errors import DeclarationError

if TYPE_CHECKING:
    from shoplake.declare.catalog import Catalog
    from shoplake.declare.column import Column
    from shoplake.declare.table import Table

DAYS = re.compile(r"([1-9]\d*) days?")


def retention_days(table: Table[...]) -> int | None:
    """Return how many days the table keeps its rows; None for ever.

    Raises DeclarationError for a retention that is no number of days, or of a table whose rows have no day.
    """
    if not table.keeps:
        return None
    match = DAYS.fullmatch(table.keeps)
    if match is None:
        raise DeclarationError(
            f'{table.qualified_name}: keeps = {table.keeps!r} is no number of days. Write one such as "400 days".'
        )
    if retention_column(table) is None:
        raise DeclarationError(
            f"{table.qualified_name} has keeps = {table.keeps!r}, but is not partitioned by a day. Partition it by a "
            "date column, or leave keeps out."
        )
    return int(match[1])


def days_kept(catalog: Catalog, table: Table[...]) -> int | None:
    """Return how many days a table of the catalogue keeps its rows; None for ever.

    A bronze table follows the tables that are made from it: where each declares a retention, the longest counts.
    """
    own = retention_days(table)
    if own is not None or table.layer != "bronze":
        return own
    readers = [retention_days(catalog[name]) for name in catalog.downstream_of(table.name)]
    known = [days for days in readers if days is not None]
    return max(known) if known and len(known) == len(readers) else None


def retention_column(table: Table[...]) -> Column | None:
    """Return the column with the age of a row: the time of arrival in bronze, elsewhere the day that partitions it."""
    if table.layer == "bronze":
        return table.column("ingested_at")
    partitions = (table.column(name) for name in table.partition_by)
    days = (each for each in partitions if each is not None and each.type == "date")
    return next((each for each in days if not each.name.endswith("_month")), None)
