"""Products, and their prices over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.calendar import DAY
from shoplake.simulate.realistic.money import CENT, UNIT, round_to_cents, to_decimals
from shoplake.simulate.rng import Popularity, draw_integers, rng_for
from shoplake.simulate.zenith.products import Products

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.realistic.markets import Markets
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.rng import Flags, Ints

DAYS_BETWEEN_CHANGES = 120
CHANGE_PERCENTS = (-30, -20, -15, -10, 10, 15, 20)
_TIME_BITS = 42


class Catalogue:
    """All products with their price versions, sorted by product and time. Prices are in the shop's currency."""

    def __init__(self, options: Options, calendar: Calendar, markets: Markets) -> None:
        basis = Products(options.shop(), calendar)
        self._calendar, self._markets = calendar, markets
        self.ids, self.names, self.categories = basis.ids, basis.names, basis.categories
        self.popularity = Popularity(options.products, options.seed)
        self.cost: Ints = basis.cost * CENT
        self.is_sub_cent: Flags = np.zeros(options.products, dtype=np.bool_)
        self.product, self.valid_from, self.price = _draw_versions(options, calendar, basis.price * CENT, self.cost)
        self._keys = self._key(self.product, self.valid_from)

    def version_at(self, product: Ints, at: Ints) -> Ints:
        """Return the positions of the price versions that are valid at `at` (UTC ms)."""
        earlier: Ints = np.searchsorted(self._keys, self._key(product, at), side="right") - 1
        return earlier

    def price_at(self, product: Ints, at: Ints, currency: Ints) -> Ints:
        """Return the list prices at `at` (UTC ms) in the currencies at these positions."""
        own = self.price[self.version_at(product, at)]
        converted = np.floor(own * self._markets.list_factor[currency] + 0.5).astype(np.int64)
        return np.where(self.is_sub_cent[product], converted, round_to_cents(converted))

    def snapshot(self, at: int) -> pa.Table:
        """Return all products as of `at` (UTC ms), as the shop exports them."""
        everything = np.arange(len(self.ids))
        version = self.version_at(everything, np.full(len(self.ids), at))
        columns = {
            "product_id": pa.array(self.ids),
            "product_name": pa.array(self.names),
            "category": pa.array(self.categories),
            "price": to_decimals(self.price[version]),
            "cost": to_decimals(self.cost),
            "updated_at": pa.array(self.valid_from[version] * 1000).cast(pa.timestamp("us", "UTC")),
        }
        return pa.table(columns)

    @staticmethod
    def _key(product: Ints, at: Ints) -> Ints:
        return (product << _TIME_BITS) | at


def _draw_versions(options: Options, calendar: Calendar, price: Ints, cost: Ints) -> tuple[Ints, Ints, Ints]:
    """Draw the price versions: product, start and price; the first of each product is from before the first day."""
    rng = rng_for(options.seed, "price versions")
    opened, closed, count = int(calendar.starts[0]), int(calendar.starts[-1]), options.products
    changes = rng.poisson(options.days / DAYS_BETWEEN_CHANGES, count)
    product = np.concatenate([np.arange(count), np.repeat(np.arange(count), changes)])
    first = draw_integers(rng, opened - 300 * DAY, opened - DAY, count)
    later = draw_integers(rng, opened + 1, closed, int(changes.sum()))
    valid_from = np.concatenate([first, later])
    percent = rng.choice(CHANGE_PERCENTS, len(later))
    wanted = round_to_cents(price[product[count:]] * (100 + percent) // 100)
    values = np.concatenate([price, np.maximum(wanted, round_to_cents(cost[product[count:]]) + UNIT // 10)])
    order = np.lexsort((valid_from, product))
    return product[order], valid_from[order], values[order]
