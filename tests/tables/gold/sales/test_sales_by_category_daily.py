from datetime import date
from decimal import Decimal

import pytest
from reliability.lakes import listed

from shoplake.tables.gold.sales.order_values import order_values as values
from shoplake.tables.gold.sales.sales_by_category_daily import sales_by_category_daily

from .oracle import order_values, sales

MEASURES = ("orders", "gross_sales", "discounts", "returns", "cost")
SALE = {"feed": "shop", "currency": "GBP", "order_id": "o1", "kind": "sale", "quantity": 1, "order_date": "2026-03-01"}
SALE |= {"is_cancelled": False, "top_category": "Home", "category": "Lamps", "gross": "10.00"}


def test_sales_are_summed_up_by_category_and_the_unknown_is_one(some):
    rows = sales_by_category_daily(some(values, SALE, SALE | {"gross": "5.00"}, SALE | {"category": None})).collect()

    assert {(row.top_category, row.category): (row.orders, row.units_sold, row.gross_sales) for row in rows} == {
        ("Home", "Lamps"): (1, 2, Decimal(15)),
        ("Home", "(unknown)"): (1, 1, Decimal(10)),
    }
    assert {str(row.sales_date) for row in rows} == {"2026-03-01"}


def test_a_return_counts_on_its_own_day_in_the_category_of_its_sale(some):
    returned = [{"return_date": date(2026, 4, 2), "quantity": -1, "amount": Decimal("4.0000")}]

    rows = sales_by_category_daily(some(values, SALE | {"returns": returned})).collect()

    assert {(str(row.sales_date), row.category): (row.gross_sales, row.returns) for row in rows} == {
        ("2026-03-01", "Lamps"): (Decimal(10), Decimal(0)),
        ("2026-04-02", "Lamps"): (Decimal(0), Decimal(4)),
    }


@pytest.mark.sample
def test_sales_by_category_are_those_of_an_independent_sum(shop):
    lines, products = (listed(shop / "lake", f"silver/{name}") for name in ("order_lines", "products"))
    expected = sales(order_values(lines, products, "GBP").values(), lambda value: value["category"] or "(unknown)")

    rows = listed(shop / "lake", "gold/sales_by_category_daily")

    output = {
        (row["sales_date"], row["currency"], row["category"]): [row[name] or 0 for name in MEASURES] for row in rows
    }
    assert output == {key: [day[name] for name in MEASURES] for key, day in expected.items()}


@pytest.mark.sample
def test_a_return_counts_in_the_category_of_the_time_of_its_order(shop):
    rows = [
        row for row in listed(shop / "lake", "gold/sales_by_category_daily") if str(row["sales_date"]) == "2026-04-02"
    ]

    assert [(row["top_category"], row["category"], row["returns"]) for row in rows] == [
        ("Home", "Home", Decimal("15.00"))
    ]
