"""Selections of rows: columns, filters and order, only of declared columns and with bound values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shoplake.declare import Column, Table
from shoplake.errors import hint
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.store.json_columns import quoted

OPERATORS = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
OTHERS = ("in", "null")
DIRECTIONS = ("asc", "desc")
MAX_VALUES = 1000
NUMBERS, EXACT = ("int", "bigint", "decimal"), "DECIMAL(38,12)"
"""Numbers are compared with the value as it was typed: as an integer, 1.5 would be 2, and 2 not greater than it."""


@dataclass(frozen=True)
class Selection:
    """A query over one table: SQL without limit, and the values bound in it."""

    sql: str
    values: tuple[Any, ...]
    columns: tuple[str, ...]


def select_rows(
    table: Table[...], select: str | None = None, filters: Sequence[str] = (), order: str | None = None
) -> Selection:
    """Return the selection. Names are separated by commas; a filter is `column:operator:value`; an order is `column` or
    `column:desc`, and the key breaks ties.

    Raises ProblemError 422 that names what is wrong and the nearest column.
    """  # noqa: D205
    columns = [_column(table, name).name for name in select.split(",")] if select else [c.name for c in table.columns]
    conditions, values = ["TRUE"], list[Any]()
    for text in filters:
        condition, bound = _condition(table, text)
        conditions.append(condition)
        values += bound
    sorting = ", ".join(_sorting(table, order))
    names = ", ".join(map(quoted, dict.fromkeys(columns)))
    layer, name = quoted(table.layer), quoted(table.name)
    sql = f"SELECT {names} FROM {layer}.{name} WHERE {' AND '.join(conditions)}"
    return Selection(f"{sql} ORDER BY {sorting}" if sorting else sql, tuple(values), tuple(dict.fromkeys(columns)))


def _condition(table: Table[...], text: str) -> tuple[str, list[Any]]:
    name, _, rest = text.partition(":")
    operator, separator, value = rest.partition(":")
    column = _column(table, name)
    if not separator or operator not in (*OPERATORS, *OTHERS):
        known = ", ".join((*OPERATORS, *OTHERS))
        raise ProblemError(422, f"The filter '{text[:80]}' is not column:operator:value. Operators are {known}.")
    if operator == "null":
        if value not in ("true", "false"):
            raise ProblemError(422, f"The filter '{text[:80]}' needs true or false after null.")
        return f"{quoted(column.name)} IS {'' if value == 'true' else 'NOT '}NULL", []
    if operator == "in":
        values = value.split(",")
        if len(values) > MAX_VALUES:
            raise ProblemError(422, f"The filter on {name} has {len(values)} values; at most {MAX_VALUES} are allowed.")
        return f"{quoted(column.name)} IN ({', '.join(_bound(column) for _ in values)})", list(values)
    return f"{quoted(column.name)} {OPERATORS[operator]} {_bound(column)}", [value]


def _bound(column: Column) -> str:
    type = {"string": "VARCHAR", "timestamp": "TIMESTAMPTZ"}.get(column.type, column.type)
    if "<" in type:
        raise ProblemError(422, f"The column '{column.name}' is a {type.split('<')[0]} and takes no filter but null.")
    return f"CAST(? AS {EXACT if type.startswith(NUMBERS) else type})"


def _sorting(table: Table[...], order: str | None) -> list[str]:
    sorting = []
    for text in order.split(",") if order else ():
        name, separator, direction = text.partition(":")
        if separator and direction not in DIRECTIONS:
            raise ProblemError(422, f"The order '{text[:80]}' is not column, column:asc or column:desc.")
        sorting.append(f"{quoted(_column(table, name).name)} {direction or 'asc'} NULLS LAST")
    rest = table.key or [column.name for column in table.columns]
    return [*sorting, *(f"{quoted(name)} NULLS LAST" for name in rest if table.column(name))]


def _column(table: Table[...], name: str) -> Column:
    column = table.column(name.strip())
    if column is None:
        known = hint(name[:80], [each.name for each in table.columns])
        raise ProblemError(422, f"{table.qualified_name} has no column '{name[:80]}'. {known}")
    return column
