"""Rows as JSON in DuckDB's SQL: money as text, ISO dates, times with Z, and null for what is no number."""

from collections.abc import Sequence

from shoplake.declare import Column

TIME = "replace(strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ'), '.000000Z', 'Z')"
FINITE = "CASE WHEN isfinite({name}) THEN {name} END"


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def json_row(columns: Sequence[Column]) -> str:
    """Return the expression of a row as a JSON object, columns in order."""
    members = ", ".join(f"'{each.name}', {json_value(each)}" for each in columns)
    return f"json_object({members})"


def json_value(column: Column) -> str:
    """Return the expression of one column as a value in JSON."""
    name = quoted(column.name)
    if column.type.startswith("decimal"):
        return f"CAST({name} AS VARCHAR)"
    if column.type == "timestamp":
        return TIME.format(name=name)
    if column.type == "date":
        return f"CAST({name} AS VARCHAR)"
    return FINITE.format(name=name) if column.type in ("double", "float") else name
