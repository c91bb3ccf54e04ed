"""The questions of a shop: one query each, which views, dashboard and Genie share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shoplake.declare import Table

STEPS = ("page_view", "product_view", "add_to_cart", "checkout_started", "purchase")


@dataclass(frozen=True)
class Question:
    """A question, the tables of gold that its query reads by name alone, and how the answer is drawn.

    `x` is a column of days or names, `y` a column of numbers, `color` a column by which they are split.
    """

    name: str
    text: str
    tables: tuple[str, ...]
    sql: str
    chart: Literal["line", "bar", "table"]
    x: str
    y: str
    color: str = ""
    x_is_time: bool = False


QUESTIONS = (
    Question(
        "sales_by_day",
        "What did we sell each day?",
        ("sales_daily",),
        "SELECT sales_date, currency, sum(net_sales) AS net_sales, sum(orders) AS orders\n"
        "FROM sales_daily GROUP BY sales_date, currency ORDER BY sales_date, currency",
        "line",
        "sales_date",
        "net_sales",
        "currency",
        x_is_time=True,
    ),
    Question(
        "funnel_steps",
        "Where do visitors drop out?",
        ("funnel_daily",),
        "\nUNION ALL\n".join(
            f"SELECT {number} AS step_number, '{step}' AS step, sum({step}_sessions) AS sessions FROM funnel_daily"
            for number, step in enumerate(STEPS, 1)
        ),
        "bar",
        "step",
        "sessions",
    ),
    Question(
        "channels",
        "Which channels bring sales?",
        ("sales_by_channel_daily",),
        "SELECT channel, currency, sum(net_sales) AS net_sales\n"
        "FROM sales_by_channel_daily GROUP BY channel, currency ORDER BY net_sales DESC, channel",
        "bar",
        "channel",
        "net_sales",
        "currency",
    ),
    Question(
        "best_products",
        "Which products sell, and which are only looked at?",
        ("product_performance_daily",),
        "SELECT product_id, sum(views) AS views, sum(orders) AS orders, sum(net) AS net_sales\n"
        "FROM product_performance_daily GROUP BY product_id ORDER BY net_sales DESC, product_id LIMIT 100",
        "table",
        "product_id",
        "net_sales",
    ),
    Question(
        "segments",
        "Who are our customers?",
        ("customer_segments",),
        "SELECT segment, count(*) AS customers, sum(lifetime_net) AS net_sales\n"
        "FROM customer_segments GROUP BY segment ORDER BY net_sales DESC, segment",
        "bar",
        "segment",
        "customers",
    ),
)


def questions(tables: Mapping[str, Table[...]]) -> list[Question]:
    """Return the questions that these tables answer."""
    return [question for question in QUESTIONS if all(name in tables for name in question.tables)]
