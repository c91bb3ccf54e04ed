"""The measures on the pages: their names, how they are shown, and which direction is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["up", "down", "neither"]


@dataclass(frozen=True)
class Measure:
    """A measure: `name` is its column, `good` the direction that is good for the shop."""

    name: str
    label: str
    kind: Literal["money", "count", "percent"]
    good: Direction
    definition: str

    def judge(self, change: float | None) -> str:
        """Return `good`, `bad` or `same` for a relative change; below half a permille it is the same."""
        if change is None or abs(change) < 0.0005 or self.good == "neither":
            return "same"
        return "good" if (change > 0) == (self.good == "up") else "bad"


NET_SALES = Measure(
    "net_sales", "Net sales", "money", "up", "Gross sales less discounts and returns; returns on the day they return."
)
ORDERS = Measure("orders", "Orders", "count", "up", "Distinct orders with a sale; cancelled ones do not count.")
AVERAGE_ORDER = Measure(
    "average_order_value", "Average order", "money", "up", "Gross sales less discounts, divided by orders."
)
RETURNS = Measure("returns", "Returns", "money", "down", "Goods returned on these days, whatever day they were sold.")
MARGIN = Measure("margin", "Margin", "money", "up", "Net sales less the cost of the goods whose cost is known.")
VISITS = Measure(
    "sessions", "Visits", "count", "up", "Sessions without bots; one ends after 30 minutes without an event."
)
CONVERSION = Measure("conversion", "Conversion", "percent", "up", "Share of the visits with at least one purchase.")
SALES = (NET_SALES, ORDERS, AVERAGE_ORDER, RETURNS, MARGIN)
