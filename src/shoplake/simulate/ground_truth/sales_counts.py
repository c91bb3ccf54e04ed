"""Counts of orders, payments and refunds in whole cents, collected during generation."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from shoplake.simulate.text import format_money

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.ground_truth.schema import Sales, SalesGroundTruth
    from shoplake.simulate.zenith.orders import Order, Refund


class SalesCounter:
    """Adds up sales by local day."""

    def __init__(self, calendar: Calendar) -> None:
        self._days: dict[str, Counter[str]] = {date.isoformat(): Counter() for date in calendar.dates}
        self._payments: Counter[str] = Counter()
        self._dates = list(self._days)

    def add_orders(self, day: int, orders: list[Order]) -> None:
        """Count a day's orders and their payments."""
        sums = self._days[self._dates[day]]
        sums["orders"] += len(orders)
        for order in orders:
            sums["units"] += sum(line.quantity for line in order.lines)
            sums["gross_sales"] += order.goods
            sums["discounts"] += order.discount
            sums["shipping"] += order.shipping
            for payment in order.payments:
                self._payments[payment.status] += 1
                self._payments["paid_total"] += payment.amount if payment.status == "paid" else 0

    def add_refunds(self, day: int, refunds: list[Refund]) -> None:
        """Count a day's refunds."""
        self._days[self._dates[day]]["refunds"] += len(refunds)
        self._days[self._dates[day]]["returns"] += sum(refund.amount for refund in refunds)

    def ground_truth(self, *, orders_without_events: int) -> SalesGroundTruth:
        """Return everything counted."""
        whole: Counter[str] = Counter()
        for sums in self._days.values():
            whole.update(sums)
        return {
            **_sales(whole),
            "orders_without_events": orders_without_events,
            "net_sales": format_money(whole["gross_sales"] - whole["discounts"] - whole["returns"]),
            "sales_daily": {date: _sales(sums) for date, sums in self._days.items()},
            "payments": {
                "paid": self._payments["paid"],
                "failed": self._payments["failed"],
                "paid_total": format_money(self._payments["paid_total"]),
            },
            "refunds": whole["refunds"],
        }


def _sales(sums: Counter[str]) -> Sales:
    return {
        "orders": sums["orders"],
        "units": sums["units"],
        "gross_sales": format_money(sums["gross_sales"]),
        "discounts": format_money(sums["discounts"]),
        "shipping": format_money(sums["shipping"]),
        "returns": format_money(sums["returns"]),
    }
