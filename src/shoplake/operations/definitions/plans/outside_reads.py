"""What a plan reads beside its inputs: files, other tables, other databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.operations.definitions.plans.plan_node import PlanNode

READING = frozenset(("DataSource", "NamedTable", "SQL"))
"""Nodes of a plan that may read something."""


def outside_reads(node: PlanNode) -> Iterator[str]:
    """Yield what a node in `READING` reads, by path or name; a view that the function made itself is no such thing."""
    if node.kind == "DataSource":
        yield from node.field("paths") or [f"a source in the format {node.field('format')}"]
    elif node.kind == "NamedTable":
        name = node.field("unparsed_identifier") or ""
        yield from [name] if "." in name else []
    else:
        yield from _in_sql(node.field("query") or "")


def _in_sql(query: str) -> Iterator[str]:
    """Yield the tables of a schema, and the files, such as csv.`/shop/prices.csv`."""
    import sqlglot  # takes longer to import than a plan to hash
    from sqlglot import exp

    try:
        parsed = sqlglot.parse_one(query, read="spark")
    except sqlglot.errors.ParseError:
        return  # the engine says what is wrong with it
    yield from (table.sql("spark") for table in parsed.find_all(exp.Table) if table.db)
