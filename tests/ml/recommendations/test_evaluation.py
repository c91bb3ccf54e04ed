import numpy as np
import pytest

from shoplake.ml.recommendations.evaluation import compute_cold_share, evaluate, rank, select_known
from shoplake.ml.recommendations.questions import Question

SHARE = np.array([0.5, 0.25, 0.125, 0.125])
QUESTIONS = [Question({0: 1.0}, frozenset({1}), 1), Question({1: 1.0}, frozenset({3}), 0), Question({}, frozenset(), 2)]


def score(context):
    return np.array([4.0, 3.0, 2.0, 1.0])


def test_products_of_the_context_are_not_in_the_list_and_ties_go_by_id():
    assert rank(np.array([1.0, 2.0, 1.0, 2.0]), {1: 1.0}, 3).tolist() == [3, 0, 2]


def test_cold_products_count_as_misses():
    figures = evaluate(score, QUESTIONS, SHARE, length=2)

    assert figures.values["recall"].tolist() == [0.5, 0.0, 0.0]
    assert compute_cold_share(QUESTIONS) == 3 / 5


def test_known_questions_ask_for_products_that_were_sold_before():
    figures = evaluate(score, select_known(QUESTIONS), SHARE, length=2)

    assert figures.values["recall"].tolist() == [1.0, 0.0]
    assert compute_cold_share(select_known(QUESTIONS)) == 0


def test_the_reciprocal_rank_looks_at_twice_the_length():
    figures = evaluate(score, QUESTIONS[:2], SHARE, length=2)

    assert figures.values["reciprocal_rank"].tolist() == [1.0, 1 / 3]


def test_coverage_and_novelty_are_of_the_listed_products():
    figures = evaluate(score, QUESTIONS[:1], SHARE, length=1)

    assert (figures.coverage, figures.novelty) == (0.25, 2.0)


def test_a_difference_is_paired():
    good, bad = evaluate(score, QUESTIONS, SHARE, 2), evaluate(lambda context: -score(context), QUESTIONS, SHARE, 2)

    difference = good.difference(bad, "recall")

    assert difference.mean == pytest.approx(np.mean([0.5 - 0.0, 0.0 - 1.0, 0.0]))
    assert good.difference(good, "recall").high == 0


def test_no_question_has_figures_of_nothing():
    figures = evaluate(score, [], SHARE)

    assert (figures.coverage, figures.novelty, figures.estimate("ndcg").mean) == (0.0, 0.0, 0.0)
