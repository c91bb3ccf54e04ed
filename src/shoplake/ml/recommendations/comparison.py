"""Recommendations beside simple methods, on the same questions of the same days."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from shoplake.ml.recommendations.baselines import count_popularity, weigh_by_cosine, weigh_by_likelihood
from shoplake.ml.recommendations.candidates import find_candidates
from shoplake.ml.recommendations.evaluation import compute_cold_share, evaluate, select_known
from shoplake.ml.recommendations.local_ridge import Weights
from shoplake.ml.recommendations.pair_counts import PairCounts
from shoplake.ml.recommendations.questions import (
    ask_for_missing_products,
    ask_for_new_products,
    select_training_baskets,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from shoplake.ml.recommendations.evaluation import MethodFigures, Scorer
    from shoplake.ml.recommendations.questions import Question, Sale

OURS, POPULAR, ALL_TIME, COSINE, LIKELIHOOD, ALS = "local ridge", "popular 30 d", "popular", "cosine", "LLR", "ALS"
NEW, MISSING = "new products", "missing product"
LIST_LENGTH = 30
"""Length of a product's list in `gold.recommendations`."""


@dataclass(frozen=True)
class TaskFigures:
    """The figures of each method for one task; `known` asks only for products that were sold before the split."""

    task: str
    questions: int
    known_questions: int
    cold_share: float
    methods: Mapping[str, MethodFigures]
    known: Mapping[str, MethodFigures]


def compare_methods(sales: Sequence[Sale], split: date, seed: int = 7, *, with_als: bool = True) -> list[TaskFigures]:
    """Return the figures for the two tasks of `questions`. Methods see the sales before the split alone.

    ALS takes part where the package `implicit` is installed.
    """
    counts = PairCounts.of_baskets(select_training_baskets(sales, split))
    places = {name: place for place, name in enumerate(counts.products)}
    methods = build_methods(counts, sales, split, seed, with_als=with_als)
    asked = {
        NEW: ask_for_new_products(sales, places, split),
        MISSING: ask_for_missing_products(sales, places, split, seed),
    }
    return [_measure(task, questions, methods, counts) for task, questions in asked.items()]


def keep_lists(counts: PairCounts, length: int = LIST_LENGTH) -> Weights:
    """Return the weights of the lists of `gold.recommendations`, before what cannot be bought is left out."""
    found = find_candidates(counts, length)
    return Weights(counts.products, found.product, found.candidate, found.score)


def build_methods(
    counts: PairCounts, sales: Sequence[Sale], split: date, seed: int, *, with_als: bool
) -> dict[str, Scorer]:
    """Return the methods by name, ours first."""
    sold = [(sale.day, sale.product_id) for sale in sales]
    recent, ever = (count_popularity(sold, counts.products, split, days) for days in (30, None))
    methods: dict[str, Scorer] = {
        OURS: keep_lists(counts).scores,
        POPULAR: lambda _: recent,
        ALL_TIME: lambda _: ever,
        COSINE: weigh_by_cosine(counts).scores,
        LIKELIHOOD: weigh_by_likelihood(counts).scores,
    }
    if with_als and find_spec("implicit"):
        from shoplake.ml.recommendations.alternating import fit_factors

        methods[ALS] = fit_factors(sales, counts.products, split, seed)
    return methods


def _measure(
    task: str, questions: Sequence[Question], methods: Mapping[str, Scorer], counts: PairCounts
) -> TaskFigures:
    known, share = select_known(questions), counts.alone / max(1.0, counts.baskets)
    return TaskFigures(
        task,
        len(questions),
        len(known),
        compute_cold_share(questions),
        {name: evaluate(score, questions, share) for name, score in methods.items()},
        {name: evaluate(score, known, share) for name, score in methods.items()},
    )
