from decimal import Decimal

import pytest
from reliability.lakes import listed

from .oracle import order_values, sales

MEASURES = ("orders", "gross_sales", "discounts", "returns", "cost")


@pytest.mark.sample
def test_sales_by_category_are_those_of_an_independent_sum(shop):
    lines, products = (listed(shop / "lake", f"silver/{name}") for name in ("order_lines", "products"))
    expected = sales(order_values(lines, products, "GBP").values(), lambda value: value["category"] or "(unknown)")

    rows = listed(shop / "lake", "gold/sales_by_category_daily")

    output = {
        (row["sales_date"], row["currency"], row["category"]): [row[name] or 0 for name in MEASURES] for row in rows
    }
    assert output == {key: [day[name] for name in MEASURES] for key, day in expected.items()}


def test_a_return_counts_in_the_category_of_the_time_of_its_order(shop):
    rows = [
        row for row in listed(shop / "lake", "gold/sales_by_category_daily") if str(row["sales_date"]) == "2026-04-02"
    ]

    assert [(row["top_category"], row["category"], row["returns"]) for row in rows] == [
        ("Home", "Home", Decimal("15.00"))
    ]
