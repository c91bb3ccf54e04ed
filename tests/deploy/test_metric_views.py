import pytest
import yaml

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.deploy.metric_views import create_metric_view, metric_tables, metric_view, metric_view_name
from shoplake.tables.gold.sales.sales_daily import sales_daily
from shoplake.tables.silver.sessions import sessions

TABLES = metric_tables(Catalog.from_package(tables))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_metric_view_has_each_metric_and_dimension_with_its_meaning(table):
    view = metric_view(table, "shop.gold.source")

    assert view["source"] == "shop.gold.source"
    assert [each["name"] for each in view["measures"]] == [each.name for each in table.metrics.metrics]
    assert [each["name"] for each in view["dimensions"]] == [table.metrics.time, *table.metrics.dimensions]
    assert all(each["comment"] for each in (*view["measures"], *view["dimensions"]))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_spark_takes_names_and_expressions_only(table):
    view = metric_view(table, "gold.source", "0.1")

    assert view.keys() <= {"version", "source", "filter", "dimensions", "measures"}
    assert {key for each in (*view["measures"], *view["dimensions"]) for key in each} == {"name", "expr"}


def test_rows_that_do_not_count_are_filtered():
    assert metric_view(sessions, "silver.sessions")["filter"] == "NOT is_bot"


def test_the_statement_holds_the_view_as_yaml():
    statement = create_metric_view(sales_daily, metric_view_name(sales_daily), "gold.sales_daily")

    head, text, tail = statement.split("$$")
    assert (head, tail) == ("CREATE OR REPLACE VIEW gold.sales_daily_metrics WITH METRICS LANGUAGE YAML AS ", "")
    assert yaml.safe_load(text) == metric_view(sales_daily, "gold.sales_daily")


def test_a_table_without_metrics_has_no_metric_view():
    table = Catalog.from_package(tables)["carts"]

    with pytest.raises(ValueError, match=r"gold\.carts declares no metrics"):
        metric_view(table, "gold.carts")
