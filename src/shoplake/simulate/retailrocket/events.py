"""Vectorised views, cart additions and orders of visitors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.calendar import DAY, MINUTE, SECOND
from shoplake.simulate.rng import Popularity, draw_integers, rng_for

if TYPE_CHECKING:
    from shoplake.simulate.rng import Ints

VIEW, CART, BUY = range(3)
EVENTS_PER_SESSION = 1.72
SESSIONS_PER_VISITOR = 1.14
MAX_VIEWS = 60
"""Views per session."""
SHOPPERS, CARTS, ORDERS = 0.06, 0.42, 0.3
"""Shares: sessions with purchase intent, their views that add the item to the cart, carts that become orders."""


class Events(NamedTuple):
    """Events in time order, one array per field; `at` is UTC ms, `order` is 0 where there is none."""

    at: Ints
    visitor: Ints
    kind: Ints
    item: Ints
    order: Ints

    def take(self, index: Ints) -> Events:
        """Return the events at `index`."""
        return Events(*(column[index] for column in self))


def generate_events(seed: int, events: int, items: int, starts_at: int, days: int) -> Events:
    """Generate about `events` distinct events over `days` days."""
    rng = rng_for(seed, "visits")
    sessions = max(1, round(events / EVENTS_PER_SESSION))
    visitor = draw_integers(rng, 0, max(1, round(sessions / SESSIONS_PER_VISITOR)), sessions)
    began = draw_integers(rng, starts_at, starts_at + days * DAY - 2 * 60 * MINUTE, sessions)
    views = np.minimum(rng.geometric(0.6, sessions), MAX_VIEWS)
    session = np.repeat(np.arange(sessions), views)
    pauses = np.cumsum(draw_integers(rng, 3 * SECOND, 4 * MINUTE, len(session)))
    at = began[session] + pauses - np.repeat(pauses[np.cumsum(views) - views], views)
    item = Popularity(items, seed).draw(rng, len(session))
    _, first = np.unique(visitor[session] << 44 | at, return_index=True)
    session, at, item = session[first], at[first], item[first]
    is_shopper = rng.random(sessions) < SHOPPERS
    carted = np.flatnonzero(is_shopper[session] & (rng.random(len(at)) < CARTS))
    orders = _draw_orders(rng, session[carted], item[carted], at[carted])
    kinds = [np.full(len(each), kind) for kind, each in ((VIEW, at), (CART, carted), (BUY, orders[0]))]
    nothing = np.zeros(len(at) + len(carted), dtype=np.int64)
    whole = Events(
        np.concatenate([at, at[carted] + 7 * SECOND + item[carted] % SECOND, orders[2]]),
        visitor[np.concatenate([session, session[carted], orders[0]])],
        np.concatenate(kinds),
        np.concatenate([item, item[carted], orders[1]]),
        np.concatenate([nothing, orders[3]]),
    )
    return whole.take(np.argsort(whole.at, kind="stable"))


def _draw_orders(rng: np.random.Generator, session: Ints, item: Ints, at: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return session, item, time and order number of the order lines: each item of a cart once, all at one time."""
    lines = np.unique(np.stack([session, item]), axis=1)
    sessions, place = np.unique(lines[0], return_inverse=True)
    last = np.full(len(sessions), 0, dtype=np.int64)
    np.maximum.at(last, np.searchsorted(sessions, session), at)
    number = np.where(rng.random(len(sessions)) < ORDERS, 1, 0)
    number *= np.cumsum(number)
    is_bought = number[place] > 0
    return lines[0][is_bought], lines[1][is_bought], last[place][is_bought] + 2 * MINUTE, number[place][is_bought]
