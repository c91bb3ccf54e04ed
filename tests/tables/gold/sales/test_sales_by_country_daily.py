from decimal import Decimal

import pytest
from reliability.lakes import listed

from .oracle import order_values, sales

MEASURES = ("orders", "gross_sales", "discounts", "returns", "cost")


@pytest.mark.sample
def test_sales_by_country_are_those_of_an_independent_sum(shop):
    lines, products = (listed(shop / "lake", f"silver/{name}") for name in ("order_lines", "products"))
    expected = sales(order_values(lines, products, "GBP").values(), lambda value: value["country"] or "(unknown)")

    rows = listed(shop / "lake", "gold/sales_by_country_daily")

    output = {
        (row["sales_date"], row["currency"], row["country"]): [row[name] or 0 for name in MEASURES] for row in rows
    }
    assert output == {key: [day[name] for name in MEASURES] for key, day in expected.items()}


def test_a_return_counts_in_the_country_of_its_order(shop):
    [row] = [
        row for row in listed(shop / "lake", "gold/sales_by_country_daily") if str(row["sales_date"]) == "2026-03-20"
    ]

    assert (row["country"], row["returns"], row["orders"]) == ("FR", Decimal("9.00"), 0)
