import numpy as np
import pytest

from shoplake.ml.recommendations.candidates import find_candidates
from shoplake.ml.recommendations.local_ridge import fit_weights
from shoplake.ml.recommendations.pair_counts import PairCounts

from .sample_baskets import draw_baskets

COUNTS = PairCounts.of_baskets(draw_baskets(300))


def test_candidates_are_those_with_the_greatest_weights():
    weights = fit_weights(COUNTS, min_together=0)

    found = find_candidates(COUNTS, 3)

    scores = weights.scores({4: 1.0})
    best = np.lexsort((np.arange(len(scores)), -scores.round(6)))[:3]
    assert found.candidate[found.product == 4].tolist() == best.tolist()
    assert found.score[found.product == 4] == pytest.approx(scores[best], abs=1e-6)


def test_no_product_has_more_candidates_than_asked_or_one_with_a_score_below_zero():
    found = find_candidates(COUNTS, 3)

    assert np.unique(found.product, return_counts=True)[1].max() == 3
    assert (found.score > 0).all()
    assert (found.product != found.candidate).all()


def test_products_beyond_the_bound_have_the_weight_of_a_single_neighbour():
    counts = PairCounts.of_baskets([["a", "b"]] * 3 + [["a", "c"]] * 2)

    found = find_candidates(counts, 5, strength=1.0, max_solved=1)

    assert found.score[found.candidate == 1].tolist() == [0.5]
    assert found.score[found.candidate == 2].tolist() == [pytest.approx(2 / 6, abs=1e-6)]
    solved = np.linalg.solve([[4.0, 0.0], [0.0, 3.0]], [3.0, 2.0])
    assert found.score[found.candidate == 0] == pytest.approx(solved, abs=1e-6)
