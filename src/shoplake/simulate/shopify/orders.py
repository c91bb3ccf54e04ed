"""Orders as the shop knows them at the end: what was ordered, and all that happened to it. Money is whole cents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shoplake.simulate.shopify.shop import round_half_up

if TYPE_CHECKING:
    from shoplake.simulate.shopify.customers import Customer
    from shoplake.simulate.shopify.products import Product
    from shoplake.simulate.shopify.shop import Market


@dataclass
class Item:
    """A line of an order.

    `discount` and `taxes` are those of the whole `quantity`, also where an edit `removed` some of it. `added_at` is the
    time of the edit that added the item; 0 for what was ordered.
    """

    id: int
    product: Product
    quantity: int
    price: int
    discount: int = 0
    taxes: list[int] = field(default_factory=list)
    removed: int = 0
    added_at: int = 0

    @property
    def sold(self) -> int:
        """The pieces sold: ordered and not removed by an edit."""
        return self.quantity - self.removed

    @property
    def tax(self) -> int:
        """The tax of the whole quantity."""
        return sum(self.taxes)

    def share(self, cents: int, pieces: int) -> int:
        """Return the part of an amount of the whole quantity that some of its pieces have, half up."""
        return round_half_up(cents * pieces, self.quantity)


@dataclass(frozen=True)
class Transaction:
    """A movement of money, in cents of the currency that the customer pays in."""

    id: int
    kind: str
    gateway: str
    status: str
    amount: int
    at: int


@dataclass(frozen=True)
class RefundItem:
    """Pieces of an item that come back, what was paid for them, and their tax."""

    id: int
    item: Item
    quantity: int
    subtotal: int
    tax: int


@dataclass(frozen=True)
class Refund:
    """A refund: of items, of shipping, or of money alone (`discrepancy`). Amounts are positive."""

    id: int
    at: int
    items: tuple[RefundItem, ...] = ()
    shipping: int = 0
    shipping_tax: int = 0
    discrepancy: int = 0
    transaction: Transaction | None = None


@dataclass
class Order:
    """An order. Times are UTC seconds; None for what did not happen before the last day ended."""

    id: int
    number: int
    at: int
    market: Market
    currency: str
    customer: Customer | None
    items: list[Item]
    source: str = "web"
    code: str | None = None
    is_test: bool = False
    shipping: int = 0
    shipping_discount: int = 0
    shipping_taxes: list[int] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    edited_at: int | None = None
    paid_at: int | None = None
    fulfilled_at: int | None = None
    cancelled_at: int | None = None

    @property
    def updates(self) -> list[int]:
        """The times at which the order changed, its creation first."""
        moments = (self.at, self.edited_at, self.paid_at, self.fulfilled_at, self.cancelled_at)
        return sorted({at for at in moments if at is not None} | {refund.at for refund in self.refunds})

    def total(self, *, edited: bool) -> int:
        """Return what the order costs, as ordered or as edited, with its taxes and without its refunds."""
        items = [item for item in self.items if edited or not item.added_at]
        pieces = {item.id: item.sold if edited else item.quantity for item in items}
        goods = sum(item.price * pieces[item.id] - item.share(item.discount, pieces[item.id]) for item in items)
        tax = sum(item.share(item.tax, pieces[item.id]) for item in items) + sum(self.shipping_taxes)
        return goods + self.shipping - self.shipping_discount + (0 if self.market.taxes_included else tax)
