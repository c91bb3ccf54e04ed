"""Compares the totals that a table's gates declare to agree."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from shoplake.errors import QueryNotAllowedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.declare.gate import Agrees
    from shoplake.engine import TableReader

CENT = Decimal("0.01")


class Totals(NamedTuple):
    """Two totals, and by how much they may differ."""

    actual: Decimal | int
    expected: Decimal | int
    tolerance: Decimal

    @property
    def is_agreed(self) -> bool:
        """Whether they differ by the tolerance at most."""
        return abs(Decimal(self.actual) - Decimal(self.expected)) <= self.tolerance


def compare_totals(
    engine: TableReader,
    catalog: Catalog,
    table: Table[...],
    gate: Agrees,
    views: Mapping[str, str] | None = None,
    rows: int | None = None,
) -> Totals | None:
    """Return the totals of a gate of a table; None where the catalog lacks a table that a query names.

    `views` are the names of views that stand for tables, by `layer.name`; `rows` is how many rows the table has.
    """
    try:
        actual, expected = (_value(engine, catalog, query, views or {}) for query in (gate.actual, gate.expected))
    except QueryNotAllowedError:
        return None
    count = engine.row_count(table) if rows is None and gate.cents_per_row else rows or 0
    return Totals(actual, expected, gate.cents_per_row * CENT * count)


def _value(engine: TableReader, catalog: Catalog, query: str, views: Mapping[str, str]) -> Decimal | int:
    from shoplake.engine import qualify_tables, referenced_tables  # a parser, which most commands have no use for

    known = {table.qualified_name: table for table in catalog.ordered}
    places = {name: views.get(name) or engine.sql_name(known[name]) for name in referenced_tables(query, known)}
    [[value]] = engine.sql(qualify_tables(query, places)).collect()
    return value or 0
