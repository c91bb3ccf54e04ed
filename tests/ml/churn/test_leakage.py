"""A model that knows more than can be known is found: by the ceiling, by single features, by useless ones."""

from dataclasses import replace

import numpy as np
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.evaluation.ceiling import KnownRates
from shoplake.ml.churn.evaluation.metrics import roc_auc
from shoplake.ml.churn.peers import order_history
from shoplake.ml.churn.training import fit_model, train_churn
from shoplake.ml.model_errors import TrainingError

ROWS = churn_rows(customers=2_500)
TRUTH = ROWS.part("test").is_churned
RATES = KnownRates(2.0, 40.0, 1.0, 4.0, np.zeros(1), np.zeros(1))


def with_feature(name, values):
    return replace(ROWS, names=(*ROWS.names, name), values=np.column_stack([ROWS.values, values]))


def auc(rows, seed=1):
    return roc_auc(fit_model(rows, seed=seed, trees=40).probabilities(rows.part("test").values), TRUTH)


@pytest.fixture(scope="module")
def ceiling():
    """The AUC of the exact probability by the parameters that the customers were simulated with."""
    repeats, last, observed, _ = order_history(ROWS.part("test"))
    return roc_auc(RATES.p_churn(repeats, last, observed, 90, np.zeros((len(repeats), 1))), TRUTH)


@pytest.fixture(scope="module")
def honest():
    return auc(ROWS)


def test_an_honest_model_is_near_the_ceiling_and_not_above_it(ceiling, honest):
    assert ceiling - 0.02 <= honest <= ceiling + 0.009


def test_a_feature_that_looks_a_month_ahead_lifts_the_model_above_the_ceiling(ceiling):
    ahead = np.random.default_rng(1).random(len(ROWS.values)) < 0.5
    canary = np.where(ROWS.is_churned == 1, 0, ahead)

    assert auc(with_feature("orders_ahead", canary)) > ceiling + 0.009


def test_ids_and_row_numbers_gain_nothing(honest):
    ids = np.array([int(customer[1:]) for customer in ROWS.customers], float)

    for name, values in (("id", ids), ("row", np.arange(len(ids), dtype=float)), ("batch", ids // 100)):
        assert auc(with_feature(name, values)) <= honest + 0.006


def test_a_feature_that_alone_knows_the_outcome_is_refused():
    leak = ROWS.is_churned + np.random.default_rng(1).normal(0, 0.1, len(ROWS.values))

    with pytest.raises(TrainingError, match=r"'status' alone has an AUC of 1\.000: it knows the outcome"):
        train_churn(with_feature("status", leak), seed=1, trees=2, rounds=2)
