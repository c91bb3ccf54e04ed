"""The marts: their columns, which are an enforced contract, their tests and unit tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.declare import Column, col
from shoplake.deploy.dbt.sources import key_test

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FEED = col("feed", "string", "The feed", required=True)
CURRENCY = col("currency", "string", "ISO 4217 code; null if unknown")


@dataclass(frozen=True)
class Mart:
    """A model: columns, key, and one example of rows that come in and rows that come out.

    `given` has a query per source, `expected` rows with some of the columns.
    """

    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    given: Mapping[str, str]
    expected: tuple[Mapping[str, Any], ...]
    example: str


SALES_BY_WEEK = Mart(
    "sales_by_week",
    "One row per feed, week from Monday, and currency: orders, sales, returns, margin.",
    ("feed", "week_start_date", "currency"),
    (
        FEED,
        col("week_start_date", "date", "The Monday of the week", required=True),
        CURRENCY,
        col("orders", "bigint", "Distinct orders with a sale", unit="orders"),
        col("gross_sales", "decimal(18,2)", "Goods sold, before discounts and returns", unit="currency"),
        col("returns", "decimal(18,2)", "Goods returned in the week, whenever they were sold", unit="currency"),
        col("net_sales", "decimal(18,2)", "Gross sales less discounts and returns", unit="currency"),
        col("margin", "decimal(18,2)", "Net sales less cost, of goods whose cost is known", unit="currency"),
        col("average_order_value", "decimal(18,2)", "Gross sales less discounts, per order", unit="currency"),
    ),
    {
        "source('gold', 'sales_daily')": """
select 'shop' as feed, cast('2026-03-01' as date) as sales_date, 'GBP' as currency, 2 as orders,
    20.00 as gross_sales, 1.00 as discounts, 0.00 as returns, 19.00 as net_sales, 5.00 as margin
union all select 'shop', cast('2026-03-02' as date), 'GBP', 1, 10.00, 0.00, 4.00, 6.00, 2.00
union all select 'shop', cast('2026-03-08' as date), 'GBP', 2, 30.00, 2.50, 0.00, 27.50, 9.00
union all select 'shop', cast('2026-03-08' as date), 'EUR', 0, 0.00, 0.00, 0.00, 0.00, null""",
    },
    (
        {"week_start_date": "2026-02-23", "currency": "GBP", "orders": 2, "net_sales": 19, "average_order_value": 9.5},
        {
            "week_start_date": "2026-03-02",
            "currency": "GBP",
            "orders": 3,
            "net_sales": 33.5,
            "average_order_value": 12.5,
        },
        {"week_start_date": "2026-03-02", "currency": "EUR", "orders": 0, "net_sales": 0, "average_order_value": None},
    ),
    "a_week_begins_on_monday_and_an_average_is_of_all_its_orders",
)
FUNNEL_BY_CHANNEL = Mart(
    "funnel_by_channel",
    "One row per feed, month, channel and funnel step: sessions that reach it in order, without bots.",
    ("feed", "session_month", "channel", "step_number"),
    (
        FEED,
        col("session_month", "date", "The first day of the month in which the sessions start", required=True),
        col("channel", "string", "Marketing channel of the session's first event"),
        col("step_number", "int", "The step's place, from 1", required=True),
        col("step", "string", "The step", required=True),
        col("sessions", "bigint", "Sessions that reach it, each step at or after the one before", unit="sessions"),
        col("rate_from_start", "double", "Share of the sessions that reach the first step; null without any"),
    ),
    {
        "source('silver', 'sessions')": """
select '{feed}' as feed, cast('2026-03-31' as date) as session_date, 'email' as channel, 2 as steps_reached,
    false as is_bot
union all select '{feed}', cast('2026-03-01' as date), 'email', 1, false
union all select '{feed}', cast('2026-03-01' as date), 'email', 2, true
union all select '{feed}', cast('2026-04-01' as date), 'direct', 0, false""",
    },
    (
        {"session_month": "2026-03-01", "channel": "email", "step_number": 1, "sessions": 2, "rate_from_start": 1.0},
        {"session_month": "2026-03-01", "channel": "email", "step_number": 2, "sessions": 1, "rate_from_start": 0.5},
        {"session_month": "2026-04-01", "channel": "direct", "step_number": 1, "sessions": 0, "rate_from_start": None},
        {"session_month": "2026-04-01", "channel": "direct", "step_number": 2, "sessions": 0, "rate_from_start": None},
    ),
    "bots_do_not_count_and_a_step_has_the_sessions_that_go_further",
)
CUSTOMERS_BY_MONTH = Mart(
    "customers_by_month",
    "One row per feed, month and currency: customers who order, new and returning, and what they spend.",
    ("feed", "activity_month", "currency"),
    (
        FEED,
        col("activity_month", "date", "The first day of the month", required=True),
        CURRENCY,
        col("customers", "bigint", "Known customers with an order", unit="customers"),
        col("new_customers", "bigint", "Those whose first order is in the month", unit="customers"),
        col("returning_customers", "bigint", "Those with an order in a month before", unit="customers"),
        col("orders", "bigint", "Orders, guests included", unit="orders"),
        col("guest_orders", "bigint", "Orders of guests", unit="orders"),
        col("net_sales", "decimal(18,2)", "Gross sales less discounts and returns", unit="currency"),
    ),
    {
        "source('gold', 'customer_months')": """
select 'shop' as feed, 'ann' as customer_id, cast('2026-03-01' as date) as activity_month, 'GBP' as currency,
    1 as orders, 10.00 as net
union all select 'shop', 'ann', cast('2026-04-01' as date), 'GBP', 2, 5.00
union all select 'shop', 'bob', cast('2026-03-01' as date), 'GBP', 0, 0.00
union all select 'shop', 'bob', cast('2026-04-01' as date), 'GBP', 1, 1.00
union all select 'shop', null, cast('2026-04-01' as date), 'GBP', 3, 7.00""",
    },
    (
        {"activity_month": "2026-03-01", "customers": 1, "new_customers": 1, "orders": 1, "guest_orders": 0},
        {"activity_month": "2026-04-01", "customers": 2, "new_customers": 1, "orders": 6, "guest_orders": 3},
    ),
    "a_visit_makes_no_customer_and_guests_are_none",
)
MARTS = (SALES_BY_WEEK, FUNNEL_BY_CHANNEL, CUSTOMERS_BY_MONTH)


def marts_document(funnel_steps: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the marts with their contracts, tests and unit tests; `funnel_steps` are those that each feed sends."""
    return {
        "version": 2,
        "models": [_model(mart) for mart in MARTS],
        "unit_tests": [_unit_test(mart, funnel_steps) for mart in MARTS],
    }


def _model(mart: Mart) -> dict[str, Any]:
    return {
        "name": mart.name,
        "description": mart.doc,
        "config": {"materialized": "table", "contract": {"enforced": True}},
        "columns": [_column(column) for column in mart.columns],
        "data_tests": [key_test(mart.key)],
    }


def _column(column: Column) -> dict[str, Any]:
    constraints = {"constraints": [{"type": "not_null"}]} if column.required else {}
    return {"name": column.name, "data_type": column.type, "description": column.meaning} | constraints


def _unit_test(mart: Mart, funnel_steps: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    feed = next(iter(funnel_steps), "shop")
    test: dict[str, Any] = {"name": mart.example, "model": mart.name}
    if mart is FUNNEL_BY_CHANNEL:
        test["overrides"] = {"vars": {"funnel_steps": {feed: ["page_view", "purchase"]}}}
    given = [
        {"input": source, "format": "sql", "rows": query.strip().replace("{feed}", feed)}
        for source, query in mart.given.items()
    ]
    return test | {"given": given, "expect": {"rows": [dict(row) for row in mart.expected]}}
