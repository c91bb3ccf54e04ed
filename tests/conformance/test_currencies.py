"""Money in several currencies, on both engines the same: sums by currency, and conversion at the rate of the day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from shoplake.declare import Feed
from shoplake.feeds import ZENITH
from shoplake.tables.gold.customers.customer_segments import customer_segments
from shoplake.tables.gold.sales.order_values import order_values
from shoplake.tables.gold.sales.product_performance_daily import product_performance_daily
from shoplake.tables.gold.sales.sales_daily import sales_daily
from shoplake.tables.silver.events import events
from shoplake.tables.silver.money.exchange_rate_periods import exchange_rate_periods
from shoplake.tables.silver.money.exchange_rates import exchange_rates
from shoplake.tables.silver.orders.cancelled_order_refunds import cancelled_order_refunds
from shoplake.tables.silver.orders.order_lines import order_lines
from shoplake.tables.silver.sessions import sessions

from .conftest import slow_on_spark

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table

DAY = date(2026, 3, 1)
FEEDS = (Feed("shop", ZENITH, "landing", "UTC", "GBP"),)
LINE = {"feed": "shop", "order_date": DAY, "kind": "sale", "line_class": "goods", "customer_id": "c1"}
LINE |= {"product_id": "p1", "quantity": 1, "amount": Decimal(1000)}
SOLD = [LINE | {"order_id": code, "currency": code} for code in ("GBP", "EUR", "JPY")]
RATE = {"feed": "shop", "currency": "EUR", "rate_date": DAY, "rate": Decimal("0.8537456789")}


@pytest.fixture
def some(session: SparkSession) -> Callable[..., DataFrame]:
    """Rows of a declared table on the engine; columns a test does not name are null."""

    def rows(table: Table[...], *cells: dict[str, Any]) -> DataFrame:
        schema = ", ".join(f"{each.name} {each.type}" for each in table.columns)
        return session.createDataFrame([tuple(row.get(each.name) for each in table.columns) for row in cells], schema)

    return rows


@slow_on_spark
def test_a_thousand_of_three_currencies_are_three_rows(some):
    sold = some(order_lines, *SOLD), some(cancelled_order_refunds)

    rows = sales_daily(*sold, some(order_values), feeds=FEEDS).orderBy("currency").collect()

    assert [(row.currency, row.gross_sales, row.orders) for row in rows] == [
        (code, Decimal("1000.00"), 1) for code in ("EUR", "GBP", "JPY")
    ]


@slow_on_spark
def test_unknown_prices_make_null_money(some):
    lines = some(order_lines, LINE | {"order_id": "o", "amount": None})

    [row] = sales_daily(lines, some(cancelled_order_refunds), some(order_values), feeds=FEEDS).collect()

    assert (row.orders, row.gross_sales, row.net_sales, row.average_order_value) == (1, None, None, None)


@slow_on_spark
def test_converted_sums_are_exact_and_lines_without_a_rate_counted(some):
    periods = exchange_rate_periods(some(exchange_rates, RATE))
    sold = some(order_lines, *SOLD), some(cancelled_order_refunds)

    [product] = product_performance_daily(some(events), *sold, periods, feeds=FEEDS).collect()
    [customer] = customer_segments(*sold, periods, feeds=FEEDS).collect()

    assert (product.gross, product.lines_without_rate, product.currency) == (Decimal("1853.75"), 1, "GBP")
    assert (customer.lifetime_net, customer.lines_without_rate, customer.rfm) == (Decimal("1853.75"), 1, "555")


@slow_on_spark
def test_the_revenue_of_a_session_is_converted(some, session):
    bought = {"feed": "shop", "event_id": "e1", "visitor_id": "ann", "event_name": "purchase", "event_date": DAY}
    moment = session.sql("SELECT TIMESTAMP '2026-03-01 10:00:00' AS event_at").first().event_at
    bought |= {"event_at": moment, "quantity": 2, "unit_price": Decimal("9.99"), "currency": "EUR", "is_bot": False}

    [row] = sessions(some(events, bought), exchange_rate_periods(some(exchange_rates, RATE)), feeds=FEEDS).collect()

    assert (row.revenue, row.currency, row.lines_without_rate) == (Decimal("17.06"), "GBP", 0)
