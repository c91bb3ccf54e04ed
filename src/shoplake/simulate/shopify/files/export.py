"""The CSV of orders that Shopify's admin exports: a row per item, what is true of the order on its first row."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from shoplake.simulate.text import format_money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.simulate.shopify.orders import Order
    from shoplake.simulate.shopify.shop import Shop

HEADER = (
    *("Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Currency", "Subtotal"),
    *("Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method", "Created at"),
    *("Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Lineitem discount"),
    *("Billing Country", "Shipping Country", "Cancelled at", "Payment Method", "Refunded Amount", "Vendor"),
    *("Outstanding Balance", "Id", "Source"),
)


def export_orders(shop: Shop, orders: Iterable[Order]) -> tuple[str, int]:
    """Return the CSV of orders as they are at the end, and its number of rows.

    Test orders and what edits removed are left out.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, lineterminator="\n")
    writer.writeheader()
    count = 0
    for order in orders:
        rows = [] if order.is_test else _item_rows(order)
        for place, row in enumerate(rows):
            writer.writerow(row | (_order_cells(shop, order) if place == 0 else {}))
        count += len(rows)
    return text.getvalue(), count


def _item_rows(order: Order) -> list[dict[str, str]]:
    return [
        {
            "Name": f"#{order.number}",
            "Email": order.customer.email if order.customer else "",
            "Created at": "",
            "Lineitem quantity": str(item.sold),
            "Lineitem name": item.product.title,
            "Lineitem price": format_money(item.price),
            "Lineitem sku": item.product.sku,
            "Lineitem discount": format_money(item.share(item.discount, item.sold)),
            "Vendor": item.product.vendor,
        }
        for item in order.items
        if item.sold
    ]


def _order_cells(shop: Shop, order: Order) -> dict[str, str]:
    discount = sum(item.share(item.discount, item.sold) for item in order.items)
    goods = sum(item.price * item.sold for item in order.items)
    tax = sum(order.shipping_taxes) + sum(item.share(item.tax, item.sold) for item in order.items)
    total = order.total(edited=True)
    back = sum(refund.transaction is not None for refund in order.refunds)
    is_paid = order.paid_at is not None
    country = "" if order.source == "pos" else order.market.country
    return {
        "Financial Status": ("partially_refunded" if back else "paid") if is_paid else "pending",
        "Paid at": _time(shop, order.paid_at),
        "Fulfillment Status": "fulfilled" if order.fulfilled_at else "unfulfilled",
        "Fulfilled at": _time(shop, order.fulfilled_at),
        "Currency": shop.currency,
        "Subtotal": format_money(goods - discount),
        "Shipping": format_money(order.shipping - order.shipping_discount),
        "Taxes": format_money(tax),
        "Total": format_money(total),
        "Discount Code": order.code or "",
        "Discount Amount": format_money(discount),
        "Shipping Method": "Standard" if order.shipping else "",
        "Created at": _time(shop, order.at),
        "Billing Country": country,
        "Shipping Country": country,
        "Cancelled at": _time(shop, order.cancelled_at),
        "Payment Method": order.transactions[-1].gateway,
        "Outstanding Balance": format_money(0 if is_paid else total),
        "Id": str(order.id),
        "Source": order.source,
    }


def _time(shop: Shop, at: int | None) -> str:
    return "" if at is None else shop.local_time(at).strftime("%Y-%m-%d %H:%M:%S %z")
