"""What a project adds to a declared table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shoplake.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.declare.expectation import Expectation
    from shoplake.declare.table import Table


@dataclass(frozen=True)
class Extension:
    """Rules that are added to the table of that name."""

    table: str
    expectations: tuple[Expectation, ...]

    def apply(self, table: Table[...]) -> Table[...]:
        """Return the table with the rules added. Raises DeclarationError for a name that it already has."""
        known = {rule.name for rule in table.expectations}
        for rule in self.expectations:
            if rule.name in known:
                raise DeclarationError(
                    f"{table.qualified_name} has a rule '{rule.name}' already. Give the added rule another name."
                )
            known.add(rule.name)
        return replace(table, rules=(*table.rules, *self.expectations))


def extend(table: str, *, expectations: Sequence[Expectation]) -> Extension:
    """Add rules and warnings to a table that is declared elsewhere, e.g. `extend("silver.events", expectations=[…])`.

    The value must have a name in the project's `rules.py`, or be in a list that has one.
    """
    return Extension(table, tuple(expectations))
