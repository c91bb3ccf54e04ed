"""Draws what happens to an order: payment, edit, fulfilment, cancellation and refunds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.simulate.shopify.orders import Item, Refund, RefundItem, Transaction
from shoplake.simulate.shopify.shop import HOUR
from shoplake.simulate.shopify.taxes import taxes_on_item

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from shoplake.simulate.shopify.orders import Order
    from shoplake.simulate.shopify.products import Product
    from shoplake.simulate.shopify.shop import Shop

CARD, GIFT_CARD, BANK = "shopify_payments", "gift_card", "Bank Deposit"
PAYMENTS = {"card": 65, "capture": 12, "split": 10, "retry": 5, "bank": 8}
"""How orders are paid, in percent: at once, captured later, in part by gift card, at the second attempt, by invoice."""
EDIT_RATE, CANCEL_RATE, REFUND_RATE, SECOND_REFUND_RATE = 0.6, 0.04, 0.15, 0.2
"""The share of the orders by invoice that are edited, and of all others that are cancelled and refunded."""
GIFT_CARD_CENTS = 2_000


class OrderEvents:
    """Adds events to orders; an event after the last day does not happen."""

    def __init__(self, shop: Shop, rng: random.Random) -> None:
        self._shop, self._rng = shop, rng

    def add_to(self, order: Order, products: Sequence[Product]) -> None:
        """Draw the events of an order."""
        [way] = self._rng.choices(list(PAYMENTS), list(PAYMENTS.values()))
        if way == "bank" and not order.is_test and self._rng.random() < EDIT_RATE:
            self._edit(order, products)
        self._pay(order, way)
        if order.is_test:
            return
        if way != "bank" and self._rng.random() < CANCEL_RATE:
            self._cancel(order)
        if order.cancelled_at is None and order.paid_at is not None:
            order.fulfilled_at = self._later(order.paid_at, 12, 48)
            if order.edited_at is None and self._rng.random() < REFUND_RATE:
                self._refund(order)

    def _edit(self, order: Order, products: Sequence[Product]) -> None:
        order.edited_at = self._later(order.at, 1, 20)
        if order.edited_at is None:
            return
        item = self._rng.choice(order.items)
        item.removed = self._rng.randint(1, item.quantity - (len(order.items) == 1)) if self._can_shrink(order) else 0
        others = [each for each in products if each not in [item.product for item in order.items]]
        if others and (item.removed == 0 or self._rng.random() < 0.3):
            product = self._rng.choice(others)
            price = product.price_at(order.edited_at)
            added = Item(order.id * 100 + len(order.items), product, 1, price, added_at=order.edited_at)
            added.taxes = taxes_on_item(order.market, added)
            order.items.append(added)

    def _can_shrink(self, order: Order) -> bool:
        return len(order.items) > 1 or order.items[0].quantity > 1

    def _pay(self, order: Order, way: str) -> None:
        total, at = order.total(edited=False), order.at
        if way == "bank":
            self._transact(order, "sale", BANK, "pending", total, at)
            order.paid_at = self._later(at, 24, 96)
            self._transact(order, "sale", BANK, "success", order.total(edited=True), order.paid_at)
            return
        if way == "capture":
            self._transact(order, "authorization", CARD, "success", total, at)
            order.paid_at = self._later(at, 10, 30)
            self._transact(order, "capture", CARD, "success", total, order.paid_at)
            return
        order.paid_at = at
        if way == "retry":
            self._transact(order, "sale", CARD, "failure", total, at)
        by_gift_card = min(GIFT_CARD_CENTS, total // 2) if way == "split" else 0
        if by_gift_card:
            self._transact(order, "sale", GIFT_CARD, "success", by_gift_card, at)
        self._transact(order, "sale", CARD, "success", total - by_gift_card, at)

    def _cancel(self, order: Order) -> None:
        order.cancelled_at = self._later(order.at, 1, 8)
        if order.cancelled_at is None:
            return
        if order.paid_at is None or order.paid_at > order.cancelled_at:
            order.paid_at = None
            order.transactions = order.transactions[:1]
            return
        items = self._return_items(order, 1, {item.id: item.sold for item in order.items})
        self._add_refund(order, order.cancelled_at, items, with_shipping=True, discrepancy=0)

    def _refund(self, order: Order) -> None:
        left = {item.id: item.sold for item in order.items}
        at = self._later(order.paid_at or order.at, 24, 240)
        with_shipping = order.shipping > order.shipping_discount and self._rng.random() < 0.3
        while at is not None:
            place = len(order.refunds) + 1
            pieces = {item.id: self._rng.randint(0, left[item.id]) for item in order.items}
            discrepancy = self._rng.choice((0, 0, 0, 250, 99)) if any(pieces.values()) else 300
            items = self._return_items(order, place, pieces)
            self._add_refund(order, at, items, with_shipping=with_shipping and place == 1, discrepancy=discrepancy)
            left = {item: count - pieces[item] for item, count in left.items()}
            is_over = place == 2 or self._rng.random() > SECOND_REFUND_RATE
            at = None if is_over else self._later(at, 1, 72)

    def _return_items(self, order: Order, place: int, pieces: dict[int, int]) -> tuple[RefundItem, ...]:
        returned = [(item, pieces[item.id]) for item in order.items if pieces[item.id]]
        return tuple(
            RefundItem(
                item.id * 10 + place,
                item,
                count,
                item.price * count - item.share(item.discount, count),
                item.share(item.tax, count),
            )
            for item, count in returned
        )

    def _add_refund(
        self, order: Order, at: int, items: tuple[RefundItem, ...], *, with_shipping: bool, discrepancy: int
    ) -> None:
        shipping = order.shipping - order.shipping_discount if with_shipping else 0
        shipping_tax = sum(order.shipping_taxes) if shipping else 0
        tax = 0 if order.market.taxes_included else shipping_tax + sum(each.tax for each in items)
        amount = sum(each.subtotal for each in items) + shipping + discrepancy + tax
        transaction = self._transact(order, "refund", CARD, "success", amount, at)
        refund_id = order.id * 10 + len(order.refunds)
        order.refunds.append(Refund(refund_id, at, items, shipping, shipping_tax, discrepancy, transaction))

    def _transact(
        self, order: Order, kind: str, gateway: str, status: str, cents: int, at: int | None
    ) -> Transaction | None:
        if at is None:
            return None
        amount = self._shop.presentment_amount(cents, order.currency)
        transaction = Transaction(order.id * 10 + len(order.transactions), kind, gateway, status, amount, at)
        order.transactions.append(transaction)
        return transaction

    def _later(self, at: int, least_hours: int, most_hours: int) -> int | None:
        """Draw a time some hours after `at`; None if the last day is over by then."""
        then = at + self._rng.randrange(least_hours * HOUR, most_hours * HOUR)
        return then if then < self._shop.ends_at else None
