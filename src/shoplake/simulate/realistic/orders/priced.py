"""What orders cost: prices, discounts, shipping, corrections and the state in which they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import DAY, MINUTE
from shoplake.simulate.realistic.money import CENT, UNIT, round_to_cents
from shoplake.simulate.realistic.orders.baskets import Lines
from shoplake.simulate.rng import draw_integers, rng_for

if TYPE_CHECKING:
    from shoplake.simulate.realistic.catalogue import Catalogue
    from shoplake.simulate.realistic.markets import Markets
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.realistic.orders.placed import Placed
    from shoplake.simulate.rng import Flags, Ints

DISCOUNT_RATE, FIRST_DISCOUNT_PERCENT = 0.15, 15
DISCOUNT_PERCENTS = (5, 10, 15, 20)
FREE_SHIPPING_FROM, SHIPPING = 50 * UNIT, 499 * CENT
CANCELLED_RATE, EDITED_RATE = 0.02, 0.02
MAX_CORRECTION_MS = 2 * DAY
NEVER = np.iinfo(np.int64).max


@dataclass
class Priced:
    """Orders with their money in the order's currency, in ten-thousandths, by position as in `Placed`.

    `lines` has the pieces as ordered and `final_quantity` as they are in the end; a line that was added later is at
    the end of `lines` with 0 pieces. `discount` and `shipping` never change. Times are UTC ms, `NEVER` if not at all.
    """

    at: Ints
    currency: Ints
    lines: Lines
    unit_price: Ints
    final_quantity: Ints
    discount: Ints
    shipping: Ints
    cancelled_at: Ints
    edited_at: Ints

    def goods(self, *, final: bool = True) -> Ints:
        """Return the value of the goods before the discount, in the end or as ordered."""
        quantity = self.final_quantity if final else self.lines.quantity
        amounts = np.bincount(self.lines.order, quantity * self.unit_price, minlength=len(self.at))
        return np.rint(amounts).astype(np.int64)

    def total(self, *, final: bool = True) -> Ints:
        """Return what is to be paid, in whole cents."""
        return round_to_cents(self.goods(final=final) - self.discount + self.shipping)

    @property
    def is_cancelled(self) -> Flags:
        """Whether the orders are cancelled in the end."""
        flags: Flags = self.cancelled_at != NEVER
        return flags

    @property
    def is_edited(self) -> Flags:
        """Whether the orders were edited."""
        flags: Flags = self.edited_at != NEVER
        return flags


def price_orders(
    options: Options, placed: Placed, at: Ints, lines: Lines, catalogue: Catalogue, markets: Markets, closed: int
) -> Priced:
    """Price orders that are placed at `at`, and draw their discounts and corrections before `closed` (UTC ms)."""
    rng = rng_for(options.seed, "prices of orders")
    count, currency = len(at), markets.currency_of(placed.market)
    unit_price = catalogue.price_at(lines.product, at[lines.order], currency[lines.order])
    goods = np.rint(np.bincount(lines.order, lines.quantity * unit_price, minlength=count)).astype(np.int64)
    percent = np.where(rng.random(count) < DISCOUNT_RATE, rng.choice(DISCOUNT_PERCENTS, count), 0)
    percent = np.where(placed.has_first_discount, FIRST_DISCOUNT_PERCENT, percent)
    percent = np.where((placed.ordinal == 0) & (placed.customer >= 0) & ~placed.has_first_discount, 0, percent)
    charged = round_to_cents(np.floor(SHIPPING * markets.list_factor[currency]).astype(np.int64))
    never = np.full(count, NEVER, dtype=np.int64)
    priced = Priced(
        at=at,
        currency=currency,
        lines=lines,
        unit_price=unit_price,
        final_quantity=lines.quantity.copy(),
        discount=round_to_cents(goods * percent // 100),
        shipping=np.where(goods >= FREE_SHIPPING_FROM, 0, charged),
        cancelled_at=never,
        edited_at=never.copy(),
    )
    if options.has("corrections"):
        _correct(rng, priced, catalogue, closed)
    return priced


def _correct(rng: np.random.Generator, priced: Priced, catalogue: Catalogue, closed: int) -> None:
    """Cancel some orders, and edit others: one more piece of the first line, or another product."""
    draws, count = rng.random(len(priced.at)), len(priced.at)
    later = priced.at + draw_integers(rng, MINUTE, MAX_CORRECTION_MS, count)
    is_cancelled = (draws < CANCELLED_RATE) & (later < closed)
    is_edited = (draws >= CANCELLED_RATE) & (draws < CANCELLED_RATE + EDITED_RATE) & (later < closed)
    is_longer = is_edited & (draws < CANCELLED_RATE + EDITED_RATE / 2)
    priced.cancelled_at = np.where(is_cancelled, later, NEVER)
    priced.edited_at = np.where(is_edited, later, NEVER)
    first = (priced.lines.number == 1) & (is_edited & ~is_longer)[priced.lines.order]
    priced.final_quantity = priced.final_quantity + first
    _add_lines(rng, priced, np.flatnonzero(is_longer), catalogue)


def _add_lines(rng: np.random.Generator, priced: Priced, orders: Ints, catalogue: Catalogue) -> None:
    """Add one piece of another product to orders; one that they have or that is out of stock is not added."""
    lines, product = priced.lines, catalogue.popularity.draw(rng, len(orders))
    is_out = catalogue.assortment.is_out(product, priced.at[orders])
    known = is_out | np.isin(orders * len(catalogue.ids) + product, lines.order * len(catalogue.ids) + lines.product)
    priced.edited_at[orders[known]] = NEVER
    orders, product = orders[~known], product[~known]
    last = np.zeros(len(priced.at), dtype=np.int64)
    np.maximum.at(last, lines.order, lines.number)
    added = Lines(orders, last[orders] + 1, product, np.zeros_like(orders))
    price = catalogue.price_at(product, priced.at[orders], priced.currency[orders])
    priced.lines = Lines(
        *(np.concatenate(pair) for pair in zip(vars(lines).values(), vars(added).values(), strict=True))
    )
    priced.unit_price = np.concatenate([priced.unit_price, price])
    priced.final_quantity = np.concatenate([priced.final_quantity, np.ones_like(orders)])
