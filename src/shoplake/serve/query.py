"""Read-only SQL over the tables of a lake: what may be asked, and what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from shoplake.errors import QueryRefused, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

GENERATORS = ("range", "explode", "posexplode", "inline", "stack", "sequence")
CALLS_OUT = ("java_method", "reflect", "try_reflect", "read_files", "input_file_name")


def named(query: str, known: Collection[str]) -> set[str]:
    """The tables, as `layer.name`, that a query reads.

    Raises QueryRefused unless it is one statement that only reads, and reads only tables in `known`.
    """
    statement = _parsed(query)
    if not isinstance(statement, exp.Query):
        word = query.split(None, 1)[0].upper()
        raise QueryRefused(f"Only questions are answered here, and {word} is none. Write SELECT … FROM layer.table.")
    for part in statement.walk():
        if isinstance(part, exp.DML | exp.DDL | exp.Command) and not isinstance(part, exp.Query):
            raise QueryRefused(f"Only questions are answered here; this one would {part.key.upper()}.")
        if isinstance(part, exp.Anonymous) and part.name.lower() in CALLS_OUT:
            raise QueryRefused(f"{part.name} reaches outside the lake and is not answered here.")
    return set(_tables(statement, known))


def _parsed(query: str) -> exp.Expr:
    try:
        statements = [each for each in sqlglot.parse(query, dialect="spark") if each is not None]
    except SqlglotError as error:
        first = str(error).splitlines()[0]
        raise QueryRefused(f"This is not SQL that can be read: {first}") from error
    if len(statements) != 1:
        raise QueryRefused(f"One question at a time: this is {len(statements)} statements.")
    return statements[0]


def _tables(statement: exp.Expr, known: Collection[str]) -> Iterator[str]:
    given = {each.alias_or_name.lower() for each in statement.find_all(exp.CTE)}
    for table in statement.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            name = table.this.name or table.this.key
            if name.lower() not in GENERATORS:
                raise QueryRefused(f"{name} is no table of the lake. {hint(name, known)}")
            continue
        name = ".".join(part.name for part in table.parts)
        if name.lower() in given:
            continue
        if name.lower() not in known:
            raise QueryRefused(f"'{name}' is no table of the lake. {hint(name, known)}")
        yield name.lower()
