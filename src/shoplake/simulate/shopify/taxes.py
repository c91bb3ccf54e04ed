"""Taxes on items and shipping, in whole cents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.simulate.shopify.shop import round_half_up

if TYPE_CHECKING:
    from shoplake.simulate.shopify.orders import Item
    from shoplake.simulate.shopify.shop import Market


def taxes_on_item(market: Market, item: Item) -> list[int]:
    """Return the taxes on an item less its discount; a gift card has none."""
    return [] if item.product.is_gift_card else taxes_on(market, item.price * item.quantity - item.discount)


def taxes_on(market: Market, cents: int) -> list[int]:
    """Return the taxes on an amount, or within it where prices include them."""
    within = sum(points for _, points in market.taxes) if market.taxes_included else 0
    return [round_half_up(cents * points, 10_000 + within) for _, points in market.taxes]
