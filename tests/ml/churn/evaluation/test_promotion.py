import numpy as np

from shoplake.ml.churn.evaluation.promotion import compare

RNG = np.random.default_rng(4)
PROBABILITY = RNG.uniform(0.05, 0.95, 2_000)
TRUTH = (RNG.random(2_000) < PROBABILITY).astype(float)
NOISY = np.clip(PROBABILITY + RNG.normal(0, 0.25, 2_000), 0.01, 0.99)


def decide(challenger, opponent, **options):
    return compare(challenger, opponent, TRUTH, "version 1", rounds=100, **{"is_probability": True} | options)


def test_a_better_model_is_promoted():
    comparison = decide(PROBABILITY, NOISY)

    assert comparison.is_promoted
    assert comparison.auc.low > 0
    assert comparison.reason.startswith("AUC +")


def test_a_worse_model_is_refused_with_numbers():
    comparison = decide(NOISY, PROBABILITY)

    assert not comparison.is_promoted
    assert "AUC may be 0.0" in comparison.reason
    assert "Brier score is 0.0" in comparison.reason


def test_a_model_compared_with_itself_is_not_promoted():
    comparison = decide(PROBABILITY, PROBABILITY.copy())

    assert (comparison.is_promoted, comparison.reason) == (False, "its scores are those of version 1")


def test_a_model_that_ranks_well_and_is_not_calibrated_is_refused():
    comparison = decide(PROBABILITY**3, NOISY)

    assert not comparison.is_promoted
    assert "calibration error" in comparison.reason


def test_against_a_rule_without_probabilities_only_ranks_and_calibration_count():
    comparison = decide(PROBABILITY, NOISY * 100, is_probability=False)

    assert (comparison.is_promoted, comparison.brier_difference) == (True, None)
    assert comparison.to_dict()["auc"]["low"] > 0


def test_a_model_that_gives_everybody_one_probability_is_refused_and_has_no_slope():
    comparison = decide(np.full(2_000, 0.5), NOISY)

    assert not comparison.is_promoted
    assert "its probabilities are all the same" in comparison.reason
    assert comparison.slope is None
