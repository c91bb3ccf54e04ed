"""Candidates by direction: which products are bought in a session after a product was viewed.

For product j, w solves (V_NN + λI) w = s_Nj. V counts the sessions in which two products are viewed, s those in which
a product is viewed and j is bought later; N are the products whose log-likelihood ratio with the later purchase of j is
greatest. It is `local_ridge` with a target that has a direction: views that come together share the weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shoplake.ml.recommendations.candidates import DIGITS, Candidates, keep_best
from shoplake.ml.recommendations.local_ridge import NEIGHBOURS, STRENGTH, solve_ridges
from shoplake.ml.recommendations.pair_counts import log_likelihood_ratios

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from shoplake.ml.recommendations.pair_counts import PairCounts


@dataclass(frozen=True)
class NextPurchases:
    """Sessions in which a product is viewed and another bought later; products are positions in `views.products`.

    Entries are by bought product and then by viewed one, each pair once; those of product `j` are
    `starts[j]:starts[j + 1]`. `buying` is in how many sessions each product is bought.
    """

    views: PairCounts
    buying: NDArray[np.float64]
    starts: NDArray[np.int64]
    viewed: NDArray[np.int64]
    sessions: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        views: PairCounts,
        buying: Mapping[str, float],
        sequences: tuple[Sequence[str], Sequence[str], Sequence[float]],
    ) -> NextPurchases:
        """Return the counts of viewed products, bought products and sessions; all products are in `views`."""
        place = {name: position for position, name in enumerate(views.products)}
        viewed = np.fromiter((place[each] for each in sequences[0]), dtype=np.int64)
        bought = np.fromiter((place[each] for each in sequences[1]), dtype=np.int64)
        order = np.lexsort((viewed, bought))
        starts = np.searchsorted(bought[order], np.arange(len(views.products) + 1))
        numbers = np.array([buying.get(name, 0.0) for name in views.products], dtype=np.float64)
        return cls(views, numbers, starts, viewed[order], np.asarray(sequences[2], dtype=np.float64)[order])

    def row(self, bought: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return what was viewed before a purchase, and in how many sessions."""
        span = slice(self.starts[bought], self.starts[bought + 1])
        return self.viewed[span], self.sessions[span]

    def find(self, viewed: NDArray[np.int64], bought: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return in how many sessions each pair is; 0 for one that never is."""
        size = len(self.views.products)
        keys = np.repeat(np.arange(size), np.diff(self.starts)) * size + self.viewed
        wanted = bought * size + viewed
        places = np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))
        return np.where(keys[places] == wanted, self.sessions[places], 0.0) if len(keys) else np.zeros(len(viewed))


def find_next_candidates(
    counts: NextPurchases,
    most: int,
    neighbours: int = NEIGHBOURS,
    strength: float = STRENGTH,
    max_solved: int = 5000,
) -> Candidates:
    """Return for each viewed product the `most` products that are bought later, with a positive score; ties by id.

    Regressions are solved for the `max_solved` products bought in most sessions. For the others the score is what the
    weight is with one viewed product alone: sessions / (views + strength).
    """
    bought = np.flatnonzero(np.diff(counts.starts))
    order = bought[np.lexsort((bought, -counts.buying[bought]))]
    nothing = np.zeros(0, dtype=np.int64)
    solved, rest = np.sort(order[:max_solved]), np.sort(order[max_solved:])
    systems = [_neighbours(counts, target, neighbours) for target in solved.tolist()]
    rows = [counts.row(target) for target in rest.tolist()]
    simple = [sessions / (counts.views.alone[chosen] + strength) for chosen, sessions in rows]
    viewed = [chosen for chosen, _ in (*systems, *rows)]
    wanted = np.repeat(np.concatenate([solved, rest]), [len(each) for each in viewed])
    weights = [np.zeros(0), *solve_ridges(counts.views, systems, strength), *simple]
    score = np.concatenate(weights, dtype=np.float64).round(DIGITS)
    return keep_best(np.concatenate([nothing, *viewed]), wanted, score, most)


def _neighbours(counts: NextPurchases, bought: int, most: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the viewed products that say most of a purchase, in ascending order, and the sessions with both."""
    viewed, sessions = counts.row(bought)
    views = counts.views
    ratios = log_likelihood_ratios(sessions, counts.buying[bought], views.alone[viewed], views.baskets)
    best = np.sort(np.lexsort((viewed, -ratios))[:most])
    return viewed[best], sessions[best]
