"""How the pages show the shop's metrics: as money, counts or percent, and whether a change is good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from shoplake.serve.dashboard.formats import format_percent, format_short_money
from shoplake.transforms.sales.sales_metrics import AVERAGE_ORDER_VALUE, MARGIN, NET_SALES, ORDERS, RETURNS

if TYPE_CHECKING:
    from shoplake.declare import Metric

TILES = (NET_SALES, ORDERS, AVERAGE_ORDER_VALUE, RETURNS, MARGIN)
"""The metrics of sales on the first page."""


def format_of(metric: Metric) -> Literal["money", "count", "percent"]:
    """Return how a metric is shown, by its unit."""
    if metric.unit == "currency":
        return "money"
    return "percent" if metric.unit == "share" else "count"


def format_measure(value: Any, measure: Metric, currency: str | None) -> str:
    """Return a measure as large text that fits a tile."""
    kind = format_of(measure)
    if kind == "money":
        return format_short_money(value, currency)
    return format_percent(value, 2) if kind == "percent" else f"{value:,}"


def judge(metric: Metric, change: float | None) -> str:
    """Return `good`, `bad` or `same` for a relative change; below half a permille it is the same."""
    if change is None or abs(change) < 0.0005 or metric.good == "neither":
        return "same"
    return "good" if (change > 0) == (metric.good == "up") else "bad"
