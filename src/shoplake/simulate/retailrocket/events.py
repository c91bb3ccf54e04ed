"""What visitors did: views, now and then something put into the cart, and orders, made without a loop over events."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.calendar import DAY, MINUTE, SECOND
from shoplake.simulate.rng import Popularity, between, chance_of

if TYPE_CHECKING:
    from shoplake.simulate.rng import Ints

VIEW, CART, BUY = range(3)
EVENTS_A_VISIT = 1.72
VISITS_A_VISITOR = 1.14
LONGEST = 60
"""Views in a visit."""
SHOPPERS, CARTS, ORDERS = 0.06, 0.42, 0.3
"""How many visits are to buy; how many of their views put the item into the cart; how many with a cart order."""


class Events(NamedTuple):
    """Events by time: when, who, what kind, which item, which order (0: none)."""

    at: Ints
    visitor: Ints
    kind: Ints
    item: Ints
    order: Ints

    def take(self, index: Ints) -> Events:
        """Those at `index`."""
        return Events(*(column[index] for column in self))


def happened(seed: int, events: int, items: int, starts_at: int, days: int) -> Events:
    """About so many events over so many days, all of them different."""
    chance = chance_of(seed, "visits")
    visits = max(1, round(events / EVENTS_A_VISIT))
    visitor = between(chance, 0, max(1, round(visits / VISITS_A_VISITOR)), visits)
    began = between(chance, starts_at, starts_at + days * DAY - 2 * 60 * MINUTE, visits)
    views = np.minimum(chance.geometric(0.6, visits), LONGEST)
    visit = np.repeat(np.arange(visits), views)
    pauses = np.cumsum(between(chance, 3 * SECOND, 4 * MINUTE, len(visit)))
    at = began[visit] + pauses - np.repeat(pauses[np.cumsum(views) - views], views)
    item = Popularity(items, seed).draw(chance, len(visit))
    _, first = np.unique(visitor[visit] << 44 | at, return_index=True)
    visit, at, item = visit[first], at[first], item[first]
    is_shopper = chance.random(visits) < SHOPPERS
    carted = np.flatnonzero(is_shopper[visit] & (chance.random(len(at)) < CARTS))
    orders = _orders(chance, visit[carted], item[carted], at[carted])
    kinds = [np.full(len(each), kind) for kind, each in ((VIEW, at), (CART, carted), (BUY, orders[0]))]
    nothing = np.zeros(len(at) + len(carted), dtype=np.int64)
    whole = Events(
        np.concatenate([at, at[carted] + 7 * SECOND + item[carted] % SECOND, orders[2]]),
        visitor[np.concatenate([visit, visit[carted], orders[0]])],
        np.concatenate(kinds),
        np.concatenate([item, item[carted], orders[1]]),
        np.concatenate([nothing, orders[3]]),
    )
    return whole.take(np.argsort(whole.at, kind="stable"))


def _orders(chance: np.random.Generator, visit: Ints, item: Ints, at: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Visit, item, time and number of the order lines that come of carts: each item of a cart once, all at one time."""
    lines = np.unique(np.stack([visit, item]), axis=1)
    visits, place = np.unique(lines[0], return_inverse=True)
    last = np.full(len(visits), 0, dtype=np.int64)
    np.maximum.at(last, np.searchsorted(visits, visit), at)
    number = np.where(chance.random(len(visits)) < ORDERS, 1, 0)
    number *= np.cumsum(number)
    is_bought = number[place] > 0
    return lines[0][is_bought], lines[1][is_bought], last[place][is_bought] + 2 * MINUTE, number[place][is_bought]
