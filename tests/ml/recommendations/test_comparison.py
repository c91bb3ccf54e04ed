from datetime import date

import pytest

from shoplake.ml.recommendations.comparison import (
    COSINE,
    MISSING,
    NEW,
    OURS,
    POPULAR,
    build_methods,
    compare_methods,
)
from shoplake.ml.recommendations.pair_counts import PairCounts
from shoplake.ml.recommendations.questions import select_training_baskets

from .sample_sales import draw_sales

SPLIT = date(2026, 3, 12)


@pytest.fixture(scope="module")
def tasks():
    return {each.task: each for each in compare_methods(draw_sales(400), SPLIT, with_als=False)}


def test_all_methods_answer_the_same_questions(tasks):
    for task in (tasks[NEW], tasks[MISSING]):
        lengths = {len(figures.values["recall"]) for figures in task.methods.values()}
        assert {OURS, POPULAR, COSINE} <= task.methods.keys() == task.known.keys()
        assert lengths == {task.questions}
        assert next(iter(task.methods)) == OURS


def test_planted_pairs_make_weights_better_than_popularity(tasks):
    task = tasks[MISSING]

    assert task.methods[OURS].difference(task.methods[POPULAR], "ndcg").low > 0


def test_what_is_after_the_split_changes_no_score():
    sales = draw_sales(400)
    before = [sale for sale in sales if sale.day < SPLIT]
    counts = PairCounts.of_baskets(select_training_baskets(sales, SPLIT))

    knowing, blind = (build_methods(counts, each, SPLIT, 7, with_als=False) for each in (sales, before))

    assert counts.products == PairCounts.of_baskets(select_training_baskets(before, SPLIT)).products
    for name, score in knowing.items():
        assert score({0: 1.0}).tolist() == blind[name]({0: 1.0}).tolist()
