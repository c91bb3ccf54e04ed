"""Queries of the demo about journeys and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.cli.demo.queries import Row, query_rows

if TYPE_CHECKING:
    from shoplake.lake import Lake

MODELS = ("first", "last", "linear", "data_driven")
"""Attribution models that the demo compares."""

PATHS = """
    SELECT from_page_type AS from_type, to_page_type AS to_type, sum(sessions) AS sessions
    FROM gold.paths_daily WHERE from_page_type NOT IN ('(start)', '(more)') GROUP BY 1, 2
"""

CARTS = """
    SELECT state AS name, count(*) AS carts, sum(value) AS value FROM gold.carts
    GROUP BY state ORDER BY carts DESC, name
"""

CAUSES = """
    SELECT cause AS name, sum(orders) AS orders, sum(amount) AS amount
    FROM gold.reconciliation_daily WHERE currency = '{currency}' GROUP BY cause
"""

TOTALS = """
    SELECT sum(event_revenue) AS event_revenue, sum(order_revenue) AS order_revenue, sum(payable) AS payable,
        sum(received) AS received, sum(unexplained) AS unexplained, count_if(unexplained <> 0) AS orders
    FROM gold.reconciliation_orders WHERE currency = '{currency}'
"""


def paths(lake: Lake, top: int = 6) -> list[Row]:
    """Query the most frequent steps from one page type to the next, with the share of those who leave it."""
    rows = query_rows(lake.sql(PATHS))
    out = {row["from_type"]: 0 for row in rows}
    for row in rows:
        out[row["from_type"]] += row["sessions"]
    ranked = sorted(rows, key=lambda row: (-row["sessions"], row["from_type"], row["to_type"]))
    return [{**row, "of_step": row["sessions"] / out[row["from_type"]]} for row in ranked[:top]]


def attribution(lake: Lake, currency: str) -> list[Row]:
    """Query the revenue that each model credits to each channel, highest first by the last touch."""
    sums = ", ".join(f"sum(CASE WHEN model = '{model}' THEN revenue END) AS {model}" for model in MODELS)
    return query_rows(
        lake.sql(
            f"SELECT channel AS name, {sums} FROM gold.attribution_daily WHERE currency = '{currency}' "
            "GROUP BY channel ORDER BY last DESC NULLS LAST, name"
        )
    )


def carts(lake: Lake) -> list[Row]:
    """Query what became of the carts."""
    return query_rows(lake.sql(CARTS))


def causes(lake: Lake, currency: str) -> dict[str, Row]:
    """Query the causes of differences between events, orders and payments, by name."""
    return {row["name"]: row for row in query_rows(lake.sql(CAUSES.format(currency=currency)))}


def totals(lake: Lake, currency: str) -> Row:
    """Query the sums that the causes explain the difference of."""
    [row] = query_rows(lake.sql(TOTALS.format(currency=currency)))
    return row
