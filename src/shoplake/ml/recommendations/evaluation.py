"""What lists are worth: measures of a method over questions, with intervals, and paired differences between methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from shoplake.ml.recommendations.metrics import (
    Interval,
    capped_recall,
    estimate_mean,
    ndcg,
    recall,
    reciprocal_rank,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shoplake.ml.recommendations.questions import Question

Scorer: TypeAlias = "Callable[[Mapping[int, float]], NDArray[np.float64]]"
MEASURES = ("recall", "capped_recall", "ndcg", "reciprocal_rank")


@dataclass(frozen=True)
class MethodFigures:
    """The measures of one method: per question, in the order of the questions, and over all.

    `coverage` is the share of all products that are in any list; `novelty` the mean surprise −log₂(share of baskets) of
    a listed product, in bits.
    """

    values: Mapping[str, NDArray[np.float64]]
    coverage: float
    novelty: float

    def estimate(self, measure: str) -> Interval:
        """Return the mean of a measure over the questions."""
        return estimate_mean(self.values[measure])

    def difference(self, other: MethodFigures, measure: str) -> Interval:
        """Return the mean paired difference to another method over the same questions."""
        return estimate_mean(self.values[measure] - other.values[measure])


def select_known(questions: Sequence[Question]) -> list[Question]:
    """Return the questions with a relevant product that was sold before the split, asked for those products alone."""
    return [replace(each, cold=0) for each in questions if each.relevant]


def compute_cold_share(questions: Sequence[Question]) -> float:
    """Return the share of the relevant products that no method can know: they were never sold before the split."""
    cold = sum(each.cold for each in questions)
    return cold / max(1, cold + sum(len(each.relevant) for each in questions))


def rank(scores: NDArray[np.float64], context: Mapping[int, float], length: int) -> NDArray[np.int64]:
    """Return the positions of the best products that are not in the context; ties by position, which is by id."""
    scores = scores.copy()
    scores[list(context)] = -np.inf
    best = np.argsort(-scores, kind="stable")[:length]
    return best[np.isfinite(scores[best])]


def evaluate(
    score: Scorer, questions: Sequence[Question], share_of_baskets: NDArray[np.float64], length: int = 10
) -> MethodFigures:
    """Return the measures of a method over the questions. Cold products count as misses.

    `share_of_baskets` has a value per product. The reciprocal rank looks at twice the length of the list.
    """
    rows, listed = [], []
    for question in questions:
        best = rank(score(question.context), question.context, 2 * length)
        hits = [int(each) in question.relevant for each in best]
        wanted, top = len(question.relevant) + question.cold, hits[:length]
        listed.append(best[:length])
        rows.append(
            (
                recall(top, wanted),
                capped_recall(top, wanted, length),
                ndcg(top, wanted, length),
                reciprocal_rank(hits),
            )
        )
    table = np.array(rows, dtype=np.float64).reshape(-1, len(MEASURES))
    all_listed = np.concatenate(listed) if listed else np.zeros(0, dtype=np.int64)
    surprise = -np.log2(np.maximum(share_of_baskets[all_listed], 1e-12))
    return MethodFigures(
        dict(zip(MEASURES, table.T, strict=True)),
        len(np.unique(all_listed)) / max(1, len(share_of_baskets)),
        float(surprise.mean()) if len(surprise) else 0.0,
    )
