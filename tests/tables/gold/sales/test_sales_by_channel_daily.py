from datetime import date
from decimal import Decimal

import pytest
from reliability.lakes import listed

from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.gold.sales.sales_by_channel_daily import sales_by_channel_daily

SALE = {"feed": "shop", "currency": "GBP", "order_id": "o1", "kind": "sale", "quantity": 1, "order_date": "2026-03-01"}
SALE |= {"is_cancelled": False, "channel": "email", "gross": "10.00"}


def test_sales_are_summed_up_by_channel(some):
    other = SALE | {"order_id": "o2", "channel": "(none)", "gross": "7.00"}

    rows = sales_by_channel_daily(some(order_values, SALE, SALE | {"gross": "5.00"}, other)).collect()

    assert {row.channel: (row.orders, row.units_sold, row.gross_sales) for row in rows} == {
        "email": (1, 2, Decimal(15)),
        "(none)": (1, 1, Decimal(7)),
    }
    assert {str(row.sales_date) for row in rows} == {"2026-03-01"}


def test_a_return_counts_on_its_own_day_in_the_channel_of_its_sale(some):
    returned = [{"return_date": date(2026, 4, 2), "quantity": -1, "amount": Decimal("4.0000")}]

    rows = sales_by_channel_daily(some(order_values, SALE | {"returns": returned})).collect()

    assert {(str(row.sales_date), row.channel): (row.gross_sales, row.returns) for row in rows} == {
        ("2026-03-01", "email"): (Decimal(10), Decimal(0)),
        ("2026-04-02", "email"): (Decimal(0), Decimal(4)),
    }


@pytest.mark.sample
def test_orders_are_in_the_channel_of_their_session_and_others_in_none(shop):
    rows = listed(shop / "lake", "gold/sales_by_channel_daily")

    output = {(str(row["sales_date"]), row["currency"], row["channel"]): row["gross_sales"] for row in rows}
    assert {key: gross for key, gross in output.items() if gross} == {
        ("2026-03-01", "GBP", "(none)"): Decimal("10.0000"),
        ("2026-03-02", "GBP", "(none)"): Decimal("0.9999"),
        ("2026-03-02", "GBP", "email"): Decimal("25.0000"),
        ("2026-03-03", "EUR", "paid_search"): Decimal("5.0000"),
        ("2026-03-03", "GBP", "direct"): Decimal("29.0000"),
        ("2026-03-04", "GBP", "(none)"): Decimal("7.0000"),
    }


@pytest.mark.sample
def test_a_return_counts_in_the_channel_of_its_order(shop):
    rows = listed(shop / "lake", "gold/sales_by_channel_daily")

    returns = {(str(row["sales_date"]), row["channel"]): row["returns"] for row in rows if row["returns"]}
    assert returns == {
        ("2026-03-04", "email"): Decimal("10.0000"),
        ("2026-03-05", "(none)"): Decimal("5.0000"),
        ("2026-03-09", "(none)"): Decimal("0.3333"),
        ("2026-03-20", "direct"): Decimal("9.0000"),
        ("2026-04-02", "email"): Decimal("15.0000"),
    }
