"""Turns purchase events into orders, and generates phone orders and refunds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.calendar import DAY, SECOND
from shoplake.simulate.rng import draw_weighted, rng_for
from shoplake.simulate.zenith.journeys import PURCHASE
from shoplake.simulate.zenith.orders import Line, Order, Payment, Refund

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.zenith.customers import Customers
    from shoplake.simulate.zenith.events import EventRows
    from shoplake.simulate.zenith.products import Products
    from shoplake.simulate.zenith.shop import Shop

PHONE_ORDERS = 0.015
FIRST_PHONE_ORDER = 900_000_001
DISCOUNTED, SPLIT, FAILED, REFUNDED, PARTIAL = 0.2, 0.08, 0.05, 0.05, 0.4
FREE_SHIPPING_FROM, SHIPPING = 50_00, 4_99
MAX_RETURN_DAYS = 14
COUNTRIES = ("GB", "IE", "DE", "FR", "NL", "CH", "US")
COUNTRY_SHARE = (70.0, 7.0, 7.0, 6.0, 4.0, 3.0, 3.0)
METHODS = ("card", "paypal", "apple_pay", "klarna", "gift_card")
METHOD_SHARE = (52.0, 24.0, 12.0, 9.0, 3.0)


class OrderGenerator:
    """Generates orders day by day; refunds of a day's orders fall on later days."""

    def __init__(self, shop: Shop, calendar: Calendar, products: Products, customers: Customers) -> None:
        self._shop, self._calendar, self._products, self._customers = shop, calendar, products, customers
        self._pending_refunds: defaultdict[int, list[Refund]] = defaultdict(list)
        self._web_orders = self.phone_orders = 0

    def generate_orders(self, day: int, rows: EventRows) -> list[Order]:
        """Generate the orders of a local day, from its events and by phone, in time order."""
        bare = [*self._orders_from_events(rows), *self._draw_phone_orders(day)]
        bare.sort(key=lambda order: (order.ordered_at, order.order_id))
        draws = _draw_orders(rng_for(self._shop.seed, "orders", day), len(bare))
        orders = [_complete_order(order, each) for order, each in zip(bare, draws, strict=True)]
        for order, each in zip(orders, draws, strict=True):
            self._schedule_refund(order, each)
        return orders

    def pop_refunds(self, day: int) -> list[Refund]:
        """Remove and return the refunds of a local day; call it after `generate_orders`."""
        return sorted(self._pending_refunds.pop(day, []), key=lambda refund: (refund.refunded_at, refund.refund_id))

    def _orders_from_events(self, rows: EventRows) -> list[Order]:
        bought = rows.take(rows.name == PURCHASE)
        bought = bought.take(np.argsort(bought.order, kind="stable"))
        price = self._products.price_at(bought.product, bought.at)
        columns = (bought.order, bought.at, bought.visitor, bought.product, bought.quantity, price)
        lines = zip(*(column.tolist() for column in columns), strict=True)
        orders = [
            self._build_order(number, at, visitor, [list(line[3:]) for line in same])
            for (number, at, visitor), same in groupby(lines, key=lambda line: line[:3])
        ]
        self._web_orders += len(orders)
        return orders

    def _draw_phone_orders(self, day: int) -> list[Order]:
        """Draw orders without events."""
        rng = rng_for(self._shop.seed, "phone", day)
        count = round(self._web_orders * PHONE_ORDERS) - self.phone_orders
        known = self._customers.count_signed_up(int(self._calendar.starts[day]))
        at = self._calendar.draw_times(rng, day, count)
        customer = rng.integers(0, known, count)
        product = rng.integers(0, self._shop.products, count)
        columns = (
            at,
            customer,
            product,
            1 + draw_weighted(rng, (80.0, 20.0), count),
            self._products.price_at(product, at),
        )
        first = FIRST_PHONE_ORDER + self.phone_orders
        self.phone_orders += count
        return [
            self._build_order(first + index, moment, who, [line])
            for index, (moment, who, *line) in enumerate(zip(*(column.tolist() for column in columns), strict=True))
        ]

    def _build_order(self, number: int, at: int, visitor: int, lines: list[list[int]]) -> Order:
        customer = f"C{visitor + 1:07}" if visitor < self._shop.customers else None
        goods = [
            Line(line_number, self._products.ids[product], quantity, price)
            for line_number, (product, quantity, price) in enumerate(lines, 1)
        ]
        return Order(f"O{number:09}", at, customer, "", goods)

    def _schedule_refund(self, order: Order, draws: OrderDraws) -> None:
        at = order.ordered_at + int((1 + draws.delay * (MAX_RETURN_DAYS - 1)) * DAY)
        if draws.refund >= REFUNDED or at >= self._calendar.starts[-1]:
            return
        refund = Refund(f"R{order.order_id[1:]}", order, at, _returned_lines(order.lines, draws.refund / REFUNDED))
        self._pending_refunds[self._calendar.day_of(at)].append(refund)


class OrderDraws(NamedTuple):
    """Random numbers of one order: from 0 to 1, and positions in `COUNTRIES` and `METHODS`."""

    discount: float
    split: float
    failure: float
    refund: float
    delay: float
    country: int
    method: int


def _draw_orders(rng: np.random.Generator, count: int) -> list[OrderDraws]:
    shares = rng.random((5, count)).tolist()
    country = draw_weighted(rng, COUNTRY_SHARE, count).tolist()
    method = draw_weighted(rng, METHOD_SHARE, count).tolist()
    return [OrderDraws(*each) for each in zip(*shares, country, method, strict=True)]


def _complete_order(order: Order, draws: OrderDraws) -> Order:
    """Add discount, shipping and payments to an order."""
    percent = (5, 10, 15)[int(draws.discount / DISCOUNTED * 3)] if draws.discount < DISCOUNTED else 0
    discount = order.goods * percent // 100
    shipping = 0 if order.goods >= FREE_SHIPPING_FROM else SHIPPING
    total = order.goods - discount + shipping
    priced = replace(order, discount=discount, shipping=shipping, country=COUNTRIES[draws.country])
    return replace(priced, payments=_payments(order, total, draws))


def _payments(order: Order, total: int, draws: OrderDraws) -> list[Payment]:
    gift = total // 4 if draws.split < SPLIT else 0
    payments = [Payment("", METHODS[draws.method], total - gift, "paid", order.ordered_at + 2 * SECOND)]
    if gift:
        payments.append(Payment("", "gift_card", gift, "paid", order.ordered_at + 3 * SECOND))
    if draws.failure < FAILED:
        payments.insert(0, Payment("", METHODS[draws.method], total, "failed", order.ordered_at + SECOND))
    return [replace(each, payment_id=f"{order.order_id}-{count}") for count, each in enumerate(payments, 1)]


def _returned_lines(lines: list[Line], share: float) -> list[Line]:
    """Return all lines, or for some orders one piece of the first."""
    if share >= PARTIAL or (len(lines) == 1 and lines[0].quantity == 1):
        return lines
    return [replace(lines[0], quantity=1)]
