"""The best candidates for each product: those to which it has the greatest weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shoplake.ml.recommendations.local_ridge import NEIGHBOURS, STRENGTH, fit_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shoplake.ml.recommendations.pair_counts import PairCounts

DIGITS = 6
"""Decimals of a score: less than what the order of additions changes."""


@dataclass(frozen=True)
class Candidates:
    """Positions of products and of their candidates, by product and then from the greatest score down."""

    product: NDArray[np.int64]
    candidate: NDArray[np.int64]
    score: NDArray[np.float64]


def find_candidates(
    counts: PairCounts,
    most: int,
    neighbours: int = NEIGHBOURS,
    strength: float = STRENGTH,
    max_solved: int = 5000,
) -> Candidates:
    """Return the `most` best candidates of each product with a positive score; ties by product id.

    The score is the weight of the product in the regression of the candidate; all pairs of the counts take part.
    Regressions are solved for the `max_solved` products in most baskets, so that the cost is bounded. For the others
    the score is what the weight is with one neighbour alone: together / (baskets + strength).
    """
    by_size = np.lexsort((np.arange(len(counts.products)), -counts.alone))
    targets = np.sort(by_size[:max_solved]).tolist()
    weights = fit_weights(counts, neighbours, strength, min_together=0, targets=targets)
    rest = by_size[max_solved:]
    is_rest = np.zeros(len(counts.products), dtype=bool)
    is_rest[rest] = True
    rows = np.repeat(np.arange(len(counts.products)), np.diff(counts.starts))
    chosen = is_rest[counts.partners]
    simple = counts.together[chosen] / (counts.alone[rows[chosen]] + strength)
    product = np.concatenate([weights.source, rows[chosen]])
    candidate = np.concatenate([weights.target, counts.partners[chosen]])
    score = np.round(np.concatenate([weights.weight, simple]), DIGITS)
    return keep_best(product, candidate, score, most)


def keep_best(
    product: NDArray[np.int64], candidate: NDArray[np.int64], score: NDArray[np.float64], most: int
) -> Candidates:
    """Return the `most` best candidates of each product with a positive score; ties by product id."""
    order = np.lexsort((candidate, -score, product))
    order = order[score[order] > 0]
    sorted_product = product[order]
    first = np.searchsorted(sorted_product, sorted_product, side="left")
    kept = order[np.arange(len(order)) - first < most]
    return Candidates(product[kept], candidate[kept], score[kept])
