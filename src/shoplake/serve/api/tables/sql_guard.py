"""Guarded SQL: one DuckDB query that reads declared tables and calls known functions, and nothing else."""

import contextlib
import logging
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from shoplake.errors import QueryNotAllowedError, UnknownTableError

GENERATORS = ("range", "generate_series", "unnest")
REFUSED = re.compile(
    r"^(duckdb_|pg_|pragma_|current_setting|set|getvariable|getenv|read_|sniff_|glob|query|nextval|currval|txid|"
    r"current_(database|schemas?|user|role|catalog|query|connection|transaction|version)|session_user|user$|version|"
    r"in_search_path|has_|write_|force_|error$|sleep|parse_(filename|path|dirname)|file|which_secret|json_execute|"
    r"json_serialize_(sql|plan)|json_deserialize_sql|add_parquet|repeat$|lpad$|rpad$|array_resize|list_resize)"
)
"""Functions that tell of the server, or make large values of small ones."""
SYSTEM_VIEW = re.compile(r"^(duckdb_|pg_|sqlite_|pragma_|information_schema)")
MAX_LENGTH = 20_000


@dataclass(frozen=True)
class CheckedQuery:
    """A query written anew from what was checked, and the tables, as `layer.name`, that it reads."""

    sql: str
    tables: frozenset[str]


def check_query(query: str, tables: Collection[str]) -> CheckedQuery:
    """Return the query, to be executed as it was understood here.

    Raises QueryNotAllowedError unless it is one SELECT over tables in `tables` with functions that only compute.
    """
    statement = _parse(query)
    for part in statement.walk():
        if isinstance(part, exp.DML | exp.DDL | exp.Command | exp.Into) and not isinstance(part, exp.Query):
            raise QueryNotAllowedError(f"Only SELECT queries are allowed; this one contains {part.key.upper()}.")
        if isinstance(part, exp.Parameter | exp.Placeholder | exp.SessionParameter):
            raise QueryNotAllowedError("Parameters are not allowed. Write the values.")
        if isinstance(part, exp.Func):
            _check_function(part)
    return CheckedQuery(statement.sql(dialect="duckdb"), frozenset(_check_tables(statement, tables)))


def _parse(query: str) -> exp.Query:
    if len(query) > MAX_LENGTH:
        raise QueryNotAllowedError(f"The query has {len(query)} characters; at most {MAX_LENGTH} are allowed.")
    try:
        with _silent_parser():
            statements = [each for each in sqlglot.parse(query, dialect="duckdb") if each is not None]
    except (SqlglotError, RecursionError) as error:
        first = str(error).splitlines()[0] if str(error) else "it is nested too deeply"
        raise QueryNotAllowedError(f"The query is not valid SQL: {first}") from error
    if not statements:
        raise QueryNotAllowedError("The query is empty. Write SELECT … FROM layer.table.")
    if len(statements) > 1:
        raise QueryNotAllowedError(f"Write one query at a time: this is {len(statements)} statements.")
    [statement] = statements
    if not isinstance(statement, exp.Query):
        raise QueryNotAllowedError("Only SELECT queries are allowed. Write SELECT … FROM layer.table.")
    return statement


def _check_function(function: exp.Func) -> None:
    name = (
        function.name if isinstance(function, exp.Anonymous | exp.AnonymousAggFunc) else function.sql_name()
    ).lower()
    is_known = not isinstance(function, exp.Anonymous) or name in _known_functions()
    if REFUSED.match(name) or not is_known:
        raise QueryNotAllowedError(f"The function '{name}' is not allowed: only functions that compute on rows are.")


def _check_tables(statement: exp.Query, tables: Collection[str]) -> set[str]:
    found = set()
    common = {each.alias.lower() for each in statement.find_all(exp.CTE)}
    for table in statement.find_all(exp.Table):
        name = ".".join(part.name for part in table.parts).lower()
        if isinstance(table.this, exp.Func):
            function = table.this.name if isinstance(table.this, exp.Anonymous) else table.this.sql_name()
            if function.lower() not in GENERATORS:
                raise QueryNotAllowedError(
                    f"The table function '{function}' is not allowed. Read tables by layer.name."
                )
        elif name in tables:
            found.add(name)
        elif "." in name or name not in common or SYSTEM_VIEW.match(name):
            raise UnknownTableError(name[:80], tables)
    return found


def _known_functions() -> frozenset[str]:
    if not _functions:
        with duckdb.connect(":memory:") as connection:
            rows = connection.execute(
                "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ('scalar', 'aggregate')"
            ).fetchall()
        _functions.append(frozenset(name for (name,) in rows))
    return _functions[0]


_functions: list[frozenset[str]] = []


@contextlib.contextmanager
def _silent_parser() -> Iterator[None]:
    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
