from shoplake import tables
from shoplake.declare.catalog import Catalog
from shoplake.reference.metric_page import metric_page


def test_each_metric_has_one_row_with_its_expression_and_each_table_its_dimensions():
    lines = metric_page(Catalog.from_package(tables)).splitlines()

    [orders] = [line for line in lines if line.startswith("| `orders` |")]
    assert orders.endswith("| `SUM(orders)` | `gold.sales_daily` | orders | up |")
    [sessions] = [line for line in lines if line.startswith("| [silver.sessions]")]
    assert sessions.endswith("| `feed`, `channel`, `device` | `NOT is_bot` | `sessions`, `conversion` |")
