import json
from dataclasses import replace

import numpy as np
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.evaluation.ceiling import BY_ORDERS, explain_best
from shoplake.ml.churn.evaluation.metrics import roc_auc
from shoplake.ml.churn.rows import ChurnRows
from shoplake.ml.churn.training import fit_model, lift_curve, roc_curve, train_churn
from shoplake.ml.model_errors import TrainingError


@pytest.fixture(scope="module")
def trained():
    return train_churn(churn_rows(), seed=1, trees=25, rounds=30)


def test_all_models_are_measured_on_the_same_test_rows(trained):
    metrics = trained.evaluation.metrics

    assert set(metrics) == {"forest", "recency rule", "MBG/NBD", "logistic", "boosting"}
    assert len({values["rows"] for values in metrics.values()}) == 1
    assert metrics["forest"]["roc_auc"] > 0.8


def test_the_best_possible_scores_are_a_peer_where_they_are_known(trained):
    best = trained.scores["MBG/NBD"]

    evaluation = train_churn(churn_rows(), seed=1, trees=8, rounds=10, best=best).evaluation

    assert evaluation.metrics["best possible"] == trained.evaluation.metrics["MBG/NBD"]
    assert evaluation.differences["best possible"] == evaluation.differences["MBG/NBD"]
    assert "best possible" in evaluation.curves["roc"]


def test_a_model_that_is_better_than_the_best_possible_is_refused():
    test = churn_rows().part("test")

    with pytest.raises(TrainingError, match=r"above the best possible: a feature knows the future"):
        train_churn(churn_rows(), seed=1, trees=8, rounds=30, best=test.column("noise"))


def test_visits_may_lift_a_model_above_the_best_possible_by_orders():
    rows = churn_rows()
    names = tuple("days_since_last_visit" if name == "noise" else name for name in rows.names)

    metrics = train_churn(
        replace(rows, names=names), seed=1, trees=8, rounds=30, best=rows.part("test").column("noise")
    ).evaluation.to_dict()

    assert metrics["differences"]["best possible"]["low"] > 0.009
    assert explain_best(metrics) == [BY_ORDERS]


def test_the_difference_to_a_peer_has_an_interval(trained):
    for each in trained.evaluation.differences.values():
        assert each["low"] <= each["value"] <= each["high"]


def test_recency_matters_more_than_noise(trained):
    importance = {each["feature"]: each["drop"] for each in trained.evaluation.importance}

    assert importance["days_since_last_order"] > 0.05
    assert abs(importance["noise"]) < 0.02


def test_the_evaluation_is_plain_json(trained):
    values = trained.evaluation.to_dict()

    assert json.loads(json.dumps(values)) == values


def test_equal_rows_and_seeds_give_equal_models_and_other_seeds_do_not():
    rows = churn_rows()
    values = rows.part("test").values
    one, same, other = (fit_model(rows, seed=seed, trees=5).probabilities(values) for seed in (1, 1, 2))

    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_with_shuffled_outcomes_nothing_is_learned():
    rows, rng = churn_rows(), np.random.default_rng(1)
    shuffled = rows.is_churned.copy()
    for split in set(rows.split):
        chosen = rows.split == split
        shuffled[chosen] = rng.permutation(shuffled[chosen])
    mixed = ChurnRows(rows.names, rows.customers, rows.values, shuffled, rows.split)

    test = mixed.part("test")

    assert roc_auc(fit_model(mixed, seed=1, trees=25).probabilities(test.values), test.is_churned) == pytest.approx(
        0.5, abs=0.06
    )


def test_curves_run_from_nothing_to_everything():
    score, truth = np.array([0.9, 0.8, 0.2, 0.1]), np.array([1.0, 1, 0, 0])

    for curve in (roc_curve(score, truth), lift_curve(score, truth)):
        assert curve[-1] == [1, 1]
    assert lift_curve(score, truth)[50] == [0.5, 1]
