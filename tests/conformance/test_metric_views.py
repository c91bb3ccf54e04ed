"""Metric views are run on Spark over a lake that Sail has written, and answer what its gold tables hold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from reliability.lakes import BRONZE, catalog, lake_at, read

from shoplake.deploy.metric_views import create_metric_view, metric_tables
from shoplake.simulate import generate

from .test_tables import SMALL

if TYPE_CHECKING:
    from shoplake.lake import Lake

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A small shop with the tables that declare metrics."""
    folder = tmp_path_factory.mktemp("metrics")
    generate(folder / "landing", **SMALL)
    names = (*BRONZE, *(table.name for table in metric_tables(catalog())))
    made = lake_at(folder / "lake", folder / "landing", tables=names)
    made.run()
    return made


@pytest.mark.parametrize(
    "name",
    [*(f"sales_{by}daily" for by in ("", "by_channel_", "by_country_", "by_category_")), "funnel_daily", "sessions"],
)
def test_a_metric_view_on_spark_answers_what_duckdb_computes_of_the_table(name, lake, on_spark):
    table = lake.catalog[name]
    view, by = table.metrics, [table.metrics.time, *table.metrics.dimensions]
    on_spark.sql(f"CREATE TABLE IF NOT EXISTS {name} USING delta LOCATION '{lake.path(table.qualified_name)}'")
    on_spark.sql(f"DROP VIEW IF EXISTS {name}_metrics")
    on_spark.sql(create_metric_view(table, f"{name}_metrics", f"default.{name}", "0.1"))

    for columns in (by[:1], by[1:], by):
        keys = ", ".join(columns)
        measures = ", ".join(f"CAST(MEASURE({each.name}) AS DOUBLE) AS {each.name}" for each in view.metrics)
        found = on_spark.sql(f"SELECT {keys}, {measures} FROM {name}_metrics GROUP BY {keys}").collect()
        assert found and rounded(found) == rounded(computed(lake, table, columns)), columns


def computed(lake: Lake, table, columns: list[str]) -> list[tuple]:
    """The metrics as plain sums and ratios, written out by hand."""
    rows = read(Path(lake.settings.lake), table.path)  # noqa: F841
    by_hand = {
        "net_sales": "sum(net_sales)",
        "gross_sales": "sum(gross_sales)",
        "returns": "sum(returns)",
        "margin": "sum(margin)",
        "orders": "sum(orders)",
        "average_order_value": "(sum(gross_sales) - sum(discounts)) / nullif(sum(orders), 0)",
        "sessions": "count(*)",
        "conversion": "count(*) FILTER (purchases > 0) / count(*)",
        "purchase_rate": "sum(purchase_sessions) / nullif(sum(page_view_sessions), 0)",
    }
    measures = ", ".join(f"CAST({by_hand[each.name]} AS DOUBLE)" for each in table.metrics.metrics)
    where = "NOT is_bot" if table.name == "sessions" else "true"
    keys = ", ".join(columns)
    return duckdb.sql(f"SELECT {keys}, {measures} FROM rows WHERE {where} GROUP BY {keys}").fetchall()


def rounded(rows) -> Counter[tuple]:
    return Counter(tuple(round(cell, 4) if isinstance(cell, float) else cell for cell in row) for row in rows)
