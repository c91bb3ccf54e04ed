"""Queries for the three questions of the demo."""

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
    SELECT s.customer_id, c.location, s.lifetime_orders AS orders, s.lifetime_net AS net, s.last_order_date, s.segment
    FROM gold.customer_segments s
    LEFT JOIN (SELECT feed, customer_id, location FROM silver.customers WHERE is_current) c
        ON s.feed = c.feed AND s.customer_id = c.customer_id
    ORDER BY net DESC, s.customer_id LIMIT 10
"""


def products(lake: Lake) -> list[Row]:
    """Query each product's views, carts, orders and net sales, most viewed first."""
    return _rows(lake.sql(PRODUCTS))


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
    """Count the distinct visitors of each step over the whole period, without bots."""
    steps = ", ".join(
        f"count(DISTINCT CASE WHEN event_name = '{step}' THEN visitor_id END) AS {step}" for step in STEPS
    )
    [row] = _rows(lake.sql(f"SELECT {steps} FROM silver.events WHERE NOT is_bot"))
    return [{"step": step, "visitors": row[step]} for step in STEPS]


def conversion(lake: Lake, by: str) -> list[Row]:
    """Count the sessions and those with a purchase by `channel` or `device`, without bots.

    The channel and device of a session are those of its first event.
    """
    return _rows(
        lake.sql(
            f"SELECT coalesce({by}, '(none)') AS name, count(*) AS sessions, count_if(purchases > 0) AS converting "
            "FROM silver.sessions WHERE NOT is_bot GROUP BY 1 ORDER BY sessions DESC, name"
        )
    )


def segments(lake: Lake) -> list[Row]:
    """Query the RFM segments: customers, orders and lifetime net sales, highest net sales first."""
    return _rows(lake.sql(SEGMENTS))


def tiers(lake: Lake) -> list[Row]:
    """Query the value tiers: customers, orders and lifetime net sales, best first."""
    return _rows(lake.sql(TIERS))


def best_customers(lake: Lake) -> list[Row]:
    """Query the ten customers with the highest lifetime net sales."""
    return _rows(lake.sql(BEST))


def _rows(frame: LakeFrame) -> list[Row]:
    rows: list[Row] = frame.to_arrow().to_pylist()
    return rows
