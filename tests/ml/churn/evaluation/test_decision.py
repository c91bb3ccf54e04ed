import numpy as np
import pytest

from shoplake.ml.churn.evaluation.decision import Campaign, profit_curve

CAMPAIGN = Campaign(margin=100, contact_cost=2, save_rate=0.1)


def test_a_contact_pays_above_the_threshold_and_the_curve_peaks_there():
    probability = np.linspace(0, 1, 1_000)

    curve = profit_curve(probability, CAMPAIGN)

    assert CAMPAIGN.threshold == pytest.approx(0.2)
    assert curve.share[curve.best] == pytest.approx(0.8, abs=0.011)
    assert curve.profit[0] == 0
    assert curve.profit[-1] == pytest.approx((probability * 10 - 2).sum())


def test_where_no_contact_pays_the_best_is_to_contact_nobody():
    assert profit_curve(np.full(10, 0.1), CAMPAIGN).best == 0
