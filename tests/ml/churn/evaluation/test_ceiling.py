import numpy as np
import pytest

from shoplake.ml.churn.evaluation.ceiling import KnownRates, p_churn_of_oracle
from shoplake.ml.order_counts import OrderCounts

RATES = KnownRates(2.0, 40.0, 1.0, 4.0, np.array([-0.3]), np.array([0.4]))
X, LAST, OBSERVED = np.array([0.0, 3.0, 3.0]), np.array([0.0, 100.0, 100.0]), np.array([50.0, 110.0, 300.0])


def test_without_covariates_it_is_the_model_with_known_parameters():
    known = RATES.p_churn(X, LAST, OBSERVED, 90, np.zeros((3, 1)))

    assert known == pytest.approx(1 - OrderCounts(2.0, 40.0, 1.0, 4.0).p_order(X, LAST, OBSERVED, 90))


def test_it_is_what_brute_force_simulation_finds():
    rng = np.random.default_rng(1)
    size = 400_000
    rate = rng.gamma(2.0, 1 / (40.0 * np.exp(0.3)), size)
    leave = rng.beta(1.0, 4.0 * np.exp(-0.4), size)
    stays = rng.random(size) >= leave
    second = np.where(stays, rng.exponential(1 / rate), np.inf)
    silent = second > 50
    churned = second[silent] > 50 + 90

    p = RATES.p_churn(np.array([0.0]), np.array([0.0]), np.array([50.0]), 90, np.ones((1, 1)))

    assert p[0] == pytest.approx(churned.mean(), abs=0.005)


def test_the_oracle_knows_who_left():
    assert p_churn_of_oracle(np.array([0.1, 0.01]), np.array([True, False]), 90) == pytest.approx([1, np.exp(-0.9)])
