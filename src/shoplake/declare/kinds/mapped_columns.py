"""The columns that the mappings of kinds return: declared beside the function, or as they were last analysed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.declare.column import VALIDITY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shoplake.declare.column import Column
    from shoplake.declare.kinds.feed import Feeds, Mapper
    from shoplake.declare.table import Table

columns_by_mapper: dict[tuple[Mapper, str], frozenset[str]] = {}
"""The columns that a mapper returns for a table, where analysis has told. They are constant, and it is a round trip."""
joining_mappers: set[tuple[Mapper, str]] = set()
"""The mappers that return joined records for a table, as analysis has told."""
unmapped_by_mapper: dict[Mapper, frozenset[str]] = {}
"""The columns that a mapper leaves null, where that is declared."""


def leaves_null(*names: str) -> Callable[[Mapper], Mapper]:
    """Declare that the function below maps all columns of its table but these, which are null then."""

    def declare(mapper: Mapper) -> Mapper:
        unmapped_by_mapper[mapper] = frozenset(names)
        return mapper

    return declare


def declared_columns(mapper: Mapper, columns: Iterable[Column]) -> frozenset[str] | None:
    """Return those of the columns of a table that a mapper returns, as declared; None for one that declares nothing."""
    unmapped = unmapped_by_mapper.get(mapper)
    return None if unmapped is None else frozenset(column.name for column in columns) - unmapped


def expected_columns(table: Table[...], feeds: Feeds) -> frozenset[str]:
    """Return the columns of a table that a kind of the feeds maps: one that is null throughout then says something.

    None of a table that is made of other tables: what its columns lack, those lack. All of a table with a mapping that
    declares nothing and has not been analysed in this process. Not the end of a version: while no row of a history has
    changed, none has one.
    """
    everything = frozenset(column.name for column in table.columns)
    mappers = [mapper for feed in feeds for mapper in feed.kind.mappings.get(table.name, {}).values()]
    known = (
        declared_columns(mapper, table.columns) or columns_by_mapper.get((mapper, table.name), everything)
        for mapper in mappers
    )
    return frozenset().union(*known) - {column.name for column in VALIDITY}
