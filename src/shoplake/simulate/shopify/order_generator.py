"""Draws orders: what is ordered, with its discounts, taxes and shipping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.simulate.shopify.order_events import OrderEvents
from shoplake.simulate.shopify.orders import Item, Order
from shoplake.simulate.shopify.shop import MARKET_SHARE, MARKETS
from shoplake.simulate.shopify.taxes import taxes_on, taxes_on_item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shoplake.simulate.shopify.customers import Customer
    from shoplake.simulate.shopify.products import Product
    from shoplake.simulate.shopify.shop import Shop

FIRST_ID = 5_400_000_000
FIRST_NUMBER = 1_001
SHIPPING = 495
FREE_SHIPPING = "FREESHIP"
CODES = {None: 75, "SPRING10": 10, "FIVER": 10, FREE_SHIPPING: 5}
"""Discount codes and how often they are used, in percent."""
GUEST_RATE, COUNTER_RATE, TEST_RATE = 0.1, 0.05, 0.02


class OrderGenerator:
    """Draws the orders of a shop in order of time."""

    def __init__(self, shop: Shop, products: Sequence[Product], customers: Sequence[Customer]) -> None:
        self._shop, self._products, self._customers = shop, products, customers
        self._rng = shop.rng("orders")
        self._events = OrderEvents(shop, self._rng)

    def draw(self) -> list[Order]:
        """Draw all orders with what happens to them."""
        times = sorted(self._draw_time(number) for number in range(self._shop.orders))
        return [self._draw_order(number, at) for number, at in enumerate(times)]

    def _draw_time(self, number: int) -> int:
        day = number * self._shop.days // self._shop.orders
        return self._rng.randrange(self._shop.starts[day], self._shop.starts[day + 1])

    def _draw_order(self, number: int, at: int) -> Order:
        rng = self._rng
        customer = None if rng.random() < GUEST_RATE else rng.choice(self._customers)
        is_counter = rng.random() < COUNTER_RATE
        market = MARKETS[0] if is_counter else customer.market if customer else rng.choices(MARKETS, MARKET_SHARE)[0]
        order = Order(FIRST_ID + number, FIRST_NUMBER + number, at, market, market.currency, customer, [])
        order.is_test = rng.random() < TEST_RATE
        chosen = rng.sample(self._products, min(len(self._products), rng.choice((1, 1, 2, 3, 4))))
        order.items = [
            Item(order.id * 100 + place, product, rng.choice((1, 1, 1, 2, 3)), product.price_at(at))
            for place, product in enumerate(chosen)
        ]
        order.source, order.shipping = ("pos", 0) if is_counter else ("web", SHIPPING)
        self._discount(order)
        order.shipping_taxes = taxes_on(market, order.shipping - order.shipping_discount)
        for item in order.items:
            item.taxes = taxes_on_item(market, item)
        self._events.add_to(order, self._products)
        return order

    def _discount(self, order: Order) -> None:
        [code] = self._rng.choices(list(CODES), list(CODES.values()))
        goods = [item for item in order.items if not item.product.is_gift_card]
        amounts = [item.price * item.quantity for item in goods]
        if code == FREE_SHIPPING:
            order.shipping_discount = order.shipping
        elif code and sum(amounts) > 500:
            cents = 500 if code == "FIVER" else sum(amounts) // 10
            for item, share in zip(goods, allocate(cents, amounts), strict=True):
                item.discount = share
        order.code = code if order.shipping_discount or any(item.discount for item in goods) else None


def allocate(cents: int, amounts: Sequence[int]) -> list[int]:
    """Share cents out in proportion to amounts, by largest remainder; the first of equal remainders gets more."""
    whole = sum(amounts)
    shares = [cents * amount // whole for amount in amounts]
    by_remainder = sorted(range(len(amounts)), key=lambda place: -(cents * amounts[place] % whole))
    for place in by_remainder[: cents - sum(shares)]:
        shares[place] += 1
    return shares
