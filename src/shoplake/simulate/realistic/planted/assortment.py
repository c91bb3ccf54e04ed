"""Products that are bought together, out of stock, or priced with parts of a cent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.realistic.money import UNIT
from shoplake.simulate.realistic.planted.anomaly_plan import find
from shoplake.simulate.rng import rng_for

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.realistic.planted.anomaly_plan import Anomaly
    from shoplake.simulate.rng import Flags, Ints, Popularity

AFFINITIES, AFFINITY_SHARE = 8, 0.35
STOCKOUT_SHARE, SUB_CENT_SHARE = 0.05, 0.03
STOCKOUT_DAYS = (3, 10)
MIN_PRODUCTS, MIN_DAYS = 3, 15
"""Smaller shops have neither; shorter periods have no stock-outs."""
SHIPPING_MARGIN = 12 * 3_600_000
"""Nobody orders a product this long (ms) before it runs out, because sessions may begin later than planned."""


class Affinity(NamedTuple):
    """Who buys the first product also buys the second with the probability `AFFINITY_SHARE`."""

    product: int
    companion: int


class Stockout(NamedTuple):
    """A product that is not sold from one local midnight to another (UTC ms)."""

    product: int
    starts_at: int
    ends_at: int


class Assortment:
    """What is special about products: by the feature `products`, and the anomaly that the best seller runs out."""

    def __init__(self, options: Options, calendar: Calendar, popularity: Popularity, anomalies: list[Anomaly]) -> None:
        rng, count = rng_for(options.seed, "assortment"), options.products
        is_on = options.has("products") and count > MIN_PRODUCTS
        ranked = popularity.ranked()
        self.affinities = _draw_affinities(rng, ranked) if is_on else []
        self.stockouts = _draw_stockouts(rng, calendar, ranked) if is_on and len(calendar) >= MIN_DAYS else []
        outage = find(anomalies, "stockout_best_seller") if count > MIN_PRODUCTS else None
        if outage:
            self.stockouts.append(Stockout(int(ranked[0]), outage.starts_at, outage.ends_at))
        self.is_sub_cent: Flags = np.zeros(count, dtype=np.bool_)
        if is_on:
            self.is_sub_cent[rng.permutation(count)[: max(1, round(count * SUB_CENT_SHARE))]] = True
        out = {stockout.product for stockout in self.stockouts}
        self.substitute = next(product for product in ranked.tolist() if product not in out)
        """The best seller that is always in stock."""

    def with_parts_of_cents(self, product: Ints, price: Ints) -> Ints:
        """Return prices such as 4.3333 for the products that have them."""
        return np.where(self.is_sub_cent[product], price // UNIT * UNIT + UNIT // 3, price)

    def is_out(self, product: Ints, at: Ints, *, margin: int = 0) -> Flags:
        """Whether products are out of stock at `at` (UTC ms), or will be within `margin` ms."""
        flags: Flags = np.zeros(len(product), dtype=np.bool_)
        for stockout in self.stockouts:
            during = (at >= stockout.starts_at - margin) & (at < stockout.ends_at)
            flags |= (product == stockout.product) & during
        return flags

    def restocked_at(self, at: int, count: int) -> Ints:
        """Return the end of each product's last stock-out before `at` (UTC ms), 0 without one."""
        restocked = np.zeros(count, dtype=np.int64)
        for stockout in self.stockouts:
            if stockout.ends_at <= at:
                restocked[stockout.product] = max(int(restocked[stockout.product]), stockout.ends_at)
        return restocked

    def companions(self, rng: np.random.Generator, order: Ints, product: Ints) -> tuple[Ints, Ints]:
        """Draw the lines that affinities add to orders: order and product."""
        orders, products = [order[:0]], [product[:0]]
        for affinity in self.affinities:
            buying = order[product == affinity.product]
            chosen = buying[rng.random(len(buying)) < AFFINITY_SHARE]
            orders.append(chosen)
            products.append(np.full(len(chosen), affinity.companion))
        return np.concatenate(orders), np.concatenate(products)


def _draw_affinities(rng: np.random.Generator, ranked: Ints) -> list[Affinity]:
    """Pair well-selling products with others; no product is in two pairs."""
    pairs = min(AFFINITIES, len(ranked) // 4)
    first = rng.permutation(ranked[1 : 1 + 2 * pairs])[:pairs]
    second = rng.permutation(np.setdiff1d(ranked[1:], ranked[1 : 1 + 2 * pairs]))[:pairs]
    return [Affinity(*pair) for pair in zip(first.tolist(), second.tolist(), strict=False)]


def _draw_stockouts(rng: np.random.Generator, calendar: Calendar, ranked: Ints) -> list[Stockout]:
    """Draw one stock-out of some products, the second best seller among them; all end before the last day."""
    chosen = [int(ranked[1]), *rng.permutation(ranked[2:])[: round(len(ranked) * STOCKOUT_SHARE)].tolist()]
    stockouts = []
    for product in chosen:
        length = int(rng.integers(*STOCKOUT_DAYS))
        first = int(rng.integers(2, len(calendar) - length - 1))
        stockouts.append(Stockout(product, int(calendar.starts[first]), int(calendar.starts[first + length])))
    return stockouts
