import numpy as np
import pytest

from shoplake.ml.churn.evaluation.metrics import (
    bootstrap_auc_difference,
    brier,
    calibration_bins,
    calibration_line,
    evaluate,
    expected_calibration_error,
    pr_auc,
    roc_auc,
    top_share,
)
from shoplake.ml.churn.evaluation.metrics import log_loss as our_log_loss

RNG = np.random.default_rng(5)
SCORE = RNG.random(400).round(2)
TRUTH = (RNG.random(400) < SCORE).astype(float)


def test_areas_and_log_loss_are_those_of_scikit_learn_with_ties():
    from sklearn.metrics import average_precision_score, log_loss, roc_auc_score  # slow to import

    assert roc_auc(SCORE, TRUTH) == pytest.approx(roc_auc_score(TRUTH, SCORE))
    assert pr_auc(SCORE, TRUTH) == pytest.approx(average_precision_score(TRUTH, SCORE))
    clipped = np.clip(SCORE, 1e-4, 1 - 1e-4)
    assert our_log_loss(SCORE, TRUTH) == pytest.approx(log_loss(TRUTH, clipped))


def test_probabilities_that_are_true_have_a_calibration_line_near_1_and_0():
    score = RNG.uniform(0.05, 0.95, 20_000)

    slope, intercept = calibration_line(score, (RNG.random(20_000) < score).astype(float))

    assert (slope, intercept) == pytest.approx((1, 0), abs=0.05)


def test_scores_that_exaggerate_have_a_slope_below_1():
    probability = RNG.uniform(0.1, 0.9, 20_000)
    truth = (RNG.random(20_000) < probability).astype(float)
    odds = probability / (1 - probability)

    slope, _ = calibration_line(odds**2 / (1 + odds**2), truth)

    assert slope == pytest.approx(0.5, abs=0.03)


def test_a_rule_without_probabilities_has_no_brier_score():
    metrics = evaluate(SCORE * 100, TRUTH, is_probability=False)

    assert (metrics.brier, metrics.ece) == (None, None)
    assert metrics.roc_auc == pytest.approx(roc_auc(SCORE, TRUTH))


def test_lift_is_the_share_of_the_churned_among_the_highest_scores():
    truth = np.array([1.0] * 2 + [0] * 8)

    assert top_share(np.arange(10, 0, -1.0), truth, 0.2) == pytest.approx((5, 1))
    assert top_share(np.zeros(10), truth, 0.2) == pytest.approx((1, 0.2))


def test_bins_hold_equally_many_customers():
    bins = calibration_bins(SCORE, TRUTH, 10)

    assert [rows for rows, _, _ in bins] == [40] * 10
    assert sum(rows * share for rows, _, share in bins) == pytest.approx(TRUTH.sum())


def test_bins_and_their_error_do_not_depend_on_the_order_of_equal_scores():
    score, truth = np.repeat([0.2, 0.6], [50, 50]), np.tile([1.0, 0, 0, 0, 1], 20)
    in_order = np.concatenate([np.sort(truth[:50]), np.sort(truth[50:])])

    assert calibration_bins(score, in_order) == calibration_bins(score, truth)
    assert expected_calibration_error(score, in_order) == pytest.approx((0.2 + 0.2) / 2)


def test_equal_scores_have_no_slope_and_say_so_by_none():
    metrics = evaluate(np.full(400, 0.4), TRUTH).to_dict()

    assert (metrics["calibration_slope"], metrics["calibration_intercept"]) == (None, None)
    assert metrics["ece"] == pytest.approx(abs(0.4 - TRUTH.mean()))


def test_a_model_compared_with_itself_differs_by_nothing():
    interval = bootstrap_auc_difference(SCORE, SCORE, TRUTH, rounds=20)

    assert (interval.value, interval.low, interval.high) == (0, 0, 0)


def test_a_better_score_has_an_interval_above_0():
    interval = bootstrap_auc_difference(SCORE, RNG.random(400), TRUTH, rounds=50)

    assert 0 < interval.low < interval.value < interval.high


def test_the_interval_is_that_of_areas_of_resampled_customers():
    from sklearn.metrics import roc_auc_score

    noisy, rng, differences = RNG.random(400).round(1), np.random.default_rng(3), []
    for _ in range(40):
        chosen = rng.integers(0, 400, 400)
        one, other = (roc_auc_score(TRUTH[chosen], score[chosen]) for score in (SCORE, noisy))
        differences.append(one - other)

    interval = bootstrap_auc_difference(SCORE, noisy, TRUTH, rounds=40, seed=3)

    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(differences, [0.025, 0.975])))


def test_the_brier_skill_of_the_base_rate_is_0():
    base = np.full(400, TRUTH.mean())

    assert evaluate(base, TRUTH).brier_skill == pytest.approx(0)
    assert brier(base, TRUTH) == pytest.approx(TRUTH.mean() * (1 - TRUTH.mean()))
