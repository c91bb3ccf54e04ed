"""Compares the totals that a table's gates declare to agree."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from shoplake.errors import QueryNotAllowedError

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

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
    expired: Container[str] = (),
) -> Totals | None:
    """Return the totals of a gate of a table; None where the catalog lacks a table that a query names.

    So it is where rows of such a table are among the `expired`: the totals of what was made of them differ from then
    on. `views` are the names of views that stand for tables, by `layer.name`; `rows` is how many rows the table has.
    """
    try:
        queries = [_Query.of(catalog, query) for query in (gate.actual, gate.expected)]
    except QueryNotAllowedError:
        return None
    if any(name in expired for query in queries for name in query.tables):
        return None
    actual, expected = (query.value(engine, views or {}) for query in queries)
    count = engine.row_count(table) if rows is None and gate.cents_per_row else rows or 0
    return Totals(actual, expected, gate.cents_per_row * CENT * count)


class _Query(NamedTuple):
    """A query for one number, and the tables that it names, by `layer.name`."""

    text: str
    tables: dict[str, Table[...]]

    @classmethod
    def of(cls, catalog: Catalog, text: str) -> _Query:
        """Read a query. Raises QueryNotAllowedError where the catalog lacks a table of it."""
        from shoplake.engine import referenced_tables  # a parser, which most commands have no use for

        known = {table.qualified_name: table for table in catalog.ordered}
        return cls(text, {name: known[name] for name in referenced_tables(text, known)})

    def value(self, engine: TableReader, views: Mapping[str, str]) -> Decimal | int:
        """Return the number; 0 for null."""
        from shoplake.engine import qualify_tables

        places = {name: views.get(name) or engine.sql_name(table) for name, table in self.tables.items()}
        [[value]] = engine.sql(qualify_tables(self.text, places)).collect()
        return value or 0
