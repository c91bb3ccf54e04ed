from decimal import Decimal

import pytest

from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.transforms.sales.sales_measures import MEASURES, aggregate_sales, is_cancelled

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


def test_lines_of_cancelled_documents_count_only_as_cancelled(some):
    cancelled = SALE | {"order_id": "o2", "status": "cancelled", "tax": "0.50"}
    discount = cancelled | {"kind": "adjustment", "line_class": "discount", "amount": "-1.00"}
    lines = some(order_lines, SALE | {"status": "paid"}, cancelled, cancelled, discount)

    [row] = aggregate_sales(lines.groupBy("feed"), "feed").collect()

    assert (row.orders, row.gross_sales, row.discounts, row.tax) == (1, Decimal("3.00"), Decimal("0.00"), None)
    assert (row.cancelled_orders, row.cancelled_sales) == (1, Decimal("6.00"))


def test_tax_is_that_of_sales_less_that_of_returns(some):
    back = SALE | {"kind": "return", "tax": "-0.20"}
    lines = some(order_lines, SALE | {"tax": "0.50"}, back, SALE)

    [row] = aggregate_sales(lines.groupBy("feed"), "feed").collect()

    assert row.tax == Decimal("0.30")


def test_a_tax_on_a_whole_order_is_tax_and_neither_sold_nor_other(some):
    tax = SALE | {"line_class": "tax", "amount": "0.60"}
    lines = some(order_lines, SALE, tax, tax | {"status": "cancelled"}, tax | {"kind": "return", "amount": "-0.10"})

    [row] = aggregate_sales(lines.groupBy("feed"), "feed").collect()

    assert (row.tax, row.net_sales, row.returns, row.other) == (Decimal("0.50"), 3, 0, 0)


@pytest.mark.parametrize(("status", "expected"), [("cancelled", True), ("placed", False), (None, False)])
def test_a_line_is_cancelled_by_the_status_of_its_document(some, status, expected):
    [row] = some(order_lines, {"status": status}).select(is_cancelled().alias("is")).collect()

    assert row["is"] is expected


def test_adjustments_are_neither_sold_nor_returned(some):
    lines = some(order_lines, SALE | {"kind": "adjustment"}, SALE | {"kind": "adjustment", "line_class": "other"})

    [row] = aggregate_sales(lines.groupBy("feed"), "feed").collect()

    assert (row.orders, row.units_sold, row.gross_sales, row.other) == (0, 0, Decimal("0.00"), Decimal("3.00"))
