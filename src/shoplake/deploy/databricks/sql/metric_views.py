"""The file that makes the metric views: what is measured over the tables, as it is declared beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.deploy.databricks.sql.statements import sql_file, use_schema
from shoplake.deploy.metric_views import SUFFIX, create_metric_view, metric_tables
from shoplake.sql_text import sql_literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.declare import Table
    from shoplake.deploy.databricks.bundle_source import BundleSource

SCHEMA = "{schema}"
"""In the text of a view what its task's parameters take the place of: a view has none of its own."""


def metric_views_file(source: BundleSource) -> str:
    """Return a metric view in gold for each table that declares metrics, named `<table>_metrics`."""
    about = "Metric views: SELECT sales_date, MEASURE(net_sales) FROM sales_daily_metrics GROUP BY ALL"
    views = (each for table in metric_tables(source.lake_catalog) for each in _statements(table))
    return sql_file(about, [*use_schema("gold"), "DECLARE OR REPLACE VARIABLE statement STRING", *views])


def _statements(table: Table[...]) -> Iterator[str]:
    statement = create_metric_view(table, f"{table.name}{SUFFIX}", f"{SCHEMA}.{table.name}")
    yield f"SET VAR statement = replace({sql_literal(statement)}, '{SCHEMA}', :catalog || '.' || :{table.layer})"
    yield "EXECUTE IMMEDIATE statement"
