"""How often products are together in a basket, as a sparse symmetric matrix of numpy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Indices = NDArray[np.int64]

MAX_DENSE = 4000
"""Products up to which the counts are a dense square as well, of 128 MB at most."""


@dataclass(frozen=True)
class PairCounts:
    """Counts of products and of their pairs; products are positions in ascending order of their ids.

    Row `i` has the partners `partners[starts[i]:starts[i + 1]]` in ascending order and as many `together`; `alone` is
    in how many baskets each product is, `baskets` how many there are. `block` reads a dense square of the counts where
    there are at most `max_dense` products.
    """

    products: tuple[str, ...]
    alone: Numbers
    baskets: float
    starts: Indices
    partners: Indices
    together: Numbers
    max_dense: int = MAX_DENSE

    @classmethod
    def of(
        cls,
        products: Sequence[str],
        alone: Sequence[float],
        baskets: float,
        pairs: tuple[Sequence[str], Sequence[str], Sequence[float]],
    ) -> PairCounts:
        """Return the counts of products with the number of their baskets, and of unordered pairs, each once."""
        order = np.argsort(np.array(products, dtype=object), kind="stable")
        names = tuple(products[each] for each in order)
        place = {name: position for position, name in enumerate(names)}
        first, second = (np.array([*map(place.__getitem__, side)], dtype=np.int64) for side in pairs[:2])
        count = np.asarray(pairs[2], dtype=np.float64)
        rows, columns = np.concatenate([first, second]), np.concatenate([second, first])
        together = np.concatenate([count, count])
        by_row = np.lexsort((columns, rows))
        starts = np.searchsorted(rows[by_row], np.arange(len(names) + 1))
        numbers = np.asarray(alone, dtype=np.float64)[order]
        return cls(names, numbers, float(baskets), starts, columns[by_row], together[by_row])

    @classmethod
    def of_baskets(cls, baskets: Iterable[Iterable[str]]) -> PairCounts:
        """Return the counts of some baskets; a product counts once in a basket."""
        alone: dict[str, int] = {}
        pairs: dict[tuple[str, str], int] = {}
        number = 0
        for basket in baskets:
            number += 1
            names = sorted(set(basket))
            for position, name in enumerate(names):
                alone[name] = alone.get(name, 0) + 1
                for other in names[position + 1 :]:
                    pairs[name, other] = pairs.get((name, other), 0) + 1
        keys = list(pairs)
        sides = [key[0] for key in keys], [key[1] for key in keys], [pairs[key] for key in keys]
        return cls.of(list(alone), list(alone.values()), number, sides)

    def row(self, product: int) -> tuple[Indices, Numbers]:
        """Return the partners of a product and how often they are together."""
        span = slice(self.starts[product], self.starts[product + 1])
        return self.partners[span], self.together[span]

    def find(self, a: Indices, b: Indices) -> Numbers:
        """Return how often each pair of products is together; 0 for a pair that never is."""
        size = len(self.products)
        keys = np.repeat(np.arange(size), np.diff(self.starts)) * size + self.partners
        wanted = a * size + b
        places = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
        return np.where(keys[places] == wanted, self.together[places], 0.0) if len(keys) else np.zeros(len(a))

    def block(self, chosen: Indices) -> Numbers:
        """Return the dense square of the counts among some products, given in ascending order."""
        size = len(chosen)
        square = self._sparse_block(chosen) if self._dense is None else self._dense[np.ix_(chosen, chosen)]
        square[np.arange(size), np.arange(size)] = self.alone[chosen]
        return square

    @cached_property
    def _dense(self) -> Numbers | None:
        """The counts of all pairs of products, 0 for a product with itself; None of more than `max_dense`."""
        size = len(self.products)
        if size > self.max_dense:
            return None
        square = np.zeros((size, size))
        square[np.repeat(np.arange(size), np.diff(self.starts)), self.partners] = self.together
        return square

    @cached_property
    def _upper(self) -> tuple[Indices, NDArray[np.int32], Numbers]:
        """The entries whose partner is after their product, each pair once: starts by product, partners, together."""
        size = len(self.products)
        rows = np.repeat(np.arange(size), np.diff(self.starts))
        kept = np.flatnonzero(self.partners > rows)
        starts = np.searchsorted(rows[kept], np.arange(size + 1))
        return starts, self.partners[kept].astype(np.int32), self.together[kept]

    def _sparse_block(self, chosen: Indices) -> Numbers:
        """Return the counts of pairs among some products, from the entries of their rows."""
        starts, partners, together = self._upper
        size, first, end = len(chosen), starts[chosen], starts[chosen + 1]
        spans = [partners[one:other] for one, other in zip(first.tolist(), end.tolist(), strict=True)]
        position = np.full(len(self.products), -1, dtype=np.int32)
        position[chosen] = np.arange(size, dtype=np.int32)
        places = position[np.concatenate(spans)]
        inside = np.flatnonzero(places >= 0)
        before = np.concatenate([[0], np.cumsum(end - first)])
        row, column = np.searchsorted(before, inside, side="right") - 1, places[inside]
        square = np.zeros((size, size))
        square[row, column] = square[column, row] = together[inside - before[row] + first[row]]
        return square

    @cached_property
    def ratios(self) -> Numbers:
        """The log-likelihood ratio of each entry."""
        rows = np.repeat(np.arange(len(self.products)), np.diff(self.starts))
        return log_likelihood_ratios(self.together, self.alone[rows], self.alone[self.partners], self.baskets)


def log_likelihood_ratios(both: Numbers, a: Numbers, b: Numbers, n: float) -> Numbers:
    """Return Dunning's G² of pairs in `both` of `n` baskets; negative where they are together less than by chance.

    Source: Dunning, "Accurate Methods for the Statistics of Surprise and Coincidence", Computational Linguistics 19
    (1993).
    """
    cells = ((both, a, b), (a - both, a, n - b), (b - both, n - a, b), (n - a - b + both, n - a, n - b))
    total = np.zeros(len(both))
    for k, row, column in cells:
        k = np.maximum(k, 0.0)
        is_filled = (k > 0) & (row * column > 0)
        total += np.where(
            is_filled, k * np.log(np.where(is_filled, k * n / np.maximum(row * column, 1e-300), 1.0)), 0.0
        )
    return np.where(both * n >= a * b, 2 * total, -2 * total)
