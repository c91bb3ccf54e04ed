"""Read-only SQL over the tables of a lake: what may be asked, and what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from shoplake.errors import QueryNotAllowedError, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

GENERATORS = ("range", "explode", "posexplode", "inline", "stack", "sequence")
CALLS_OUT = ("java_method", "reflect", "try_reflect", "read_files", "input_file_name")


def referenced_tables(query: str, known: Collection[str]) -> set[str]:
    """The tables, as `layer.name`, that a query reads.

    Raises QueryNotAllowedError unless it is one statement that only reads, and reads only tables in `known`.
    """
    statement = _parsed(query)
    if not isinstance(statement, exp.Query):
        word = query.split(None, 1)[0].upper()
        raise QueryNotAllowedError(
            f"Only questions are answered here, and {word} is none. Write SELECT … FROM layer.table."
        )
    for part in statement.walk():
        if isinstance(part, exp.DML | exp.DDL | exp.Command) and not isinstance(part, exp.Query):
            raise QueryNotAllowedError(f"Only questions are answered here; this one would {part.key.upper()}.")
        if isinstance(part, exp.QueryTransform):
            raise QueryNotAllowedError("TRANSFORM hands rows to a program and is not answered here.")
        if isinstance(part, exp.Anonymous) and part.name.lower() in CALLS_OUT:
            raise QueryNotAllowedError(f"{part.name} reaches outside the lake and is not answered here.")
        if isinstance(part, exp.Lateral | exp.Table) and isinstance(part.this, exp.Func):
            _generates(part.this, known)
    return set(_tables(statement, known))


def qualify_tables(query: str, places: Mapping[str, str]) -> str:
    """The query with each table that `places` has called by what it says there; all else stays as it was typed.

    A table without an alias gets its bare name for one, so that `sales_daily.net_sales` still means its column.
    """
    statement = _parsed(query)
    changes = [*_renamed(statement, places), *_unlayered(statement, places)]
    for first, last, text in sorted(changes, reverse=True):
        query = query[:first] + text + query[last:]
    return query


def _renamed(statement: exp.Expr, places: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    for table in statement.find_all(exp.Table):
        place = places.get(".".join(part.name for part in table.parts).lower())
        if place is None or isinstance(table.this, exp.Func) or _is_given(table):
            continue
        is_bare = not table.alias and not table.args.get("sample")
        name = f"{place} AS `{table.name}`" if is_bare else place
        yield table.parts[0].meta["start"], table.parts[-1].meta["end"] + 1, name


def _unlayered(statement: exp.Expr, places: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """The layer in `gold.sales_daily.net_sales`: the table has no layer once it is called by its place."""
    for column in statement.find_all(exp.Column):
        if column.db and f"{column.db}.{column.table}".lower() in places:
            yield column.args["db"].meta["start"], column.args["table"].meta["start"], ""


def _parsed(query: str) -> exp.Expr:
    try:
        statements = [each for each in sqlglot.parse(query, dialect="spark") if each is not None]
    except SqlglotError as error:
        first = str(error).splitlines()[0]
        raise QueryNotAllowedError(f"This is not SQL that can be read: {first}") from error
    if len(statements) != 1:
        raise QueryNotAllowedError(f"One question at a time: this is {len(statements)} statements.")
    return statements[0]


def _tables(statement: exp.Expr, known: Collection[str]) -> Iterator[str]:
    for table in statement.find_all(exp.Table):
        if isinstance(table.this, exp.Func) or _is_given(table):
            continue
        name = ".".join(part.name for part in table.parts)
        if name.lower() not in known:
            raise QueryNotAllowedError(f"'{name}' is no table of the lake. {hint(name, known)}")
        yield name.lower()


def _is_given(table: exp.Table) -> bool:
    """Whether a name without layer is that of a WITH around it."""
    around: exp.Expr | None = table
    while around is not None and not table.db:
        given = around.args.get("with_")
        if given and any(each.alias.lower() == table.name.lower() for each in given.expressions):
            return True
        around = around.parent
    return False


def _generates(function: exp.Func, known: Collection[str]) -> None:
    """Refuse a function in the place of a table unless it only makes rows of values."""
    name = function.sql_name() if not isinstance(function, exp.Anonymous) else function.name
    if name.lower() not in GENERATORS and function.key not in GENERATORS:
        raise QueryNotAllowedError(f"{name.lower()} is no table of the lake. {hint(name.lower(), known)}")
