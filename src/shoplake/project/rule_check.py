"""Checks that the rules of a project name columns of their tables, and can have their effect there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.declare import Action
from shoplake.declare.modes.mode import ARRIVED_AT
from shoplake.errors import DeclarationError, hint
from shoplake.operations.definitions.plans.clock_and_chance import asks_for_time, uses_chance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlglot import exp

    from shoplake.declare import Expectation, Table

LAMBDA = "->"
INTERNAL = "_"
"""What the columns begin with that a record has on its way into a table."""


def check_rules(rules: Iterable[Expectation], table: Table[...]) -> None:
    """Raise DeclarationError for a rule that is no condition in SQL, or that reads more than a row of its table."""
    import sqlglot  # takes longer to import than all the rest of a catalog without rules
    from sqlglot import exp

    names = [column.name for column in table.output_columns]
    for rule in rules:
        place = f"The rule '{rule.name}' of {table.qualified_name}"
        try:
            condition = sqlglot.parse_one(rule.condition, read="spark")
        except sqlglot.errors.SqlglotError as error:
            raise DeclarationError(f"{place} is no SQL condition: {rule.condition}") from error
        _check_condition(condition, place, table)
        if LAMBDA in rule.condition:
            continue
        for column in condition.find_all(exp.Column):
            name = column.parts[0].name
            if name.lower() not in names and not name.startswith(INTERNAL):
                raise DeclarationError(f"{place} reads the column '{name}'. {hint(name, names)}")


def _check_condition(condition: exp.Expr, place: str, table: Table[...]) -> None:
    """Raise DeclarationError for an expression that is not true or false of one row, each time alike."""
    from sqlglot import exp

    whole = condition.unnest()
    types = {column.name: column.type for column in table.output_columns}
    is_value = isinstance(whole, exp.Literal | exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Mod)
    if is_value or (isinstance(whole, exp.Column) and types.get(whole.name.lower(), "boolean") != "boolean"):
        raise DeclarationError(f"{place} is a value and no condition: {condition.sql('spark')}. Compare it.")
    if beyond := condition.find(exp.AggFunc, exp.Window, exp.Query, exp.UDTF):
        raise DeclarationError(
            f"{place} asks for more than the row that it judges: {beyond.sql('spark')}. What is to be true of all rows "
            f"is a gate of the table, such as unique('feed', '{table.key[-1]}')."
        )
    for each in condition.find_all(exp.Func):
        if uses_chance(each):
            raise DeclarationError(
                f"{place} calls {each.sql('spark')}, which is another value each time. Leave it out."
            )
        if asks_for_time(each):
            with_what = (
                f"{ARRIVED_AT}, when a record arrived" if ARRIVED_AT in types else "a time of the row, or with a date"
            )
            raise DeclarationError(
                f"{place} asks for the time: {each.sql('spark')}. A rebuild would judge the same row otherwise. "
                f"Compare with {with_what}."
            )


def check_actions(rules: Iterable[Expectation], table: Table[...]) -> None:
    """Raise DeclarationError for a rule that quarantines records of a table that is not made of records."""
    for rule in rules:
        if rule.on_violation is Action.QUARANTINE and not table.write.evaluates_records:
            place = f"The rule '{rule.name}' of {table.qualified_name} quarantines records"
            instead = f"Write warn('{rule.name}', …) instead, or add the rule to a table that"
            if table.inputs:
                raise DeclarationError(f"{place}, and that table is computed from others. {instead} it reads.")
            raise DeclarationError(f"{place}, and that table keeps what arrives. {instead} reads it.")
