"""The reference page of the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.declare.metric import find_metrics
from shoplake.reference.markdown import NOTE, join_paragraphs, markdown_table

if TYPE_CHECKING:
    from shoplake.declare.catalog import Catalog

ABOUT = """A metric is declared with the table it is measured over, in `@table(…, metrics=MetricView(…))`. The
dashboard, `/v1/meta`, `shoplake export --definitions ossie`, metric views and dbt read this one definition."""
SPLIT = """Each metric adds up over days and over the dimensions of its table. Amounts of different currencies are never
added up: group by `currency`."""


def metric_page(catalog: Catalog, note: str = NOTE) -> str:
    """Write the list of all metrics with their definitions, and by what each table's can be split."""
    rows = [
        (f"`{metric.name}`", metric.meaning, f"`{metric.sql()}`", f"`{table.qualified_name}`", metric.unit, metric.good)
        for metric, table in find_metrics(catalog.ordered)
    ]
    views = [
        (
            f"[{table.qualified_name}](tables/{table.qualified_name}.md)",
            f"`{view.time}`",
            ", ".join(f"`{each}`" for each in view.dimensions),
            f"`{view.where}`" if view.where else "all",
            ", ".join(f"`{each.name}`" for each in view.metrics),
        )
        for table in catalog.ordered
        if (view := table.metrics) is not None
    ]
    metrics = markdown_table(("metric", "meaning", "expression", "table", "unit", "good"), rows)
    tables = markdown_table(("table", "day", "dimensions", "rows that count", "metrics"), views)
    return join_paragraphs("# Metrics", note, ABOUT, metrics, "## Tables", SPLIT, tables)
