"""Queries for the questions of the demo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.columns.web import STEPS

if TYPE_CHECKING:
    from shoplake.engine import LakeFrame
    from shoplake.lake import Lake

Row = dict[str, Any]

PRODUCTS = """
    SELECT p.product_id, n.product_name, n.category, sum(p.views) AS views, sum(p.carts) AS carts,
        sum(p.orders) AS orders, sum(p.net) AS net
    FROM gold.product_performance_daily p
    LEFT JOIN (SELECT feed, product_id, product_name, category FROM silver.products WHERE is_current) n
        ON p.feed = n.feed AND p.product_id = n.product_id
    GROUP BY p.feed, p.product_id, n.product_name, n.category
    ORDER BY views DESC, product_id
"""

SEGMENTS = """
    SELECT segment AS name, count(*) AS customers, sum(lifetime_net) AS net, sum(lifetime_orders) AS orders
    FROM gold.customer_segments GROUP BY segment ORDER BY net DESC, name
"""

TIERS = """
    SELECT value_tier AS name, count(*) AS customers, sum(lifetime_net) AS net, sum(lifetime_orders) AS orders
    FROM gold.customer_segments GROUP BY value_tier ORDER BY net / customers DESC
"""

BEST = """
    SELECT customer_id, location, orders, net, segment, p_alive, value_365d
    FROM gold.customer_360 WHERE orders > 0 ORDER BY net DESC, customer_id LIMIT 10
"""

COHORTS = """
    SELECT cohort_month, month_number, customers, active, retention, is_complete
    FROM gold.cohorts_monthly WHERE acquisition_channel = 'all' ORDER BY cohort_month, month_number
"""


def products(lake: Lake) -> list[Row]:
    """Query each product's views, carts, orders and net sales, most viewed first."""
    return query_rows(lake.sql(PRODUCTS))


def categories(rows: list[Row]) -> list[Row]:
    """Sum up the products by category, most viewed first."""
    summed: dict[str, Row] = {}
    for row in rows:
        name = row["category"] or "(none)"
        entry = summed.setdefault(name, {"name": name, "views": 0, "carts": 0, "orders": 0})
        for count in ("views", "carts", "orders"):
            entry[count] += row[count]
    return sorted(summed.values(), key=lambda row: -row["views"])


def funnel(lake: Lake) -> list[Row]:
    """Count the sessions that reach each step in order over the whole period, without bots."""
    steps = ", ".join(f"sum({step}_sessions) AS {step}" for step in STEPS)
    [row] = query_rows(lake.sql(f"SELECT {steps} FROM gold.funnel_daily"))
    return [{"step": step, "sessions": row[step] or 0} for step in STEPS]


def conversion(lake: Lake, by: str) -> list[Row]:
    """Count the sessions and those with a purchase by `channel` or `device`, without bots.

    The channel and device of a session are those of its first event.
    """
    return query_rows(
        lake.sql(
            f"SELECT coalesce({by}, '(none)') AS name, count(*) AS sessions, count_if(purchases > 0) AS converting "
            "FROM silver.sessions WHERE NOT is_bot GROUP BY 1 ORDER BY sessions DESC, name"
        )
    )


def segments(lake: Lake) -> list[Row]:
    """Query the RFM segments: customers, orders and lifetime net sales, highest net sales first."""
    return query_rows(lake.sql(SEGMENTS))


def tiers(lake: Lake) -> list[Row]:
    """Query the value tiers: customers, orders and lifetime net sales, best first."""
    return query_rows(lake.sql(TIERS))


def best_customers(lake: Lake) -> list[Row]:
    """Query the ten customers with the highest lifetime net sales."""
    return query_rows(lake.sql(BEST))


def cohorts(lake: Lake) -> list[Row]:
    """Query the months of first order, and the share of their customers who order in the months after."""
    return query_rows(lake.sql(COHORTS))


def query_rows(frame: LakeFrame) -> list[Row]:
    """Return the rows of a query as dictionaries."""
    rows: list[Row] = frame.to_arrow().to_pylist()
    return rows
