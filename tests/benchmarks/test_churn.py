import sys
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import churn

FOREST = {"roc_auc": 0.856, "brier": 0.148, "calibration_slope": 1.0, "calibration_intercept": 0.0, "ece": 0.012}
FOREST |= {"lift_at_10": 1.5}
CEILING, RULE = (
    FOREST | {"roc_auc": 0.860, "brier": 0.146},
    dict.fromkeys(FOREST) | {"roc_auc": 0.84, "lift_at_10": 1.4},
)


def result(**forest):
    models = {"forest": FOREST | forest, "ceiling": CEILING, "recency rule": RULE}
    return {"models": models, "above_rule": {"low": 0.01}, "best_single_feature": (0.84, "days_since_last_order")}


def test_a_model_within_the_bars_misses_none():
    assert churn.missed_bars([result(), result(ece=0.03)]) == []


@pytest.mark.parametrize(
    ("forest", "bar"),
    [
        ({"roc_auc": 0.8699}, "AUC ≤ ceiling + 0.009"),
        ({"roc_auc": 0.849}, "AUC ≥ ceiling - 0.010"),
        ({"calibration_slope": 1.2}, "slope 0.9 to 1.1"),
        ({"ece": 0.026}, "ECE ≤ 0.025"),
        ({"brier": 0.151}, "Brier ≤ ceiling + 0.004"),
    ],
)
def test_a_missed_bar_is_named(forest, bar):
    assert bar in churn.missed_bars([result(**forest)])


@pytest.mark.slow
@pytest.mark.parametrize("starts_on", [date(2024, 8, 1), date(2023, 1, 1)], ids=["summer", "christmas"])
def test_the_means_of_five_shops_meet_every_bar(tmp_path, starts_on):
    """The test quarter is May to July, or October to December, when people order more than in the calibration."""
    shop = {"orders": 50_000, "customers": 10_000, "starts_on": starts_on, "days": 730, "trees": 300}

    results = [churn.measure(tmp_path / str(seed), seed, **shop) for seed in range(1, 6)]

    assert churn.missed_bars(results) == []
