import numpy as np
import pytest

from shoplake.ml.recommendations.local_ridge import fit_weights
from shoplake.ml.recommendations.pair_counts import PairCounts

from .sample_baskets import draw_baskets

BASKETS = draw_baskets(300)
COUNTS = PairCounts.of_baskets(BASKETS)
ALL = {"neighbours": 1000, "min_together": 1}


def dense(weights):
    square = np.zeros((len(weights.products),) * 2)
    square[weights.source, weights.target] = weights.weight
    return square


def ridge(target, strength):
    """The ridge regression of a product on all that it was ever together with, from the baskets themselves."""
    rows = np.array([[product in basket for product in COUNTS.products] for basket in BASKETS], dtype=float)
    partners = [p for p in range(rows.shape[1]) if p != target and rows[:, p] @ rows[:, target] > 0]
    design = np.vstack([rows[:, partners], np.sqrt(strength) * np.eye(len(partners))])
    solution = np.linalg.lstsq(design, np.concatenate([rows[:, target], np.zeros(len(partners))]), rcond=None)[0]
    weights = np.zeros(rows.shape[1])
    weights[partners] = solution
    return weights


@pytest.mark.parametrize("target", [0, 7])
def test_weights_are_those_of_a_ridge_regression_on_the_baskets(target):
    found = dense(fit_weights(COUNTS, strength=10.0, **ALL))

    assert found[:, target] == pytest.approx(ridge(target, 10.0), abs=1e-9)


def test_a_product_has_no_weight_on_itself():
    assert np.diag(dense(fit_weights(COUNTS, **ALL))).tolist() == [0.0] * len(COUNTS.products)


def test_the_best_neighbours_are_those_with_the_greatest_likelihood_ratio():
    weights = dense(fit_weights(COUNTS, neighbours=1, min_together=1))

    partner = np.abs(weights).argmax(axis=0)
    belongs = [
        COUNTS.products[p] == f"p{int(name[1:]) ^ 1:02}" for p, name in zip(partner, COUNTS.products, strict=True)
    ]
    assert (np.count_nonzero(weights, axis=0) == 1).all()
    assert sum(belongs) >= 16


def test_partners_seen_too_rarely_have_no_weight():
    baskets = [["a", "b"], ["a", "b"], ["a", "c"]]

    weights = dense(fit_weights(PairCounts.of_baskets(baskets), min_together=2))

    assert (weights != 0).tolist() == [[False, True, False], [True, False, False], [False, False, False]]


def test_some_targets_have_the_weights_that_they_have_among_all():
    some = fit_weights(COUNTS, targets=[3, 5], **ALL)

    assert dense(some)[:, [3, 5]].tolist() == dense(fit_weights(COUNTS, **ALL))[:, [3, 5]].tolist()
    assert set(some.target) == {3, 5}


def test_scores_are_sums_of_weights_by_importance():
    weights = fit_weights(COUNTS, **ALL)

    assert weights.scores({2: 1.0, 6: 0.5}) == pytest.approx(dense(weights)[2] + 0.5 * dense(weights)[6])
    assert weights.scores({}).tolist() == [0.0] * len(COUNTS.products)


def test_without_pairs_there_are_no_weights():
    weights = fit_weights(PairCounts.of_baskets([["a"], ["b"]]))

    assert weights.scores({0: 1.0}).tolist() == [0.0, 0.0]
