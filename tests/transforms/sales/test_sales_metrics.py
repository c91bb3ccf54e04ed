import pytest

from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.declare.metric import find_metrics
from shoplake.transforms.sales.sales_metrics import AVERAGE_ORDER_VALUE, SALES, money_by

FOUND = find_metrics(Catalog.from_package(tables).ordered)


@pytest.mark.parametrize(("metric", "table"), FOUND, ids=[metric.name for metric, _ in FOUND])
def test_a_metric_of_money_is_split_by_currency_and_each_by_feed(metric, table):
    dimensions = table.metrics.dimensions

    assert "feed" in dimensions
    assert metric.unit != "currency" or "currency" in dimensions


def test_the_average_order_is_no_average_of_averages():
    assert AVERAGE_ORDER_VALUE.sql() == "(SUM(gross_sales) - SUM(discounts)) / NULLIF(SUM(orders), 0)"


def test_orders_are_not_added_up_over_breakdowns_because_one_can_be_in_several():
    assert {each.name for each in SALES.metrics} - {each.name for each in money_by("channel").metrics} == {
        *("orders", "average_order_value"),
    }
