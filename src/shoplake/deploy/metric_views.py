"""Metric views of the tables that declare metrics, for Databricks (YAML 1.1) and open-source Spark 4.2 (YAML 0.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from shoplake.operations.yaml_text import to_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.declare import Metric, MetricView, Table
    from shoplake.declare.catalog import Catalog

Version = Literal["1.1", "0.1"]
"""Of the YAML. Databricks takes 1.1, with comments and labels; Spark 4.2 takes 0.1, without them."""
SUFFIX = "_metrics"
FORMATS = {"share": {"type": "percentage"}}


def metric_tables(catalog: Catalog) -> list[Table[...]]:
    """Return the tables that declare metrics, in the order of the catalog."""
    return [table for table in catalog.ordered if table.metrics is not None]


def metric_view_name(table: Table[...]) -> str:
    """Return the name of a table's metric view: `gold.sales_daily_metrics` for `gold.sales_daily`."""
    return f"{table.qualified_name}{SUFFIX}"


def metric_view(table: Table[...], source: str, version: Version = "1.1") -> dict[str, Any]:
    """Return the metric view of a table with metrics, as the map that its YAML is; `source` names the table."""
    view = _metrics_of(table)
    document: dict[str, Any] = {"version": version}
    if version == "1.1":
        document["comment"] = f"Metrics of {table.qualified_name}. {table.summary}"
    document["source"] = source
    if view.where:
        document["filter"] = view.where
    document["dimensions"] = list(_dimensions(table, view, version))
    document["measures"] = [_measure(metric, version) for metric in view.metrics]
    return document


def create_metric_view(table: Table[...], name: str, source: str, version: Version = "1.1") -> str:
    """Return the statement that creates or replaces a table's metric view under a name.

    Spark 4.2 refuses to replace one that exists (TABLE_OR_VIEW_ALREADY_EXISTS): drop it first.
    """
    text = to_yaml(metric_view(table, source, version))
    return f"CREATE OR REPLACE VIEW {name} WITH METRICS LANGUAGE YAML AS $$\n{text}$$"


def _metrics_of(table: Table[...]) -> MetricView:
    if table.metrics is None:
        raise ValueError(f"{table.qualified_name} declares no metrics")
    return table.metrics


def _dimensions(table: Table[...], view: MetricView, version: Version) -> Iterator[dict[str, Any]]:
    for name in (view.time, *view.dimensions):
        column = table.column(name)
        comment = {"comment": column.meaning} if version == "1.1" and column else {}
        yield {"name": name, "expr": name, **comment}


def _measure(metric: Metric, version: Version) -> dict[str, Any]:
    measure: dict[str, Any] = {"name": metric.name, "expr": metric.sql()}
    if version == "1.1":
        measure |= {"comment": metric.meaning, "display_name": metric.label}
        if metric.unit in FORMATS:
            measure["format"] = FORMATS[metric.unit]
    return measure
