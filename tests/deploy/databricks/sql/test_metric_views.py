import re

import pytest
import yaml

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.deploy.databricks.sql.metric_views import create_metric_view, metric_view

CATALOG = Catalog.from_package(tables)


def test_a_metric_view_has_the_metrics_that_are_declared_beside_the_table(statements):
    made = [each for each in statements("metric_views") if each.startswith("SET VAR")]

    declared = {table.name for table in CATALOG.ordered if table.metrics is not None}
    assert {re.search(r"VIEW (\w+)_metrics WITH METRICS", each)[1] for each in made} == declared
    assert "EXECUTE IMMEDIATE statement" in statements("metric_views")


def test_a_ratio_is_one_of_sums_and_has_label_meaning_and_unit():
    view = yaml.safe_load(metric_view(CATALOG["sales_daily"], "shop.gold.sales_daily"))

    measures = {each["name"]: each for each in view["measures"]}
    average = measures["average_order_value"]
    assert average["expr"] == "(SUM(gross_sales) - SUM(discounts)) / NULLIF(SUM(orders), 0)"
    assert (view["version"], view["source"], average["display_name"]) == (
        "1.1",
        "shop.gold.sales_daily",
        "Average order",
    )
    assert average["comment"].endswith("(currency)")


def test_rows_that_do_not_count_are_filtered():
    assert yaml.safe_load(metric_view(CATALOG["sessions"], "s"))["filter"] == "NOT is_bot"


@pytest.mark.parametrize("name", ["sales_daily", "sessions"])
def test_the_version_of_apache_spark_has_only_what_it_reads(name):
    view = yaml.safe_load(metric_view(CATALOG[name], "s", "0.1"))

    assert set(view) <= {"version", "source", "filter", "dimensions", "measures"}
    assert {key for each in (*view["dimensions"], *view["measures"]) for key in each} == {"name", "expr"}


def test_the_statement_holds_the_definition_between_dollars():
    statement = create_metric_view(CATALOG["sales_daily"], "version: '1.1'\n")

    assert (
        statement == "CREATE OR REPLACE VIEW sales_daily_metrics WITH METRICS LANGUAGE YAML AS $$\nversion: '1.1'\n$$"
    )
