"""Counts of orders, refunds and payments in whole cents."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from shoplake.simulate.text import format_money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.simulate.shopify.ground_truth import Payments, Sales
    from shoplake.simulate.shopify.orders import Item, Order, Refund
    from shoplake.simulate.shopify.shop import Shop

STATUS = {"success": "paid", "pending": "pending", "failure": "failed"}


class SalesCounter:
    """Adds up what the orders say at the end, by local day.

    An export tells neither gift cards from goods nor a discount on shipping from cheaper shipping; it has neither
    refunds nor tax by line.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._days: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._customers: defaultdict[str, set[int]] = defaultdict(set)
        self._payments: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    def add(self, orders: Iterable[Order]) -> None:
        """Count orders with their refunds and payments; test orders are left out."""
        for order in orders:
            if not order.is_test:
                self._add_order(order)
                self._add_payments(order)

    def sales_daily(self) -> dict[str, Sales]:
        """Return the sales by local date."""
        return {date: self._sales(date) for date in sorted(self._days)}

    def payments_daily(self) -> dict[str, dict[str, Payments]]:
        """Return the payments by local date and currency."""
        days = sorted(self._payments.items())
        return {
            date: {name: _payments(sums) for name, sums in sorted(by_currency.items())} for date, by_currency in days
        }

    def _add_order(self, order: Order) -> None:
        date = self._shop.local_date(order.at)
        sums = self._days[date]
        goods = [item for item in order.items if self._is_goods(item) and item.sold]
        gross = sum(item.price * item.sold for item in goods)
        if order.cancelled_at is not None:
            sums["cancelled_orders"] += bool(goods)
            sums["cancelled_sales"] += gross
            return
        sums["orders"] += bool(goods)
        if goods and order.customer:
            self._customers[date].add(order.customer.id)
        sums["units"] += sum(item.sold for item in goods)
        sums["gross_sales"] += gross
        sums["other"] += sum(item.price * item.sold for item in order.items) - gross
        self._add_charges(order, sums)
        for refund in order.refunds:
            self._add_refund(refund)

    def _add_charges(self, order: Order, sums: Counter[str]) -> None:
        allocated = sum(item.share(item.discount, item.sold) for item in order.items)
        tax = sum(item.share(item.tax, item.sold) for item in order.items) + sum(order.shipping_taxes)
        if self._shop.export:
            sums["discounts"] += allocated
            sums["shipping"] += order.shipping - order.shipping_discount
            is_tax_added = not order.market.taxes_included and tax != 0
            sums.update(tax=is_tax_added * tax, taxed_lines=is_tax_added)
            return
        sums["discounts"] += allocated + order.shipping_discount
        sums["shipping"] += order.shipping
        sums["tax"] += tax
        sums["taxed_lines"] += 1

    def _add_refund(self, refund: Refund) -> None:
        if self._shop.export:
            return
        sums = self._days[self._shop.local_date(refund.at)]
        goods = sum(each.subtotal for each in refund.items if self._is_goods(each.item))
        sums["returns"] += goods
        sums["other"] -= sum(each.subtotal for each in refund.items) - goods + refund.discrepancy
        sums["shipping"] -= refund.shipping
        sums["tax"] -= refund.shipping_tax + sum(each.tax for each in refund.items)
        sums["taxed_lines"] += len(refund.items) + bool(refund.shipping)

    def _add_payments(self, order: Order) -> None:
        if self._shop.export:
            if order.paid_at is not None:
                sums = self._payments[self._shop.local_date(order.paid_at)][self._shop.currency]
                sums.update(paid=1, paid_total=order.total(edited=True))
            return
        for transaction in order.transactions:
            if transaction.kind == "authorization":
                continue
            sums = self._payments[self._shop.local_date(transaction.at)][order.currency]
            status = "refunded" if transaction.kind == "refund" else STATUS[transaction.status]
            sums.update({status: 1, f"{status}_total": transaction.amount})

    def _is_goods(self, item: Item) -> bool:
        return self._shop.export or not item.product.is_gift_card

    def _sales(self, date: str) -> Sales:
        sums = self._days[date]
        net = sums["gross_sales"] - sums["discounts"] - sums["returns"]
        return {
            "orders": sums["orders"],
            "customers": len(self._customers[date]),
            "units": sums["units"],
            "gross_sales": format_money(sums["gross_sales"]),
            "discounts": format_money(sums["discounts"]),
            "returns": format_money(sums["returns"]),
            "net_sales": format_money(net),
            "tax": format_money(sums["tax"]) if sums["taxed_lines"] else None,
            "shipping": format_money(sums["shipping"]),
            "other": format_money(sums["other"]),
            "cancelled_orders": sums["cancelled_orders"],
            "cancelled_sales": format_money(sums["cancelled_sales"]),
        }


def _payments(sums: Counter[str]) -> Payments:
    return {
        "paid": sums["paid"],
        "pending": sums["pending"],
        "failed": sums["failed"],
        "refunded": sums["refunded"],
        "paid_total": format_money(sums["paid_total"]),
        "refunded_total": format_money(sums["refunded_total"]),
    }
