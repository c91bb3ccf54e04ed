"""Checks that the rules of a project name columns of their tables, and can have their effect there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.declare import Action
from shoplake.errors import DeclarationError, hint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.declare import Expectation, Extension, Table

LAMBDA = "->"


def check_columns(extension: Extension, table: Table[...]) -> None:
    """Raise DeclarationError for a rule that is no SQL, or that reads a column which the table does not have."""
    import sqlglot  # takes longer to import than all the rest of a catalog without rules
    from sqlglot import exp

    names = [column.name for column in table.output_columns]
    for rule in extension.expectations:
        place = f"The rule '{rule.name}' of {table.qualified_name}"
        try:
            condition = sqlglot.parse_one(rule.condition, read="spark")
        except sqlglot.errors.ParseError as error:
            raise DeclarationError(f"{place} is no SQL condition: {rule.condition}") from error
        if LAMBDA in rule.condition:
            continue
        for column in condition.find_all(exp.Column):
            name = column.parts[0].name
            if name.lower() not in names:
                raise DeclarationError(f"{place} reads the column '{name}'. {hint(name, names)}")


def check_actions(rules: Iterable[Expectation], table: Table[...]) -> None:
    """Raise DeclarationError for a rule that quarantines records of a table that is not made of records."""
    for rule in rules:
        if rule.on_violation is Action.QUARANTINE and not table.write.evaluates_records:
            raise DeclarationError(
                f"The rule '{rule.name}' of {table.qualified_name} quarantines records, and that table is computed "
                f"from others. Write warn('{rule.name}', …) instead, or add the rule to a table that it reads."
            )
