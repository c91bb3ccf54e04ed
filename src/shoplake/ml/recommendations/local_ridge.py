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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from shoplake.ml.recommendations.pair_counts import PairCounts

    Numbers = NDArray[np.float64]
    System = tuple[NDArray[np.int64], Numbers]
    """Products in ascending order, and how often each is together with the target."""

NEIGHBOURS, STRENGTH, MIN_TOGETHER = 100, 50.0, 2
STEP, SIDE_BY_SIDE = 16, 16
"""Systems are filled to a multiple of `STEP`, and `SIDE_BY_SIDE` of one size are solved at once, in 2 MB."""


@dataclass(frozen=True)
class Weights:
    """Weights from `source` to `target`, positions of products; each pair once, by target and then source."""

    products: tuple[str, ...]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: Numbers

    def scores(self, history: Mapping[int, float]) -> Numbers:
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
    wanted, systems = [], []
    for target in range(len(counts.products)) if targets is None else targets:
        chosen, together = _neighbours(counts, target, neighbours, min_together)
        if len(chosen):
            wanted.append(np.full(len(chosen), target))
            systems.append((chosen, together))
    if not systems:
        nothing = np.zeros(0, dtype=np.int64)
        return Weights(counts.products, nothing, nothing, np.zeros(0))
    sources = np.concatenate([chosen for chosen, _ in systems])
    return Weights(
        counts.products, sources, np.concatenate(wanted), np.concatenate(solve_ridges(counts, systems, strength))
    )


def solve_ridges(counts: PairCounts, systems: Sequence[System], strength: float) -> list[Numbers]:
    """Return the weights of the products of each system.

    Those of about the same size are solved side by side. What is beside a system does not change its weights.
    """
    solved: dict[int, Numbers] = {}
    widths = [-len(chosen) // STEP * -STEP for chosen, _ in systems]
    for width in sorted(set(widths)):
        places = [place for place, its in enumerate(widths) if its == width]
        for first in range(0, len(places), SIDE_BY_SIDE):
            some = places[first : first + SIDE_BY_SIDE]
            solutions = _solve(*_stack(counts, [systems[place] for place in some], strength, width))
            solved |= dict(zip(some, solutions, strict=True))
    return [solved[place][: len(chosen)] for place, (chosen, _) in enumerate(systems)]


def _stack(counts: PairCounts, systems: Sequence[System], strength: float, width: int) -> tuple[Numbers, Numbers]:
    """Return the squares and right sides of systems, filled with zeros to `width`."""
    squares, rights = np.zeros((len(systems), width, width)), np.zeros((len(systems), width))
    for place, (chosen, together) in enumerate(systems):
        size = len(chosen)
        squares[place, :size, :size] = counts.block(chosen)
        squares[place, np.arange(size), np.arange(size)] += strength
        rights[place, :size] = together
    return squares, rights


def _solve(squares: Numbers, rights: Numbers, tolerance: float = 1e-13) -> Numbers:
    """Solve positive definite systems by conjugate gradients, side by side and without BLAS.

    Systems are scaled to a diagonal of ones, which takes a quarter of the steps: products differ much in their baskets.
    Threads of BLAS that wait for each other take ten times as long for systems as small as these.
    """
    diagonal = np.einsum("bii->bi", squares)
    scale = np.sqrt(np.divide(1.0, diagonal, out=np.zeros_like(diagonal), where=diagonal > 0))
    squares, rights = squares * scale[:, :, None] * scale[:, None, :], rights * scale
    solution, residual, direction = np.zeros_like(rights), rights, rights
    norm = _products(rights, rights)
    enough = norm * tolerance * tolerance
    for _ in range(4 * rights.shape[1]):
        is_open = norm > enough
        if not is_open.any():
            break
        step = np.einsum("bij,bj->bi", squares, direction)
        length = np.divide(norm, _products(direction, step), out=np.zeros_like(norm), where=is_open)[:, None]
        solution, residual = solution + length * direction, residual - length * step
        now = np.where(is_open, _products(residual, residual), norm)
        turn = np.divide(now, norm, out=np.zeros_like(norm), where=is_open)[:, None]
        direction, norm = np.where(is_open[:, None], residual + turn * direction, direction), now
    weights: Numbers = solution * scale
    return weights


def _products(one: Numbers, other: Numbers) -> Numbers:
    """Return the scalar product of each row with that of the other."""
    products: Numbers = np.einsum("bi,bi->b", one, other)
    return products


def _neighbours(counts: PairCounts, product: int, most: int, min_together: int) -> tuple[NDArray[np.int64], Numbers]:
    """Return the best neighbours of a product in ascending order, and how often each is together with it."""
    span = slice(counts.starts[product], counts.starts[product + 1])
    partners, together, ratios = counts.partners[span], counts.together[span], counts.ratios[span]
    frequent = np.flatnonzero(together >= min_together)
    best = np.sort(frequent[np.lexsort((partners[frequent], -ratios[frequent]))[:most]])
    return partners[best], together[best]
