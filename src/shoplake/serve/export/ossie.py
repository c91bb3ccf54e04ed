"""Definitions of tables, columns and metrics as Apache Ossie YAML (core specification 0.2.0.dev0)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shoplake.declare.metric import find_metrics
from shoplake.declare.names import find_table
from shoplake.operations.yaml_text import to_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from shoplake.declare import Column, Metric, Table
    from shoplake.declare.catalog import Catalog

VERSION = "0.2.0.dev0"
"""The version of the specification; its schema is pinned in the tests."""
DIALECT, VENDOR = "ANSI_SQL", "SHOPLAKE"
DATA_TYPES = {
    "string": "String",
    "boolean": "Boolean",
    "int": "Integer",
    "bigint": "Integer",
    "double": "Float",
    "date": "Date",
    "timestamp": "DateTimeTz",
}
ENTITIES = {("feed", "customer_id"): "gold.customer_360", ("feed", "product_id"): "gold.product_funnel"}
"""Tables with one row per customer or product, by the columns that other tables name it with."""


def write_definitions(catalog: Catalog, names: Sequence[str] = (), layers: Collection[str] = ("gold",)) -> str:
    """Return the definitions of tables, by name or else of `layers`, as YAML. Raises UnknownTableError."""
    declared = {table.qualified_name: table for table in catalog.ordered}
    chosen = {table.qualified_name: table for table in (find_table(name, declared) for name in names)}
    return to_yaml(define(list(chosen.values()) or [each for each in declared.values() if each.layer in layers]))


def define(tables: Sequence[Table[...]]) -> dict[str, Any]:
    """Return the document of these tables; metrics and relationships are those between them."""
    by_name = {table.qualified_name: table for table in tables}
    model: dict[str, Any] = {
        "name": "shoplake",
        "description": "Sales, customers, products and visits of an online shop.",
        "datasets": [_dataset(table) for table in tables],
    }
    if relationships := list(_relationships(by_name)):
        model["relationships"] = relationships
    if metrics := [_metric(*each) for each in find_metrics(tables)]:
        model["metrics"] = metrics
    return {"version": VERSION, "semantic_model": [model]}


def _dataset(table: Table[...]) -> dict[str, Any]:
    key = {"primary_key": list(table.key)} if table.key else {}
    fields = [_field(column) for column in table.columns]
    return {"name": table.name, "source": table.qualified_name} | key | {"description": table.doc, "fields": fields}


def _field(column: Column) -> dict[str, Any]:
    known = {"type": column.type, "unit": column.unit, "personal": column.personal}
    data = {name: value for name, value in known.items() if value is not None}
    return {
        "name": column.name,
        "expression": _expression(column.name),
        "dimension": {"is_time": column.type in ("date", "timestamp")},
        "description": column.meaning,
        "datatype": "Decimal" if column.type.startswith("decimal") else DATA_TYPES.get(column.type, "Opaque"),
        "custom_extensions": [{"vendor_name": VENDOR, "data": json.dumps(data)}],
    }


def _relationships(tables: Mapping[str, Table[...]]) -> Iterator[dict[str, Any]]:
    for columns, target in ENTITIES.items():
        for name, table in tables.items():
            has_columns = all(table.column(column) is not None for column in columns)
            if has_columns and target in tables and name != target:
                to = tables[target]
                yield {
                    "name": f"{table.name}_{to.name}",
                    "from": table.name,
                    "to": to.name,
                    "from_columns": list(columns),
                    "to_columns": list(columns),
                }


def _metric(metric: Metric, table: Table[...]) -> dict[str, Any]:
    where = table.metrics.where if table.metrics else ""
    expression = metric.sql(lambda column: f"{table.name}.{column}", where)
    return {"name": metric.name, "expression": _expression(expression), "description": metric.meaning}


def _expression(text: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": DIALECT, "expression": text}]}
