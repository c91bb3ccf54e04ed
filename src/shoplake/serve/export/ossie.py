"""Definitions of tables, columns and metrics as Apache Ossie YAML (core specification 0.2.0.dev0)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shoplake.declare.names import find_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from shoplake.declare import Column, Table
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
METRICS = (
    ("net_sales", "gold.sales_daily", "SUM({net_sales})", "Gross sales less discounts and returns"),
    ("gross_sales", "gold.sales_daily", "SUM({gross_sales})", "Goods sold, before discounts and returns"),
    ("orders", "gold.sales_daily", "SUM({orders})", "Orders with a sale of goods that are not cancelled"),
    (
        "average_order_value",
        "gold.sales_daily",
        "(SUM({gross_sales}) - SUM({discounts})) / NULLIF(SUM({orders}), 0)",
        "Gross sales less discounts, per order",
    ),
    ("margin", "gold.sales_daily", "SUM({margin})", "Net sales less cost, of goods whose cost is known"),
    (
        "purchase_rate",
        "gold.funnel_daily",
        "SUM({purchase_sessions}) * 1.0 / NULLIF(SUM({page_view_sessions}), 0)",
        "Sessions that reach a purchase in order, of those that begin with a page view",
    ),
)
"""Metrics that add up over days: name, table, expression over its columns, meaning. Group money by currency."""


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
    if metrics := [_metric(*each) for each in METRICS if each[1] in by_name]:
        model["metrics"] = metrics
    return {"version": VERSION, "semantic_model": [model]}


def to_yaml(value: Any, depth: int = 0) -> str:
    """Return maps and lists in block style; texts are quoted as in JSON, which YAML includes."""
    pad = "  " * depth
    if isinstance(value, Mapping) and value:
        return "".join(f"{pad}{key}:{_child(each, depth)}" for key, each in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{pad}-{to_yaml(each, depth + 1)[len(pad) + 1 :]}" for each in value)
    return f"{pad}{json.dumps(value, ensure_ascii=False)}\n"


def _child(value: Any, depth: int) -> str:
    if isinstance(value, Mapping | list) and value:
        return f"\n{to_yaml(value, depth + 1)}"
    return f" {to_yaml(value)}"


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


def _metric(name: str, table: str, expression: str, meaning: str) -> dict[str, Any]:
    columns = _Columns(table.partition(".")[2])
    return {"name": name, "expression": _expression(expression.format_map(columns)), "description": meaning}


class _Columns(dict[str, str]):
    """Column to `table.column`."""

    def __init__(self, table: str) -> None:
        self._table = table

    def __missing__(self, column: str) -> str:
        return f"{self._table}.{column}"


def _expression(text: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": DIALECT, "expression": text}]}
