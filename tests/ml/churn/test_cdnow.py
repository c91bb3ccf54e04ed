"""Published data: the orders of CDNOW's customers of early 1997, with 39 weeks to predict."""

import numpy as np
import pytest
from sample_cdnow import dataset, summary

from shoplake.ml.churn.evaluation.metrics import brier, roc_auc, top_share
from shoplake.ml.order_counts import History, fit_order_counts

WEEKS = 39


@pytest.fixture(scope="module")
def orders():
    """Whether each customer of the sample orders in the 39 weeks, and the history of orders before."""
    rows = np.loadtxt(dataset("CDNOW_sample.txt"), dtype=str)
    active = {int(customer) for _, customer, day, *_ in rows if day > "19970930"}
    frame = summary()
    history = History(*[frame[name].to_numpy(float) for name in ("x", "t_x", "T")], np.ones(len(frame)))
    return np.array([identity in active for identity in range(1, len(frame) + 1)], float), history


def test_published_scores_come_out_and_p_alive_is_no_score_of_churn(orders):
    is_active, history = orders
    mbg, bg = (fit_order_counts(history, can_leave_after_first=each) for each in (True, False))
    features = history[:3]

    assert is_active.mean() == pytest.approx(0.290, abs=0.002)
    assert roc_auc(mbg.p_order(*features, WEEKS), is_active) == pytest.approx(0.760, abs=0.004)
    assert roc_auc(bg.p_order(*features, WEEKS), is_active) == pytest.approx(0.757, abs=0.004)
    assert roc_auc(features[1] - features[2], is_active) == pytest.approx(0.771, abs=0.02)
    assert roc_auc(bg.p_active(*features), is_active) == pytest.approx(0.316, abs=0.01)
    assert roc_auc(mbg.p_active(*features), is_active) == pytest.approx(0.687, abs=0.01)


def test_probabilities_of_an_order_are_better_than_the_base_rate(orders):
    is_active, history = orders
    p_order = fit_order_counts(history).p_order(*history[:3], WEEKS)

    assert brier(p_order, is_active) == pytest.approx(0.161, abs=0.004)
    assert top_share(p_order, is_active)[0] == pytest.approx(2.8, abs=0.1)
