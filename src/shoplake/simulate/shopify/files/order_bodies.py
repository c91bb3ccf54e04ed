"""Orders, refunds and transactions as bodies of the Admin REST API, as of a time (UTC seconds)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.simulate.text import format_money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.simulate.shopify.orders import Item, Order, Refund, RefundItem, Transaction
    from shoplake.simulate.shopify.shop import Shop

Body = dict[str, Any]


class OrderBodies:
    """Makes the bodies of a shop's orders."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def order(self, order: Order, at: int) -> Body:
        """Return an order as it was at a time, with the refunds made until then."""
        is_edited = order.edited_at is not None and order.edited_at <= at
        refunds = [refund for refund in order.refunds if refund.at <= at]
        items = [item for item in order.items if item.added_at <= at]
        discount = order.shipping_discount + sum(item.discount for item in items)
        tax = sum(order.shipping_taxes) + sum(item.tax for item in items if not item.added_at)
        country = None if order.source == "pos" else {"country_code": order.market.country}
        return {
            "id": order.id,
            "order_number": order.number,
            "name": f"#{order.number}",
            "created_at": self._time(order.at),
            "processed_at": self._time(order.at),
            "updated_at": self._time(at),
            "cancelled_at": self._time(_until(order.cancelled_at, at)),
            "test": order.is_test,
            "currency": self._shop.currency,
            "presentment_currency": order.currency,
            "financial_status": _financial_status(order, at),
            "fulfillment_status": "fulfilled" if _until(order.fulfilled_at, at) else None,
            "taxes_included": order.market.taxes_included,
            "source_name": order.source,
            "customer": {"id": order.customer.id, "email": order.customer.email} if order.customer else None,
            "email": order.customer.email if order.customer else "",
            "shipping_address": country,
            "billing_address": country,
            "discount_codes": [{"code": order.code, "amount": format_money(discount)}] if order.code else [],
            **self._money(order, "total_discounts", discount),
            **self._money(order, "total_tax", tax),
            **self._money(order, "total_price", order.total(edited=False)),
            **self._money(order, "current_total_price", self._left_to_pay_for(order, refunds, is_edited=is_edited)),
            "line_items": [self._item(order, item, refunds, is_edited=is_edited) for item in items],
            "shipping_lines": self._shipping_lines(order),
            "refunds": [self.refund(order, refund) for refund in refunds],
        }

    def refund(self, order: Order, refund: Refund) -> Body:
        """Return a refund, with its transaction."""
        return {
            "id": refund.id,
            "order_id": order.id,
            "created_at": self._time(refund.at),
            "processed_at": self._time(refund.at),
            "note": None,
            "refund_line_items": [self._refund_item(order, each) for each in refund.items],
            "order_adjustments": [
                {"id": refund.id * 10 + place, "kind": kind, "reason": kind.replace("_", " ").capitalize()}
                | self._money(order, "amount", -cents)
                | self._money(order, "tax_amount", -tax)
                for place, (kind, cents, tax) in enumerate(_adjustments(refund))
            ],
            "transactions": [self.transaction(order, refund.transaction)] if refund.transaction else [],
        }

    def transaction(self, order: Order, transaction: Transaction) -> Body:
        """Return a transaction, in the currency that the customer pays in."""
        return {
            "id": transaction.id,
            "order_id": order.id,
            "kind": transaction.kind,
            "gateway": transaction.gateway,
            "status": transaction.status,
            "amount": format_money(transaction.amount),
            "currency": order.currency,
            "test": order.is_test,
            "created_at": self._time(transaction.at),
            "processed_at": self._time(transaction.at),
        }

    def _item(self, order: Order, item: Item, refunds: Iterable[Refund], *, is_edited: bool = True) -> Body:
        returned = sum(each.quantity for refund in refunds for each in refund.items if each.item is item)
        allocations = [self._money(order, "amount", item.discount)] if item.discount else []
        return {
            "id": item.id,
            "product_id": item.product.id,
            "variant_id": item.product.variant_id,
            "title": item.product.title,
            "variant_title": None,
            "sku": item.product.sku,
            "vendor": item.product.vendor,
            "gift_card": item.product.is_gift_card,
            "quantity": item.quantity,
            "current_quantity": (item.sold if is_edited else item.quantity) - returned,
            **self._money(order, "price", item.price),
            "tax_lines": self._tax_lines(order, item.taxes),
            "discount_allocations": [{"discount_application_index": 0} | each for each in allocations],
        }

    def _shipping_lines(self, order: Order) -> list[Body]:
        if not order.shipping:
            return []
        allocations = [self._money(order, "amount", order.shipping_discount)] if order.shipping_discount else []
        line = {"id": order.id * 10, "title": "Standard", "code": "standard"}
        line |= self._money(order, "price", order.shipping)
        taxes = self._tax_lines(order, order.shipping_taxes)
        return [line | {"tax_lines": taxes, "discount_allocations": allocations}]

    def _refund_item(self, order: Order, each: RefundItem) -> Body:
        return {
            "id": each.id,
            "line_item_id": each.item.id,
            "quantity": each.quantity,
            "restock_type": "return",
            **self._money(order, "subtotal", each.subtotal),
            **self._money(order, "total_tax", each.tax),
            "line_item": self._item(order, each.item, ()),
        }

    def _tax_lines(self, order: Order, taxes: list[int]) -> list[Body]:
        named = zip(order.market.taxes, taxes, strict=False)
        return [
            {"title": title, "rate": rate / 10_000, **self._money(order, "price", tax)} for (title, rate), tax in named
        ]

    def _left_to_pay_for(self, order: Order, refunds: Iterable[Refund], *, is_edited: bool) -> int:
        is_outside = not order.market.taxes_included
        back = 0
        for refund in refunds:
            back += refund.shipping + refund.discrepancy + sum(each.subtotal for each in refund.items)
            back += is_outside * (refund.shipping_tax + sum(each.tax for each in refund.items))
        return order.total(edited=is_edited) - back

    def _money(self, order: Order, name: str, cents: int) -> Body:
        """Return an amount in the shop's currency, and the set that also has it in the customer's."""
        shop = {"amount": format_money(cents), "currency_code": self._shop.currency}
        theirs = format_money(self._shop.presentment_amount(cents, order.currency))
        presentment = {"amount": theirs, "currency_code": order.currency}
        return {name: shop["amount"], f"{name}_set": {"shop_money": shop, "presentment_money": presentment}}

    def _time(self, at: int | None) -> str | None:
        return None if at is None else self._shop.local_time(at).isoformat()


def _adjustments(refund: Refund) -> list[tuple[str, int, int]]:
    parts = (("shipping_refund", refund.shipping, refund.shipping_tax), ("refund_discrepancy", refund.discrepancy, 0))
    return [part for part in parts if part[1]]


def _financial_status(order: Order, at: int) -> str:
    pieces = sum(each.quantity for refund in order.refunds if refund.at <= at for each in refund.items)
    if pieces == sum(item.sold for item in order.items):
        return "refunded"
    if any(refund.at <= at for refund in order.refunds):
        return "partially_refunded"
    if _until(order.paid_at, at):
        return "paid"
    if _until(order.cancelled_at, at):
        return "voided"
    return "authorized" if order.transactions[0].kind == "authorization" else "pending"


def _until(moment: int | None, at: int) -> int | None:
    return moment if moment is not None and moment <= at else None
