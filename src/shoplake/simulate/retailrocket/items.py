"""The items of the shop and how they changed: category, availability and price, from week to week."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import DAY
from shoplake.simulate.rng import between, chance_of

if TYPE_CHECKING:
    from shoplake.simulate.retailrocket.hierarchy import Tree
    from shoplake.simulate.rng import Flags, Ints

WEEK = 7 * DAY
RATES = {"categoryid": 0.05, "available": 0.15, "790": 0.18}
"""How often a property is told in a week, after the first time; about as in the real data."""
AGAIN = 0.4
"""How many of them say what was told before."""
FIRST_WEEK = 0.7
UNKNOWN = -1


class Items:
    """Items by number from 0. A row of `told` is an item, a column a week; a value stands until the next is told.

    Values are a category's id, 0 or 1, and the price in thousandths; prices are whole cents.
    """

    def __init__(self, seed: int, count: int, starts_at: int, days: int, tree: Tree) -> None:
        self._seed, self.count = seed, count
        weeks = max(1, (days - 1) // 7)
        first = starts_at + (WEEK if days > 7 else days * DAY // 3)
        self.moments: Ints = first + np.arange(weeks, dtype=np.int64) * WEEK
        self.told: dict[str, Flags] = {name: self._told(name) for name in RATES}
        draws = {"categoryid": tree.ids, "available": np.array([0, 1, 1])}
        self.values = {name: self._values(name, draws.get(name)) for name in RATES}

    def _told(self, name: str) -> Flags:
        """In which weeks the property is told: at least in one, mostly in the first."""
        chance, weeks = chance_of(self._seed, f"told {name}"), len(self.moments)
        told: Flags = chance.random((self.count, weeks)) < RATES[name]
        told[:, 0] |= chance.random(self.count) < FIRST_WEEK
        never = np.flatnonzero(~told.any(axis=1))
        told[never, between(chance, 0, weeks, len(never))] = True
        return told

    def _values(self, name: str, among: Ints | None) -> Ints:
        """The value that stands in each week; UNKNOWN before it is first told."""
        chance, told = chance_of(self._seed, f"values {name}"), self.told[name]
        is_new = told & (chance.random(told.shape) >= AGAIN)
        is_new |= told & (np.cumsum(told, axis=1) == 1)
        if among is None:
            usual = 10 * np.exp(chance.normal(7.5, 1.2, (self.count, 1)))
            drawn = np.maximum(100, (usual * chance.uniform(0.8, 1.25, told.shape)).astype(np.int64)) * 10
        else:
            drawn = among[chance.integers(0, len(among), told.shape)]
        week = np.where(is_new, np.arange(told.shape[1]), UNKNOWN)
        since = np.maximum.accumulate(week, axis=1)
        values: Ints = np.where(since < 0, UNKNOWN, np.take_along_axis(drawn, np.maximum(since, 0), axis=1))
        return values

    def price_at(self, item: Ints, at: Ints) -> Ints:
        """What the items cost at those moments, in thousandths; UNKNOWN before they had a price."""
        week = np.searchsorted(self.moments, at, side="right") - 1
        return np.where(week < 0, UNKNOWN, self.values["790"][item, np.maximum(week, 0)])

    def versions(self) -> int:
        """How often an item became another: any of its properties had another value than in the week before."""
        differs = np.zeros((self.count, len(self.moments)), dtype=bool)
        for values in self.values.values():
            before = np.concatenate([np.full((self.count, 1), UNKNOWN), values[:, :-1]], axis=1)
            differs |= values != before
        return int(differs.sum())
