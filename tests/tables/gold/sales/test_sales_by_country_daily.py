from datetime import date
from decimal import Decimal

import pytest
from reliability.lakes import listed

from shoplake.tables.gold.sales.order_values import order_values as values
from shoplake.tables.gold.sales.sales_by_country_daily import sales_by_country_daily

from .oracle import order_values, sales

MEASURES = ("orders", "gross_sales", "discounts", "returns", "cost")
SALE = {"feed": "shop", "currency": "GBP", "order_id": "o1", "kind": "sale", "quantity": 1, "order_date": "2026-03-01"}
SALE |= {"is_cancelled": False, "country": "FR", "gross": "10.00"}


def test_sales_are_summed_up_by_country_and_returns_on_their_own_day(some):
    returned = [{"return_date": date(2026, 4, 2), "quantity": -1, "amount": Decimal("4.0000")}]
    other = SALE | {"order_id": "o2", "country": None, "gross": "7.00"}

    rows = sales_by_country_daily(some(values, SALE | {"returns": returned}, SALE | {"gross": "5.00"}, other)).collect()

    assert {(str(row.sales_date), row.country): (row.orders, row.gross_sales, row.returns) for row in rows} == {
        ("2026-03-01", "FR"): (1, Decimal(15), Decimal(0)),
        ("2026-03-01", "(unknown)"): (1, Decimal(7), Decimal(0)),
        ("2026-04-02", "FR"): (0, Decimal(0), Decimal(4)),
    }


@pytest.mark.sample
def test_sales_by_country_are_those_of_an_independent_sum(shop):
    lines, products = (listed(shop / "lake", f"silver/{name}") for name in ("order_lines", "products"))
    expected = sales(order_values(lines, products, "GBP").values(), lambda value: value["country"] or "(unknown)")

    rows = listed(shop / "lake", "gold/sales_by_country_daily")

    output = {
        (row["sales_date"], row["currency"], row["country"]): [row[name] or 0 for name in MEASURES] for row in rows
    }
    assert output == {key: [day[name] for name in MEASURES] for key, day in expected.items()}


@pytest.mark.sample
def test_a_return_counts_in_the_country_of_its_order(shop):
    [row] = [
        row for row in listed(shop / "lake", "gold/sales_by_country_daily") if str(row["sales_date"]) == "2026-03-20"
    ]

    assert (row["country"], row["returns"], row["orders"]) == ("FR", Decimal("9.00"), 0)
