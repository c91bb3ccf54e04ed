import numpy as np
import pytest

from shoplake.ml.recommendations.next_purchases import NextPurchases, find_next_candidates
from shoplake.ml.recommendations.pair_counts import PairCounts

SESSIONS = [["a", "b"]] * 6 + [["a"]] * 4 + [["b", "c"]] * 3
VIEWS = PairCounts.of_baskets([*SESSIONS, ["d"]])
SEQUENCES = (["a", "b", "a"], ["d", "d", "c"], [5.0, 4.0, 2.0])
COUNTS = NextPurchases.of(VIEWS, {"d": 6.0, "c": 2.0}, SEQUENCES)
A, B, C, D = range(4)


def test_weights_solve_the_regression_of_a_purchase_on_the_views_before_it():
    found = find_next_candidates(COUNTS, 5, strength=1.0)

    expected = np.linalg.solve([[10 + 1.0, 6.0], [6.0, 9 + 1.0]], [5.0, 4.0])
    assert found.score[found.candidate == D] == pytest.approx(expected, abs=1e-6)


def test_candidates_follow_the_direction_and_are_the_best_ones_first():
    found = find_next_candidates(COUNTS, 1)

    assert list(zip(found.product.tolist(), found.candidate.tolist(), strict=True)) == [(A, D), (B, D)]


def test_purchases_beyond_the_bound_have_the_weight_of_a_single_view():
    found = find_next_candidates(COUNTS, 5, strength=1.0, max_solved=1)

    assert found.score[found.candidate == C].tolist() == [pytest.approx(2 / 11, abs=1e-6)]


def test_sessions_of_a_pair_are_found_and_a_pair_that_never_was_has_none():
    assert COUNTS.find(np.array([A, B, D]), np.array([D, D, A])).tolist() == [5.0, 4.0, 0.0]


def test_without_sequences_there_are_no_candidates():
    nothing = NextPurchases.of(VIEWS, {}, ([], [], []))

    assert len(find_next_candidates(nothing, 5).product) == 0
    assert nothing.find(np.array([A]), np.array([B])).tolist() == [0.0]
