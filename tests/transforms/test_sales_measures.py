from decimal import Decimal

from shoplake.tables.silver.order_lines import order_lines
from shoplake.transforms.sales_measures import MEASURES, aggregate_sales

SALE = {"order_id": "o1", "kind": "sale", "line_class": "goods", "customer_id": "c1", "quantity": 1, "amount": "3.00"}


def test_measures_are_aggregated_by_the_group_columns(some):
    lines = some(order_lines, SALE | {"country": "GB"}, SALE | {"country": "FR", "kind": "return", "amount": "-3.00"})

    rows = aggregate_sales(lines.groupBy("country"), "country").orderBy("country").collect()

    assert [(row.country, row.orders, row.gross_sales, row.returns, row.net_sales) for row in rows] == [
        ("FR", 0, Decimal("0.00"), Decimal("3.00"), Decimal("-3.00")),
        ("GB", 1, Decimal("3.00"), Decimal("0.00"), Decimal("3.00")),
    ]


def test_the_measures_have_their_declared_types(some):
    rows = aggregate_sales(some(order_lines).groupBy("feed"), "feed")

    columns = [(field.name, field.dataType.simpleString()) for field in rows.schema]
    assert columns == [("feed", "string"), *[(each.name, each.type) for each in MEASURES]]


def test_adjustments_are_neither_sold_nor_returned(some):
    lines = some(order_lines, SALE | {"kind": "adjustment"}, SALE | {"kind": "adjustment", "line_class": "other"})

    [row] = aggregate_sales(lines.groupBy("feed"), "feed").collect()

    assert (row.orders, row.units_sold, row.gross_sales, row.other) == (0, 0, Decimal("0.00"), Decimal("3.00"))
