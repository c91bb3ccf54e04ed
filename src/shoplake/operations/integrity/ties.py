"""Checks that the totals of tables are equal where tables declare that they are."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine import Problem
from shoplake.errors import QueryNotAllowedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from pyspark.sql import DataFrame, Row

    from shoplake.declare import Table, Tie
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader

EXACT = "decimal(38,4)"
MAX_DIFFERENCES = 5
"""Differences of a tie that are listed; the others are counted."""


def tie_problems(engine: TableReader, catalog: Catalog, kept: Mapping[str, date] | None = None) -> Iterator[Problem]:
    """Yield each difference between totals that are declared to be equal, with the tie, the keys and the amount.

    Ties of tables that the catalog does not have are left out. `kept` has the first day that is kept of each table of
    which rows have expired: ties that name one are compared from that day on, and not at all without a day in the key.
    """
    known = {table.qualified_name: table for table in catalog.ordered}
    for table in catalog.ordered:
        for tie in table.ties:
            with suppress(QueryNotAllowedError):
                yield from _differences(engine, known, table, tie, kept or {})


def _differences(
    engine: TableReader, known: Mapping[str, Table[...]], table: Table[...], tie: Tie, kept: Mapping[str, date]
) -> Iterator[Problem]:
    from shoplake.engine import referenced_tables

    named = {name for query in (tie.left, tie.right) for name in referenced_tables(query, known)}
    signed = _measures(engine, known, tie, tie.left, 1).unionAll(_measures(engine, known, tie, tie.right, -1))
    totals = signed.groupBy(*tie.keys).agg(*[F.sum(name).cast(EXACT).alias(name) for name in tie.measures])
    if since := [kept[name] for name in named if name in kept]:
        days = [name for name, kind in totals.dtypes if name in tie.keys and kind == "date"]
        if not days:
            return
        totals = totals.where(F.coalesce(F.col(days[0]) >= F.lit(max(since)), F.lit(True)))
    differing = F.lit(False)
    for name in tie.measures:
        differing = differing | (F.col(name) != 0)
    rows = totals.where(differing).orderBy(*tie.keys)
    count = 0
    for row in rows.limit(MAX_DIFFERENCES + 1).collect():
        count += 1
        if count <= MAX_DIFFERENCES:
            yield Problem(table.qualified_name, f"{tie.name}: {_describe(row, tie)}")
    if count > MAX_DIFFERENCES:
        yield Problem(table.qualified_name, f"{tie.name}: {rows.count() - MAX_DIFFERENCES} more differences")


def _measures(engine: TableReader, known: Mapping[str, Table[...]], tie: Tie, query: str, sign: int) -> DataFrame:
    """Return keys and signed measures of one side."""
    from shoplake.engine import qualify_tables, referenced_tables  # their parser is slow to load

    places = {name: engine.sql_name(known[name]) for name in referenced_tables(query, known)}
    rows = engine.sql(qualify_tables(query, places))
    measures = [(F.coalesce(F.col(name).cast(EXACT), F.lit(0)) * sign).cast(EXACT).alias(name) for name in tie.measures]
    return rows.select(*tie.keys, *measures)


def _describe(row: Row, tie: Tie) -> str:
    """Describe a difference, e.g. `sales_date 2026-03-01, currency GBP: gross_sales differs by 0.01`."""
    keys = ", ".join(f"{name} {row[name]}" for name in tie.keys)
    amounts = [f"{name} differs by {row[name]:+f}".rstrip("0").rstrip(".") for name in tie.measures if row[name]]
    return f"{keys}: {', '.join(amounts)}"
