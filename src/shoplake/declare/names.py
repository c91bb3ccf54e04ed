"""Finds a table by the name that a user types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.errors import UnknownTableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.declare.table import Table


def find_table(name: str, known: Mapping[str, Table[...]]) -> Table[...]:
    """Return the table `layer.name`, or `name` without its layer, of those in `known` by `layer.name`.

    Raises UnknownTableError with the nearest name.
    """
    if name in known:
        return known[name]
    by_bare_name = {qualified.rpartition(".")[2]: table for qualified, table in known.items()}
    if name in by_bare_name:
        return by_bare_name[name]
    raise UnknownTableError(name, known if "." in name else by_bare_name)
