"""Turns what an engine says of a query that fails into one plain sentence, without the engine's internals."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from shoplake.engine.session.error_mapping import first_line, message, to_shoplake_error
from shoplake.errors import QueryError, hint

if TYPE_CHECKING:
    from collections.abc import Collection

    from shoplake.errors import ShoplakeError

OBJECT_NAME = re.compile(r"ObjectName\(\[((?:Identifier\(\"[^\"]*\"\)(?:, )?)+)\]\)")
IDENTIFIER = re.compile(r"Identifier\(\"([^\"]*)\"\)")
INTERNAL_COLUMN = re.compile(r"'?(?:\w+\.)?\"?#\d+\"?'?")
STATE = re.compile(r" SQLSTATE: \w{5}\b\.?")
MAX_LENGTH = 300
NOT_GROUPED = "A selected column is neither in GROUP BY nor inside an aggregate such as max(column)."

MISSING_COLUMN = (
    re.compile(r"attribute (ObjectName\(\[.*?\]\)) is missing from the schema"),
    re.compile(r"UNRESOLVED_COLUMN\S* .*?with name (`[^ ]+`) cannot be resolved"),
    re.compile(r"CANNOT_RESOLVE_DATAFRAME_COLUMN\S* .*?column \"([^\"]+)\""),
)
SUGGESTED = re.compile(r"Did you mean one of the following\? \[(.*?)\]")
"""What Spark suggests for an unknown column."""
AMBIGUOUS_COLUMN = re.compile(
    r"ambiguous attribute: (ObjectName\(\[.*?\]\))|AMBIGUOUS_REFERENCE\S* Reference (`\S+`)"
    r"|AMBIGUOUS_COLUMN_REFERENCE\S* Column \"(\S+)\""
)
SENTENCES = (
    (re.compile(r"MISSING_AGGREGATION|MISSING_GROUP_BY|No field named \S*\"#\d+\""), NOT_GROUPED),
    (re.compile(r"(?:invalid argument: found|at or near) '?([^' ]+)'?"), "Syntax error near '{0}'."),
    (re.compile(r"PARSE_SYNTAX_ERROR|found end of input"), "Syntax error at the end of the query."),
    (re.compile(r"unknown function: (\w+)|UNRESOLVED_ROUTINE\S* .*?routine `(\w+)`"), "Unknown function '{0}'."),
    (
        re.compile(r"Function '(\w+)' expects (\d+) arguments but received (\d+)"),
        "Function '{0}' expects {1} arguments, not {2}.",
    ),
    (re.compile(r"Function '(\w+)' failed to match any signature"), "Function '{0}' does not accept these arguments."),
    (
        re.compile(r"does not support logical expression AggregateFunction"),
        "An aggregate function is not allowed here. Filter aggregates with HAVING, not WHERE.",
    ),
    (
        re.compile(r"Parquet (?:argument )?error|FAILED_READ_FILE"),
        "A data file is missing or damaged. Find it: shoplake verify. Mend it: shoplake repair",
    ),
    (re.compile(r"may not be non-nullable"), "The engine returns rows that do not match their schema."),
)


def to_query_error(error: BaseException, columns: Collection[str] = ()) -> QueryError:
    """Return the error of a query that the engine rejects or cannot finish.

    `columns` are those that the query can mean; the nearest to an unknown one is suggested. Without them it is the
    nearest of those that Spark names.
    """
    text = message(error)
    for pattern in MISSING_COLUMN:
        if match := pattern.search(text):
            return QueryError(_unknown_column(_dotted(match[1]), columns or _suggested(text)))
    if match := AMBIGUOUS_COLUMN.search(text):
        name = _dotted(match[1] or match[2] or match[3])
        return QueryError(f"Ambiguous column '{name}'. Name its table too, as in t.{name}.")
    for pattern, sentence in SENTENCES:
        if match := pattern.search(text):
            return QueryError(sentence.format(*(group for group in match.groups() if group is not None)))
    return QueryError(_without_internals(first_line(error)))


def _unknown_column(name: str, columns: Collection[str]) -> str:
    bare = name.rpartition(".")[2]
    if not columns:
        return f"Unknown column '{name}'."
    by_lower = {column.lower(): column for column in sorted(columns)}
    near = get_close_matches(bare.lower(), by_lower, n=1)
    suggestion = f"Did you mean '{by_lower[near[0]]}'?" if near else hint(bare, columns)
    return f"Unknown column '{name}'. {suggestion}"


def _suggested(text: str) -> list[str]:
    found = SUGGESTED.search(text)
    return [_dotted(each.strip()).rpartition(".")[2] for each in found[1].split(",")] if found else []


def _dotted(name: str) -> str:
    """Return a name such as t.column from the way an engine writes it."""
    parts = IDENTIFIER.findall(name) or [part.strip("`") for part in name.split(".")]
    return ".".join(parts)


def _without_internals(text: str) -> str:
    text = OBJECT_NAME.sub(lambda match: f"'{_dotted(match[1])}'", text)
    text = STATE.sub("", INTERNAL_COLUMN.sub("a column", text))
    return text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH].rstrip()} …"


def sql_error(error: BaseException, query: str, columns: Collection[str] = ()) -> ShoplakeError:
    """Return the error of a SQL query; it names a column that GROUP BY lacks, which engines do not."""
    failed = to_query_error(error, columns)
    from shoplake.engine.query.sql import ungrouped_column  # its parser is slow to load

    if failed.reason == NOT_GROUPED and (column := ungrouped_column(query)):
        failed = QueryError(f"Column '{column}' is neither in GROUP BY nor inside an aggregate such as max({column}).")
    return to_shoplake_error(error, failed)
