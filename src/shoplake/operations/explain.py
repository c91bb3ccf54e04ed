"""The engine's plan to build a table from all of its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.engine import explain_plan
from shoplake.errors import UnknownTableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader


def explain_table(
    engine: TableReader, catalog: Catalog, table: Table[...], inputs: Sequence[Table[...]], feeds: Feeds
) -> str:
    """Return the physical plan as text. Raises UnknownTableError for a table that is built from files."""
    if not table.inputs:
        built = [each.name for each in catalog.ordered if each.inputs]
        raise UnknownTableError(table.name, built, read_by="explain")
    return explain_plan(table(*[engine.read(each) for each in inputs], **table.arguments(feeds)))
