"""Weights from product to product: a small ridge regression for each product on its best neighbours.

For product j, the neighbours N are the products whose log-likelihood ratio with j is greatest. The weights w solve
(G_NN + λI) w = G_Nj, where G counts the baskets with both: the linear model that predicts from the rest of a basket
whether j is in it. With all products as neighbours this is EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse
Data", WWW 2019) without its constraint's closed form; with few it needs no large inverse.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from shoplake.ml.recommendations.pair_counts import log_likelihood_ratios

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from shoplake.ml.recommendations.pair_counts import PairCounts

NEIGHBOURS, STRENGTH, MIN_TOGETHER = 100, 50.0, 2


@dataclass(frozen=True)
class Weights:
    """Weights from `source` to `target`, positions of products; each pair once, by target and then source."""

    products: tuple[str, ...]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: NDArray[np.float64]

    def scores(self, history: Mapping[int, float]) -> NDArray[np.float64]:
        """Return the score of every product for a history: product → its importance."""
        order, starts = self._by_source
        spans = [order[starts[each] : starts[each + 1]] for each in history]
        chosen = np.concatenate(spans) if spans else order[:0]
        importance = np.repeat(np.array(list(history.values()), dtype=np.float64), [len(each) for each in spans])
        weighted = self.weight[chosen] * importance
        return np.bincount(self.target[chosen], weights=weighted, minlength=len(self.products)).astype(np.float64)

    @cached_property
    def _by_source(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = np.argsort(self.source, kind="stable")
        return order, np.searchsorted(self.source[order], np.arange(len(self.products) + 1))


def fit_weights(
    counts: PairCounts,
    neighbours: int = NEIGHBOURS,
    strength: float = STRENGTH,
    min_together: int = MIN_TOGETHER,
    targets: Iterable[int] | None = None,
) -> Weights:
    """Return the weights to all products, or to `targets`. The same counts give the same weights."""
    sources, wanted, weights = [], [], []
    for target in range(len(counts.products)) if targets is None else targets:
        chosen, together = _neighbours(counts, target, neighbours, min_together)
        if len(chosen) == 0:
            continue
        sources.append(chosen)
        wanted.append(np.full(len(chosen), target))
        weights.append(solve_ridge(counts, chosen, together, strength))
    if not sources:
        nothing = np.zeros(0, dtype=np.int64)
        return Weights(counts.products, nothing, nothing, np.zeros(0))
    return Weights(counts.products, np.concatenate(sources), np.concatenate(wanted), np.concatenate(weights))


def solve_ridge(
    counts: PairCounts, chosen: NDArray[np.int64], together: NDArray[np.float64], strength: float
) -> NDArray[np.float64]:
    """Return the weights of products, given in ascending order, for a target with which each is `together`."""
    square = counts.block(chosen)
    square[np.arange(len(chosen)), np.arange(len(chosen))] += strength
    return _solve(square, together)


def _solve(square: NDArray[np.float64], right: NDArray[np.float64], tolerance: float = 1e-13) -> NDArray[np.float64]:
    """Solve a positive definite system by conjugate gradients, without BLAS.

    Threads of BLAS that wait for each other take ten times as long for systems as small as these.
    """
    solution, residual = np.zeros(len(right)), right.astype(np.float64)
    direction, norm = residual, np.einsum("i,i", residual, residual)
    enough = norm * tolerance * tolerance
    for _ in range(4 * len(right)):
        if norm <= enough:
            break
        step = np.einsum("ij,j->i", square, direction)
        length = norm / np.einsum("i,i", direction, step)
        solution = solution + length * direction
        residual = residual - length * step
        before, norm = norm, np.einsum("i,i", residual, residual)
        direction = residual + norm / before * direction
    return solution


def _neighbours(
    counts: PairCounts, product: int, most: int, min_together: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the best neighbours of a product in ascending order, and how often each is together with it."""
    partners, together = counts.row(product)
    is_frequent = together >= min_together
    partners, together = partners[is_frequent], together[is_frequent]
    ratios = log_likelihood_ratios(together, counts.alone[product], counts.alone[partners], counts.baskets)
    best = np.sort(np.lexsort((partners, -ratios))[:most])
    return partners[best], together[best]
