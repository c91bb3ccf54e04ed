"""Data contracts of tables in the Open Data Contract Standard (ODCS v3, Bitol), and what breaks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.declare.gate import Unique

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shoplake.declare import Column, Expectation, Table

API_VERSION = "v3.1.0"
LOGICAL_TYPES = {
    **dict.fromkeys(("int", "bigint"), "integer"),
    **dict.fromkeys(("double", "float", "decimal"), "number"),
    **dict.fromkeys(("timestamp", "date"), "date"),
    **{"string": "string", "boolean": "boolean", "array": "array", "map": "object", "struct": "object"},
}
"""The standard's type of a column by how its own begins."""


def to_contract(table: Table[...], version: str) -> dict[str, Any]:
    """Return the contract of a table, whose version is that of shoplake: columns, key, rules and unique gates."""
    keys = {name: number for number, name in enumerate(table.key, 1)}
    rules = [{"type": "sql", "name": rule.name, "query": _count(rule), "mustBe": 0} for rule in table.expectations]
    repeated = [gate for gate in table.gates if isinstance(gate, Unique)]
    unique = [
        {"type": "library", "name": gate.name, "metric": "duplicateValues", "mustBe": 0}
        | {"arguments": {"properties": list(gate.columns)}}
        for gate in repeated
    ]
    schema = {
        "name": table.name,
        "physicalName": table.qualified_name,
        "logicalType": "object",
        "physicalType": "table",
        "description": table.doc,
        "properties": [_property(column, keys.get(column.name)) for column in table.columns],
        "quality": [*rules, *unique],
    }
    head = {"apiVersion": API_VERSION, "kind": "DataContract", "id": f"shoplake.{table.qualified_name}"}
    about = {
        "name": table.qualified_name,
        "version": version,
        "status": "active",
        "description": {"purpose": table.summary},
    }
    return {**head, **about, "schema": [schema]}


def breaking_changes(contract: Mapping[str, Any], table: Table[...]) -> Iterator[str]:
    """Yield what a consumer of an earlier contract of a table can no longer rely on.

    A column that is gone, has another type or may be null now; a key of other columns; a rule that is gone.
    """
    [schema] = to_contract(table, "")["schema"]
    [known] = contract["schema"]
    now = {each["name"]: each for each in schema["properties"]}
    listed = known.get("properties", [])
    for was in listed:
        if was["name"] in now:
            yield from _changes(was, now[was["name"]])
        else:
            yield f"column {was['name']} is gone"
    names = {each["name"] for each in listed}
    yield from (f"column {name} is new in the key" for name in table.key if name not in names)
    rules = {each["name"] for each in schema["quality"]}
    for quality in known.get("quality", []):
        if quality.get("name") not in rules:
            yield f"rule {quality.get('name')} is gone"


def _changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    name = was["name"]
    if was.get("physicalType") != now["physicalType"]:
        yield f"column {name} is {now['physicalType']}, it was {was.get('physicalType')}"
    if was.get("required") and not now.get("required"):
        yield f"column {name} may be null"
    if was.get("primaryKeyPosition", -1) != now.get("primaryKeyPosition", -1):
        yield f"column {name} has another place in the key"


def _count(rule: Expectation) -> str:
    """Return the query of the rows that violate a rule; `{object}` stands for the table, as the standard has it."""
    return f"SELECT count(*) FROM {{object}} WHERE NOT coalesce({rule.condition}, false)"


def _property(column: Column, key_place: int | None) -> dict[str, Any]:
    base = column.type.split("(")[0].split("<")[0]
    cells: dict[str, Any] = {
        "name": column.name,
        "logicalType": LOGICAL_TYPES[base],
        "physicalType": column.type,
        "description": column.meaning,
    }
    if column.required:
        cells["required"] = True
    if key_place is not None:
        cells |= {"primaryKey": True, "primaryKeyPosition": key_place}
    if column.personal:
        cells["classification"] = "personal"
    if column.unit:
        cells["customProperties"] = [{"property": "unit", "value": column.unit}]
    return cells
