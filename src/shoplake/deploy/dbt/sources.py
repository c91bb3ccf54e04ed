"""The lake's tables as sources of dbt: columns, types, descriptions, and tests of keys and rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shoplake.declare import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlglot import exp

    from shoplake.declare import Column, Expectation, Table
    from shoplake.declare.catalog import Catalog

JINJA = re.compile(r"\{(?=[{%#])")
"""A brace that begins an expression, a statement or a comment."""
LAYERS = {"gold": "Answers, as shoplake builds them.", "silver": "Cleaned records that metrics count."}


def source_tables(catalog: Catalog) -> list[Table[...]]:
    """Return the tables that are sources: gold, and others that declare metrics."""
    return [table for table in catalog.ordered if table.layer == "gold" or table.metrics is not None]


def sources_document(tables: Sequence[Table[...]]) -> dict[str, Any]:
    """Return the sources, one per layer: on DuckDB tables in the lake's folder, elsewhere those of the catalog."""
    layers = [layer for layer in LAYERS if any(table.layer == layer for table in tables)]
    return {
        "version": 2,
        "sources": [_source(layer, [each for each in tables if each.layer == layer]) for layer in layers],
    }


def rule_test(rule: Expectation) -> dict[str, Any]:
    """Return the test of a rule, translated for DuckDB where that differs; a rule that warns is a warning here."""
    arguments = {"condition": plain_text(rule.condition)}
    if (translated := _on_duckdb(rule.condition)) != rule.condition:
        arguments["duckdb"] = plain_text(translated)
    severity = "warn" if rule.on_violation is Action.WARN else "error"
    return {"satisfies": {"name": rule.name, "arguments": arguments, "config": {"severity": severity}}}


def key_test(columns: Sequence[str]) -> dict[str, Any]:
    """Return the test that no two rows have the same key."""
    return {"unique_key": {"arguments": {"columns": list(columns)}}}


def plain_text(text: str) -> str:
    """Return a text that dbt renders as it is: braces of Jinja in it are no expressions."""
    return JINJA.sub("{{ '{' }}", text)


def _source(layer: str, tables: Sequence[Table[...]]) -> dict[str, Any]:
    return {
        "name": layer,
        "description": LAYERS[layer],
        "database": "{{ target.database }}",
        "schema": layer,
        "tables": [_table(table) for table in tables],
    }


def _table(table: Table[...]) -> dict[str, Any]:
    lake_path = f"{{{{ var('lake') }}}}/{table.path}"
    source: dict[str, Any] = {
        "name": table.name,
        "description": plain_text(table.doc),
        "config": {"meta": {"plugin": "delta", "delta_table_path": lake_path}},
        "columns": [_column(column) for column in table.columns],
    }
    if tests := list(_tests(table)):
        source["data_tests"] = tests
    return source


def _tests(table: Table[...]) -> Iterator[dict[str, Any]]:
    if table.key:
        yield key_test(table.key)
    required = {f"{column.name}_present" for column in table.columns if column.required}
    for rule in table.expectations:
        if rule.name not in required:
            test = rule_test(rule)
            test["satisfies"]["name"] = f"{table.name}_{rule.name}"
            yield test


def _column(column: Column) -> dict[str, Any]:
    cells: dict[str, Any] = {"name": column.name, "data_type": column.type, "description": plain_text(column.meaning)}
    if column.personal:
        cells["config"] = {"meta": {"personal": column.personal}}
    if column.required:
        cells["data_tests"] = ["not_null"]
    return cells


def _on_duckdb(condition: str) -> str:
    import sqlglot

    translated: exp.Expr = sqlglot.parse_one(condition, read="spark").transform(_day_of_week)
    return translated.sql("duckdb")


def _day_of_week(node: exp.Expr) -> exp.Expr:
    """Return a day of the week as DuckDB counts it: Sundays are 0 there, and 1 in Spark's `dayofweek`."""
    from sqlglot import exp

    if isinstance(node, exp.DayOfWeek):
        return exp.paren(exp.Add(this=node.copy(), expression=exp.Literal.number(1)))
    if isinstance(node, exp.Anonymous) and node.name.lower() == "weekday":
        return exp.paren(exp.Sub(this=exp.func("isodow", *node.expressions), expression=exp.Literal.number(1)))
    return node
