"""Items and their weekly category, availability and price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import DAY
from shoplake.simulate.rng import draw_integers, rng_for

if TYPE_CHECKING:
    from shoplake.simulate.retailrocket.hierarchy import CategoryTree
    from shoplake.simulate.rng import Flags, Ints

WEEK = 7 * DAY
PUBLISH_RATES = {"categoryid": 0.05, "available": 0.15, "790": 0.18}
"""Share of weeks in which a property is published after the first time, close to the real data."""
REPEAT_RATE = 0.4
"""Share of them that repeat the previous value."""
FIRST_WEEK = 0.7
UNKNOWN = -1


class Items:
    """Items by number from 0. Arrays are items × weeks; a value is valid until the next one is published.

    Values are a category's id, 0 or 1, and the price in thousandths; prices are whole cents.
    """

    def __init__(self, seed: int, count: int, starts_at: int, days: int, tree: CategoryTree) -> None:
        self._seed, self.count = seed, count
        weeks = max(1, (days - 1) // 7)
        first = starts_at + (WEEK if days > 7 else days * DAY // 3)
        self.moments: Ints = first + np.arange(weeks, dtype=np.int64) * WEEK
        self.published: dict[str, Flags] = {name: self._draw_published(name) for name in PUBLISH_RATES}
        draws = {"categoryid": tree.ids, "available": np.array([0, 1, 1])}
        self.values = {name: self._draw_values(name, draws.get(name)) for name in PUBLISH_RATES}

    def _draw_published(self, name: str) -> Flags:
        """Draw the weeks in which the property is published: at least one, mostly the first."""
        rng, weeks = rng_for(self._seed, f"described {name}"), len(self.moments)
        published: Flags = rng.random((self.count, weeks)) < PUBLISH_RATES[name]
        published[:, 0] |= rng.random(self.count) < FIRST_WEEK
        never = np.flatnonzero(~published.any(axis=1))
        published[never, draw_integers(rng, 0, weeks, len(never))] = True
        return published

    def _draw_values(self, name: str, among: Ints | None) -> Ints:
        """Draw the value valid in each week; UNKNOWN before it is first published."""
        rng, published = rng_for(self._seed, f"values {name}"), self.published[name]
        is_new = published & (rng.random(published.shape) >= REPEAT_RATE)
        is_new |= published & (np.cumsum(published, axis=1) == 1)
        if among is None:
            usual = 10 * np.exp(rng.normal(7.5, 1.2, (self.count, 1)))
            drawn = np.maximum(100, (usual * rng.uniform(0.8, 1.25, published.shape)).astype(np.int64)) * 10
        else:
            drawn = among[rng.integers(0, len(among), published.shape)]
        week = np.where(is_new, np.arange(published.shape[1]), UNKNOWN)
        since = np.maximum.accumulate(week, axis=1)
        values: Ints = np.where(since < 0, UNKNOWN, np.take_along_axis(drawn, np.maximum(since, 0), axis=1))
        return values

    def price_at(self, item: Ints, at: Ints) -> Ints:
        """Return the item prices at times `at` (UTC ms) in thousandths; UNKNOWN before the first price."""
        week = np.searchsorted(self.moments, at, side="right") - 1
        return np.where(week < 0, UNKNOWN, self.values["790"][item, np.maximum(week, 0)])

    def versions(self) -> int:
        """Count the item versions: weeks in which any property differs from the week before."""
        differs = np.zeros((self.count, len(self.moments)), dtype=bool)
        for values in self.values.values():
            before = np.concatenate([np.full((self.count, 1), UNKNOWN), values[:, :-1]], axis=1)
            differs |= values != before
        return int(differs.sum())
