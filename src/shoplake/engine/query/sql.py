"""Read-only SQL over the tables of a lake: what is allowed, and which tables a query names."""

from __future__ import annotations

import contextlib
import logging
import re
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from shoplake.errors import QueryNotAllowedError, UnknownTableError, hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

GENERATORS = ("range", "explode", "posexplode", "inline", "stack", "sequence")
CALLS_OUT = ("java_method", "reflect", "try_reflect", "read_files", "input_file_name")
AS_OF = re.compile(r"\s+(?:FOR\s+)?(?:SYSTEM_)?VERSION\s+AS\s+OF\s+\d+", re.IGNORECASE)
COMMANDS = {
    "SHOW": "List the tables with: shoplake tables",
    "DESCRIBE": "Describe a table with: shoplake describe TABLE",
    "DESC": "Describe a table with: shoplake describe TABLE",
    "EXPLAIN": "See how a table is built with: shoplake explain TABLE",
    "OPTIMIZE": "Compact small files with: shoplake maintain optimize",
    "VACUUM": "Delete unused files with: shoplake maintain vacuum",
}
"""What does the work of a statement that is not a query."""


def referenced_tables(query: str, known: Collection[str]) -> set[str]:
    """Return the tables, as `layer.name`, that a query reads.

    Raises QueryNotAllowedError unless it is one statement that only reads, and reads only tables in `known`.
    """
    statement = _parse(query)
    if not isinstance(statement, exp.Query):
        word = query.split(None, 1)[0].upper().rstrip(";")
        instead = COMMANDS.get(word, "Write SELECT … FROM layer.table.")
        raise QueryNotAllowedError(f"Only SELECT queries are allowed, not {word}. {instead}")
    for part in statement.walk():
        if isinstance(part, exp.DML | exp.DDL | exp.Command) and not isinstance(part, exp.Query):
            raise QueryNotAllowedError(f"Only SELECT queries are allowed; this one contains {part.key.upper()}.")
        if isinstance(part, exp.QueryTransform):
            raise QueryNotAllowedError("TRANSFORM is not allowed: it passes rows to a program.")
        if isinstance(part, exp.Anonymous) and part.name.lower() in CALLS_OUT:
            raise QueryNotAllowedError(f"{part.name} is not allowed: it reaches outside the lake.")
        if isinstance(part, exp.Lateral | exp.Table) and isinstance(part.this, exp.Func):
            _check_generator(part.this, known)
    return set(_tables(statement, known))


def referenced_versions(query: str, known: Collection[str]) -> set[tuple[str, int]]:
    """Return the tables, as `layer.name`, that a query reads `VERSION AS OF` a number, with the number.

    Raises QueryNotAllowedError as `referenced_tables` does, and for a version that is no number.
    """
    referenced_tables(query, known)
    tables = (table for table in _parse(query).find_all(exp.Table) if table.args.get("version"))
    return {(".".join(part.name for part in table.parts).lower(), _version(table)) for table in tables}


def versioned_name(name: str, version: int) -> str:
    """Return the key in `places` of a table at a version."""
    return f"{name}@{version}"


def _version(table: exp.Table) -> int:
    version = table.args["version"]
    number = version.expression
    if version.name != "VERSION" or not isinstance(number, exp.Literal) or not number.is_int or number.is_string:
        raise QueryNotAllowedError(
            f"Name a version by its number: {table.name} VERSION AS OF 3. "
            f"List versions with: shoplake maintain history {table.name}"
        )
    return int(number.name)


def qualify_tables(query: str, places: Mapping[str, str]) -> str:
    """Return the query with each table in `places` under the name there; all else stays as typed.

    A table `VERSION AS OF 3` is in `places` by `versioned_name`; what is typed behind its name is left out.
    A table without an alias gets its bare name as one, so that `sales_daily.net_sales` still means its column.
    """
    statement = _parse(query)
    changes = [*_renames(query, statement, places), *_layer_prefixes(statement, places)]
    for first, last, text in sorted(changes, reverse=True):
        query = query[:first] + text + query[last:]
    return query


def ungrouped_column(query: str) -> str | None:
    """Return a column that a query selects beside aggregates and that its GROUP BY lacks; None if there is none."""
    for select in _parse(query).find_all(exp.Select):
        group = select.args.get("group")
        grouped = [each.sql().lower() for each in group.expressions] if group else []
        if not group and not any(_aggregates(each) for each in select.expressions):
            continue
        names = {name.rpartition(".")[2] for name in grouped}
        for position, projection in enumerate(select.expressions, 1):
            body = projection.unalias()
            if body.sql().lower() in grouped or str(position) in grouped or projection.alias.lower() in names:
                continue
            for column in body.find_all(exp.Column):
                if column.find_ancestor(exp.AggFunc) is None and column.name.lower() not in names:
                    return str(column.sql())
    return None


def _aggregates(projection: exp.Expr) -> bool:
    return any(each.find_ancestor(exp.Window, exp.Subquery) is None for each in projection.find_all(exp.AggFunc))


def _renames(query: str, statement: exp.Expr, places: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    for table in statement.find_all(exp.Table):
        name = ".".join(part.name for part in table.parts).lower()
        key = versioned_name(name, _version(table)) if table.args.get("version") else name
        place = places.get(key)
        if place is None or isinstance(table.this, exp.Func) or _is_common_table(table):
            continue
        is_bare = not table.alias and not table.args.get("sample")
        first, last = table.parts[0].meta["start"], table.parts[-1].meta["end"] + 1
        if table.args.get("version") and (typed := AS_OF.match(query, last)):
            last = typed.end()
        yield first, last, f"{place} AS `{table.name}`" if is_bare else place


def _layer_prefixes(statement: exp.Expr, places: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Yield the layer in `gold.sales_daily.net_sales`: the alias of a table has no layer."""
    for column in statement.find_all(exp.Column):
        if column.db and f"{column.db}.{column.table}".lower() in places:
            yield column.args["db"].meta["start"], column.args["table"].meta["start"], ""


def _parse(query: str) -> exp.Expr:
    try:
        with _silent_parser():
            statements = [each for each in sqlglot.parse(query, dialect="spark") if each is not None]
    except SqlglotError as error:
        raise QueryNotAllowedError(_syntax_error(error)) from error
    if not statements:
        raise QueryNotAllowedError("The query is empty. Write SELECT … FROM layer.table.")
    if len(statements) > 1:
        raise QueryNotAllowedError(f"Write one query at a time: this is {len(statements)} statements.")
    return statements[0]


def _syntax_error(error: SqlglotError) -> str:
    details = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    near = str(details.get("highlight") or "").strip()
    if not near:
        return "Syntax error: the query is not complete, or a quote is not closed."
    return f"Syntax error near '{near}' (line {details.get('line')}, column {details.get('col')})."


@contextlib.contextmanager
def _silent_parser() -> Iterator[None]:
    """Keep the parser from logging what it does not know: such a statement is rejected anyway."""
    logger = logging.getLogger("sqlglot")
    was_disabled, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = was_disabled


def _tables(statement: exp.Expr, known: Collection[str]) -> Iterator[str]:
    for table in statement.find_all(exp.Table):
        if isinstance(table.this, exp.Func) or _is_common_table(table):
            continue
        name = ".".join(part.name for part in table.parts)
        if name.lower() not in known:
            raise QueryNotAllowedError(str(UnknownTableError(name, known)))
        yield name.lower()


def _is_common_table(table: exp.Table) -> bool:
    """Whether a name without layer is that of a WITH around it."""
    around: exp.Expr | None = table
    while around is not None and not table.db:
        common = around.args.get("with_")
        if common and any(each.alias.lower() == table.name.lower() for each in common.expressions):
            return True
        around = around.parent
    return False


def _check_generator(function: exp.Func, known: Collection[str]) -> None:
    """Raise QueryNotAllowedError for a function in the place of a table unless it only generates rows of values."""
    name = function.sql_name() if not isinstance(function, exp.Anonymous) else function.name
    if name.lower() not in GENERATORS and function.key not in GENERATORS:
        raise QueryNotAllowedError(f"{name.lower()} is not a table of the lake. {hint(name.lower(), known)}")
