"""Metrics of sales, visits and the funnel; the tables that have their columns declare them."""

from __future__ import annotations

from shoplake.declare import Metric, MetricView

NET_SALES = Metric(
    "net_sales",
    "Net sales",
    "Gross sales less discounts and returns; returns on the day they return.",
    "sum(net_sales)",
    "currency",
    "up",
)
GROSS_SALES = Metric(
    "gross_sales", "Gross sales", "Goods sold, before discounts and returns.", "sum(gross_sales)", "currency", "up"
)
RETURNS = Metric(
    "returns",
    "Returns",
    "Goods returned on these days, whatever day they were sold.",
    "sum(returns)",
    "currency",
    "down",
)
MARGIN = Metric(
    "margin",
    "Margin",
    "Net sales less the cost of the goods whose cost is known.",
    "sum(margin)",
    "currency",
    "up",
)
ORDERS = Metric(
    "orders", "Orders", "Distinct orders with a sale; cancelled ones do not count.", "sum(orders)", "orders", "up"
)
AVERAGE_ORDER_VALUE = Metric(
    "average_order_value",
    "Average order",
    "Gross sales less discounts, divided by orders.",
    "sum(gross_sales) - sum(discounts)",
    "currency",
    "up",
    per="sum(orders)",
)
VISITS = Metric(
    "sessions",
    "Visits",
    "Sessions without bots; one ends after 30 minutes without an event.",
    "count(*)",
    "sessions",
    "up",
)
CONVERSION = Metric(
    "conversion",
    "Conversion",
    "Share of the visits with at least one purchase.",
    "count_if(purchases > 0)",
    "share",
    "up",
    per="count(*)",
)
PURCHASE_RATE = Metric(
    "purchase_rate",
    "Purchase rate",
    "Sessions that reach a purchase in order, of those that begin with a page view.",
    "sum(purchase_sessions)",
    "share",
    "up",
    per="sum(page_view_sessions)",
)
MONEY = (NET_SALES, GROSS_SALES, RETURNS, MARGIN)
"""Those that add up over all breakdowns of a day; an order can be in several of them."""
SALES = MetricView("sales_date", (*MONEY, ORDERS, AVERAGE_ORDER_VALUE), ("feed", "currency"))
SESSIONS = MetricView("session_date", (VISITS, CONVERSION), ("feed", "channel", "device"), where="NOT is_bot")
FUNNEL = MetricView("event_date", (PURCHASE_RATE,), ("feed",))


def money_by(*dimensions: str) -> MetricView:
    """Return the metrics of sales that add up over these dimensions."""
    return MetricView("sales_date", MONEY, ("feed", "currency", *dimensions))
