"""Metric views: what is measured over the tables, as it is declared beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import yaml

from shoplake.deploy.databricks.sql.statements import literal, sql_file, use_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.declare import Table
    from shoplake.deploy.databricks.bundle_source import BundleSource

SCHEMA = "{schema}"
"""In the text of a view what its task's parameters take the place of: a view has none of its own."""


def metric_views_file(source: BundleSource) -> str:
    """Return a metric view in gold for each table that declares metrics, named `<table>_metrics`."""
    about = "Metric views: SELECT sales_date, MEASURE(net_sales) FROM sales_daily_metrics GROUP BY ALL"
    views = (each for table in source.lake_catalog.ordered for each in _statements(table))
    return sql_file(about, [use_schema("gold"), "DECLARE OR REPLACE VARIABLE statement STRING", *views])


def metric_view_name(table: Table[...]) -> str:
    """Return the name of the metric view of a table."""
    return f"{table.name}_metrics"


def metric_view(table: Table[...], location: str, version: Literal["0.1", "1.1"] = "1.1") -> str:
    """Return the definition of the metric view of a table at `location`, as YAML.

    Version 1.1 is that of Databricks, with labels and meanings; 0.1 is what Apache Spark 4.2 reads.
    """
    metrics = table.metrics
    assert metrics is not None
    dimensions = [table.column(name) for name in (metrics.time, *metrics.dimensions)]
    described = version != "0.1"
    view: dict[str, Any] = {
        "version": version,
        **({"comment": table.summary} if described else {}),
        "source": location,
        **({"filter": metrics.where} if metrics.where else {}),
        "dimensions": [
            {"name": each.name, "expr": each.name} | ({"comment": each.meaning} if described else {})
            for each in dimensions
            if each is not None
        ],
        "measures": [
            {"name": each.name, "expr": each.sql()}
            | ({"display_name": each.label, "comment": f"{each.meaning} ({each.unit})"} if described else {})
            for each in metrics.metrics
        ],
    }
    text: str = yaml.safe_dump(view, sort_keys=False, allow_unicode=True, width=1000)
    return text


def create_metric_view(table: Table[...], definition: str) -> str:
    """Return the statement that makes the metric view of a table from its definition."""
    return f"CREATE OR REPLACE VIEW {metric_view_name(table)} WITH METRICS LANGUAGE YAML AS $$\n{definition}$$"


def _statements(table: Table[...]) -> Iterator[str]:
    if table.metrics is None:
        return
    statement = create_metric_view(table, metric_view(table, f"{SCHEMA}.{table.name}"))
    yield f"SET VAR statement = replace({literal(statement)}, '{SCHEMA}', :catalog || '.' || :{table.layer})"
    yield "EXECUTE IMMEDIATE statement"
