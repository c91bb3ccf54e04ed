"""The columns that the mappings of kinds return, as they were when they were last analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shoplake.declare.kinds.feed import Feeds, Mapper
    from shoplake.declare.table import Table

columns_by_mapper: dict[tuple[Mapper, str], frozenset[str]] = {}
"""The columns that a mapper returns for a table. They are constant, and analysis is a round trip."""


def expected_columns(table: Table[...], feeds: Feeds) -> frozenset[str]:
    """Return the columns of a table that a kind of the feeds maps: one that is null throughout then says something.

    None of a table that is made of other tables: what its columns lack, those lack. All of a table with a mapping that
    has not been analysed in this process.
    """
    everything = frozenset(column.name for column in table.columns)
    mappers = [mapper for feed in feeds for mapper in feed.kind.mappings.get(table.name, {}).values()]
    return frozenset().union(*(columns_by_mapper.get((mapper, table.name), everything) for mapper in mappers))
