"""Measures of ranked lists against what was bought, each for one list, and intervals of their means.

Relevance is binary: a product was bought or not. Nothing is sampled: lists are the best of all products (Krichene and
Rendle, "On Sampled Metrics for Item Recommendation", KDD 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def recall(hits: Sequence[bool], relevant: int) -> float:
    """Return the share of the relevant products that are in the list. With hits at 1 and 3 of 4 relevant: 0.5."""
    return sum(hits) / relevant


def capped_recall(hits: Sequence[bool], relevant: int, length: int) -> float:
    """Return the hits over what a list of this length can hit. Hits at 1 and 3 of 4 relevant in a list of 3: 2/3."""
    return sum(hits) / min(relevant, length)


def ndcg(hits: Sequence[bool], relevant: int, length: int) -> float:
    """Return the discounted gain over that of an ideal list: 1/log₂(rank + 1) for each hit.

    Hits at 1 and 3 of 2 relevant in a list of 3: (1 + 1/2) / (1 + 1/log₂3) = 0.9197.
    """
    ideal = sum(1 / np.log2(rank + 1) for rank in range(1, min(relevant, length) + 1))
    return float(sum(1 / np.log2(rank + 1) for rank, is_hit in enumerate(hits, 1) if is_hit) / ideal)


def reciprocal_rank(hits: Sequence[bool]) -> float:
    """Return 1 / the rank of the first hit; 0 without one. First hit at 3: 1/3."""
    return next((1 / rank for rank, is_hit in enumerate(hits, 1) if is_hit), 0.0)


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


def estimate_mean(values: NDArray[np.float64], seed: int = 7, resamples: int = 1000) -> Interval:
    """Return the mean of values, one per customer or basket, with its bootstrap percentile interval.

    Of differences of two methods on the same customers the interval is a paired one. Of no values all are 0.
    """
    if not len(values):
        return Interval(0.0, 0.0, 0.0)
    generator = np.random.default_rng(seed)
    means = [values[generator.integers(len(values), size=len(values))].mean() for _ in range(resamples)]
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(values.mean()), float(low), float(high))
