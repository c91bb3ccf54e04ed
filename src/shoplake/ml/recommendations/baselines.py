"""What recommendations are compared with: popularity, cosine and the log-likelihood ratio."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from shoplake.ml.recommendations.local_ridge import Weights
from shoplake.ml.recommendations.pair_counts import log_likelihood_ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from shoplake.ml.recommendations.pair_counts import PairCounts

    Measure = Callable[[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], float], NDArray[np.float64]]


def count_popularity(
    sold: Iterable[tuple[date, str]], products: Sequence[str], until: date, days: int | None = None
) -> NDArray[np.float64]:
    """Return how often each product was sold before `until`, in the last `days` days of it or ever."""
    since = until - timedelta(days=days) if days is not None else None
    sales = Counter(product for day, product in sold if day < until and (since is None or day >= since))
    return np.array([float(sales[product]) for product in products])


def cosine(both: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64], n: float) -> NDArray[np.float64]:
    """Return the cosine of the baskets of two products: both / √(a · b)."""
    return both / np.sqrt(a * b)


def weigh_by(measure: Measure, counts: PairCounts, neighbours: int = 50) -> Weights:
    """Return as weight of a pair its measure, for the best neighbours of each product; ties by product id."""
    sources, targets, weights = [], [], []
    for target in range(len(counts.products)):
        partners, together = counts.row(target)
        values = measure(together, counts.alone[target], counts.alone[partners], counts.baskets)
        best = np.sort(np.lexsort((partners, -values))[:neighbours])
        sources.append(partners[best])
        targets.append(np.full(len(best), target))
        weights.append(values[best])
    return Weights(counts.products, np.concatenate(sources), np.concatenate(targets), np.concatenate(weights))


def weigh_by_cosine(counts: PairCounts) -> Weights:
    """Return the cosines of the 50 best neighbours of each product."""
    return weigh_by(cosine, counts)


def weigh_by_likelihood(counts: PairCounts) -> Weights:
    """Return the log-likelihood ratios of the 50 best neighbours of each product."""
    return weigh_by(log_likelihood_ratios, counts)
