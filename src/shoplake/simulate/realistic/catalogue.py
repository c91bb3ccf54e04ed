"""Products, and their prices over time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.calendar import DAY
from shoplake.simulate.realistic.money import CENT, UNIT, format_amount, round_to_cents, to_decimals
from shoplake.simulate.realistic.planted.assortment import Assortment
from shoplake.simulate.realistic.planted.injections import plant_names
from shoplake.simulate.rng import Popularity, draw_integers, rng_for
from shoplake.simulate.text import format_time
from shoplake.simulate.zenith.products import Products

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.realistic.markets import Markets
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.realistic.planted.anomaly_plan import Anomaly
    from shoplake.simulate.rng import Ints

DAYS_BETWEEN_CHANGES = 120
CHANGE_PERCENTS = (-30, -20, -15, -10, 10, 15, 20)
_TIME_BITS = 42


class Catalogue:
    """All products with their price versions, sorted by product and time. Prices are in the shop's currency."""

    def __init__(self, options: Options, calendar: Calendar, markets: Markets, anomalies: list[Anomaly]) -> None:
        basis = Products(options.shop(), calendar)
        self._calendar, self._markets = calendar, markets
        self.ids, self.categories = basis.ids, basis.categories
        self.names = plant_names(basis.names) if options.has("injections") else basis.names
        self.popularity = Popularity(options.products, options.seed)
        self.cost: Ints = basis.cost * CENT
        self.assortment = Assortment(options, calendar, self.popularity, anomalies)
        self.product, self.valid_from, price = _draw_versions(options, calendar, basis.price * CENT, self.cost)
        self.price: Ints = self.assortment.with_parts_of_cents(self.product, price)
        self._keys = self._key(self.product, self.valid_from)

    def version_at(self, product: Ints, at: Ints) -> Ints:
        """Return the positions of the price versions that are valid at `at` (UTC ms)."""
        earlier: Ints = np.searchsorted(self._keys, self._key(product, at), side="right") - 1
        return earlier

    def price_at(self, product: Ints, at: Ints, currency: Ints) -> Ints:
        """Return the list prices at `at` (UTC ms) in the currencies at these positions."""
        own = self.price[self.version_at(product, at)]
        converted = np.floor(own * self._markets.list_factor[currency] + 0.5).astype(np.int64)
        return np.where(self.assortment.is_sub_cent[product], converted, round_to_cents(converted))

    def snapshot(self, at: int) -> pa.Table:
        """Return all products in stock as of `at` (UTC ms), as the shop exports them."""
        count = len(self.ids)
        in_stock = np.flatnonzero(~self.assortment.is_out(np.arange(count), np.full(count, at)))
        version = self.version_at(in_stock, np.full(len(in_stock), at))
        changed_at = np.maximum(self.valid_from[version], self.assortment.restocked_at(at, count)[in_stock])
        chosen = pa.array(in_stock)
        columns = {
            "product_id": pa.array(self.ids).take(chosen),
            "product_name": pa.array(self.names).take(chosen),
            "category": pa.array(self.categories).take(chosen),
            "price": to_decimals(self.price[version]),
            "cost": to_decimals(self.cost[in_stock]),
            "updated_at": pa.array(changed_at * 1000).cast(pa.timestamp("us", "UTC")),
        }
        return pa.table(columns)

    def change_lines(self) -> list[tuple[int, str]]:
        """Format the change records of stock-outs with their times: a deletion, and an insertion at the end."""
        lines = []
        for stockout in self.assortment.stockouts:
            product, at = stockout.product, stockout.ends_at
            version = int(self.version_at(np.array([product]), np.array([at]))[0])
            key = {"product_id": self.ids[product]}
            values = {
                "product_name": self.names[product],
                "category": self.categories[product],
                "price": format_amount(int(self.price[version])),
                "cost": format_amount(int(self.cost[product])),
            }
            lines.append((stockout.starts_at, _change("delete", 1, stockout.starts_at, key)))
            lines.append((at, _change("insert", 2, at, key | values)))
        return sorted(lines)

    @staticmethod
    def _key(product: Ints, at: Ints) -> Ints:
        return (product << _TIME_BITS) | at


def _change(operation: str, sequence: int, at: int, values: dict[str, str]) -> str:
    record = {"op": operation, "sequence": sequence, "changed_at": format_time(at), **values}
    return json.dumps(record, ensure_ascii=False) + "\n"


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
