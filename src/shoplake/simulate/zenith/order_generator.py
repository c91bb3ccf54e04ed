"""The till: turns purchases into orders, takes orders by phone, and takes goods back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.calendar import DAY, SECOND
from shoplake.simulate.rng import chance_of, weighted
from shoplake.simulate.zenith.journeys import PURCHASE
from shoplake.simulate.zenith.orders import Line, Order, Payment, Refund

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.zenith.customers import Clientele
    from shoplake.simulate.zenith.events import Rows
    from shoplake.simulate.zenith.products import Catalogue
    from shoplake.simulate.zenith.shop import Shop

PHONE_ORDERS = 0.015
FIRST_PHONE_ORDER = 900_000_001
DISCOUNTED, SPLIT, FAILED, REFUNDED, PARTIAL = 0.2, 0.08, 0.05, 0.05, 0.4
FREE_SHIPPING_FROM, SHIPPING = 50_00, 4_99
LONGEST_RETURN_DAYS = 14
COUNTRIES = ("GB", "IE", "DE", "FR", "NL", "CH", "US")
COUNTRY_SHARE = (70.0, 7.0, 7.0, 6.0, 4.0, 3.0, 3.0)
METHODS = ("card", "paypal", "apple_pay", "klarna", "gift_card")
METHOD_SHARE = (52.0, 24.0, 12.0, 9.0, 3.0)


class Till:
    """Serves one day after the other; goods of one day come back on a later one."""

    def __init__(self, shop: Shop, calendar: Calendar, catalogue: Catalogue, clientele: Clientele) -> None:
        self._shop, self._calendar, self._catalogue, self._clientele = shop, calendar, catalogue, clientele
        self._coming_back: defaultdict[int, list[Refund]] = defaultdict(list)
        self._web_orders = self.phone_orders = 0

    def orders(self, day: int, rows: Rows) -> list[Order]:
        """The orders of a local day, from its events and by phone, in the order they were placed."""
        bare = [*self._from_events(rows), *self._by_phone(day)]
        bare.sort(key=lambda order: (order.ordered_at, order.order_id))
        luck = _luck(chance_of(self._shop.seed, "orders", day), len(bare))
        orders = [_settled(order, each) for order, each in zip(bare, luck, strict=True)]
        for order, each in zip(orders, luck, strict=True):
            self._take_back(order, each)
        return orders

    def refunds(self, day: int) -> list[Refund]:
        """The refunds of a local day; to be asked after its orders."""
        return sorted(self._coming_back.pop(day, []), key=lambda refund: (refund.refunded_at, refund.refund_id))

    def _from_events(self, rows: Rows) -> list[Order]:
        bought = rows.take(rows.name == PURCHASE)
        bought = bought.take(np.argsort(bought.order, kind="stable"))
        price = self._catalogue.price_at(bought.product, bought.at)
        columns = (bought.order, bought.at, bought.visitor, bought.product, bought.quantity, price)
        lines = zip(*(column.tolist() for column in columns), strict=True)
        orders = [
            self._order(number, at, visitor, [list(line[3:]) for line in same])
            for (number, at, visitor), same in groupby(lines, key=lambda line: line[:3])
        ]
        self._web_orders += len(orders)
        return orders

    def _by_phone(self, day: int) -> list[Order]:
        """Orders that no event saw."""
        chance = chance_of(self._shop.seed, "phone", day)
        count = round(self._web_orders * PHONE_ORDERS) - self.phone_orders
        known = self._clientele.known_by(int(self._calendar.starts[day]))
        at = self._calendar.moments(chance, day, count)
        customer = chance.integers(0, known, count)
        product = chance.integers(0, self._shop.products, count)
        columns = (
            at,
            customer,
            product,
            1 + weighted(chance, (80.0, 20.0), count),
            self._catalogue.price_at(product, at),
        )
        first = FIRST_PHONE_ORDER + self.phone_orders
        self.phone_orders += count
        return [
            self._order(first + index, moment, who, [line])
            for index, (moment, who, *line) in enumerate(zip(*(column.tolist() for column in columns), strict=True))
        ]

    def _order(self, number: int, at: int, visitor: int, lines: list[list[int]]) -> Order:
        customer = f"C{visitor + 1:07}" if visitor < self._shop.customers else None
        goods = [
            Line(line_number, self._catalogue.ids[product], quantity, price)
            for line_number, (product, quantity, price) in enumerate(lines, 1)
        ]
        return Order(f"O{number:09}", at, customer, "", goods)

    def _take_back(self, order: Order, luck: Luck) -> None:
        at = order.ordered_at + int((1 + luck.delay * (LONGEST_RETURN_DAYS - 1)) * DAY)
        if luck.refund >= REFUNDED or at >= self._calendar.starts[-1]:
            return
        refund = Refund(f"R{order.order_id[1:]}", order, at, _returned(order.lines, luck.refund / REFUNDED))
        self._coming_back[self._calendar.day_of(at)].append(refund)


class Luck(NamedTuple):
    """What chance decides about one order: numbers from 0 to 1, and positions in `COUNTRIES` and `METHODS`."""

    discount: float
    split: float
    failure: float
    refund: float
    delay: float
    country: int
    method: int


def _luck(chance: np.random.Generator, count: int) -> list[Luck]:
    shares = chance.random((5, count)).tolist()
    country = weighted(chance, COUNTRY_SHARE, count).tolist()
    method = weighted(chance, METHOD_SHARE, count).tolist()
    return [Luck(*each) for each in zip(*shares, country, method, strict=True)]


def _settled(order: Order, luck: Luck) -> Order:
    """The order with its discount, shipping and payments."""
    percent = (5, 10, 15)[int(luck.discount / DISCOUNTED * 3)] if luck.discount < DISCOUNTED else 0
    discount = order.goods * percent // 100
    shipping = 0 if order.goods >= FREE_SHIPPING_FROM else SHIPPING
    total = order.goods - discount + shipping
    priced = replace(order, discount=discount, shipping=shipping, country=COUNTRIES[luck.country])
    return replace(priced, payments=_payments(order, total, luck))


def _payments(order: Order, total: int, luck: Luck) -> list[Payment]:
    gift = total // 4 if luck.split < SPLIT else 0
    payments = [Payment("", METHODS[luck.method], total - gift, "paid", order.ordered_at + 2 * SECOND)]
    if gift:
        payments.append(Payment("", "gift_card", gift, "paid", order.ordered_at + 3 * SECOND))
    if luck.failure < FAILED:
        payments.insert(0, Payment("", METHODS[luck.method], total, "failed", order.ordered_at + SECOND))
    return [replace(each, payment_id=f"{order.order_id}-{count}") for count, each in enumerate(payments, 1)]


def _returned(lines: list[Line], share: float) -> list[Line]:
    """All lines, or of some orders one piece of the first."""
    if share >= PARTIAL or (len(lines) == 1 and lines[0].quantity == 1):
        return lines
    return [replace(lines[0], quantity=1)]
