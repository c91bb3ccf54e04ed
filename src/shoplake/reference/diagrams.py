"""Mermaid diagrams of the catalog: the lineage and the entity-relationship diagram."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from shoplake.declare import LAYERS
from shoplake.reference.markdown import NOTE, join_paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shoplake.declare import FeedKind
    from shoplake.declare.catalog import AnyTable, Catalog

LINEAGE_COLUMNS = ("batch_id", "ingested_at", "payload_hash")
"""Columns that the diagram leaves out."""
MAX_OTHER_COLUMNS = 4
"""Number of columns that a table shows besides its keys, money first."""


def lineage_page(catalog: Catalog, kinds: Mapping[str, FeedKind], note: str = NOTE) -> str:
    """Write the page with the lineage of all tables."""
    about = "Each arrow leads from an input to its reader. Quarantine, changelog and `ops` tables are left out."
    return join_paragraphs("# Lineage", note, about, draw_lineage(catalog, kinds))


def erd_page(catalog: Catalog, note: str = NOTE) -> str:
    """Write the page with the entity-relationship diagram."""
    about = (
        "Keys, a few columns, and the ids that join the silver and gold tables. `customers` and `products` have one\n"
        "row per version; the lines count the version that is valid at one moment."
    )
    return join_paragraphs("# Entity-relationship diagram", note, about, draw_erd(catalog))


def draw_lineage(catalog: Catalog, kinds: Mapping[str, FeedKind]) -> str:
    """Draw the feed kinds, the tables by layer, and an arrow from every input to its reader."""
    lines = ["```mermaid", "flowchart LR", "    subgraph feeds", *(f"        kind_{name}([{name}])" for name in kinds)]
    for layer in LAYERS:
        names = [each.name for each in catalog.ordered if each.layer == layer]
        lines += ["    end", f"    subgraph {layer}", *(f"        {name}" for name in names)]
    lines.append("    end")
    streams = dict.fromkeys((name, stream.into) for name, kind in kinds.items() for stream in kind.streams)
    lines += [f"    kind_{name} --> {into}" for name, into in streams if into in catalog]
    lines += [f"    {source} --> {table.name}" for table in catalog.ordered for source in table.inputs]
    return "\n".join([*lines, "```"])


def draw_erd(catalog: Catalog) -> str:
    """Draw the silver and gold tables with their keys and first columns, and the ids that join them."""
    tables = [each for each in catalog.ordered if each.layer != "bronze"]
    lines = ["```mermaid", "erDiagram"]
    for table in tables:
        foreign = {name for each in tables if each is not table for name in _ids(catalog, each)}
        lines += [f"    {table.name} {{", *(f"        {row}" for row in _attributes(table, foreign)), "    }"]
    return "\n".join([*lines, *(f"    {each}" for each in _relations(catalog, tables)), "```"])


def _relations(catalog: Catalog, tables: list[AnyTable]) -> Iterator[str]:
    """List the ids of silver tables that other tables have: `|o` and `o|` at most one row, `}o` and `o{` any number."""
    for parent in tables:
        for child in (each for each in tables if each is not parent):
            for name in (name for name in _ids(catalog, parent) if child.column(name) is not None):
                one = "|o" if _identity(parent) == [name] else "}o"
                many = "o|" if _identity(child) == [name] else "o{"
                yield f"{parent.name} {one}--{many} {child.name} : {name}"


def _ids(catalog: Catalog, table: AnyTable) -> list[str]:
    """List the ids in a silver table's key that it introduces; ids that its inputs have belong to those."""
    if table.layer != "silver":
        return []
    inherited = {column.name for name in table.incremental or table.inputs for column in catalog[name].columns}
    return [name for name in table.key if name.endswith("_id") and name not in inherited]


def _identity(table: AnyTable) -> list[str]:
    """List the key columns that identify a row within a feed and, in an SCD 2 table, at one moment."""
    return [name for name in table.key if name not in ("feed", "valid_from")]


def _attributes(table: AnyTable, foreign: set[str]) -> Iterator[str]:
    rest = [each for each in table.columns if each.name not in {*table.key, *foreign, *LINEAGE_COLUMNS}]
    money_first = sorted(rest, key=lambda column: not column.type.startswith("decimal"))
    others = {each.name for each in money_first[:MAX_OTHER_COLUMNS]}
    for column in table.columns:
        if column.name in {*table.key, *others, *foreign}:
            marks = [mark for mark, names in (("PK", table.key), ("FK", foreign)) if column.name in names]
            yield f"{re.split('[(<]', column.type)[0]} {column.name} {', '.join(marks)}".rstrip()
