import numpy as np
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.evaluation.metrics import roc_auc
from shoplake.ml.churn.peers import MBG_NBD, RECENCY, order_history, p_churn_by_orders, score_peers
from shoplake.ml.order_counts import OrderCounts


@pytest.fixture(scope="module")
def scores():
    return score_peers(churn_rows(), seed=1)


def test_every_peer_ranks_the_test_customers_better_than_chance(scores):
    truth = churn_rows().part("test").is_churned

    assert {name: roc_auc(score, truth) > 0.75 for name, score in scores.items()} == dict.fromkeys(scores, True)


def test_the_recency_rule_is_the_days_themselves(scores):
    assert np.array_equal(scores[RECENCY], churn_rows().part("test").column("days_since_last_order"))


def test_one_time_buyers_are_not_taken_for_active_as_p_alive_does(scores):
    rows = churn_rows().part("test")
    once = rows.column("order_days") == 1
    old = once & (rows.column("days_since_last_order") > 200)
    history = order_history(rows)
    p_alive = OrderCounts(2.0, 40.0, 1.0, 4.0, can_leave_after_first=False).p_active(*history[:3])

    assert (p_alive[old] == 1).all()
    assert scores[MBG_NBD][old].min() > 0.8


def test_mbg_nbd_is_fitted_to_customers_whose_first_order_is_recent():
    known, rows = churn_rows().part("calibrate"), churn_rows().part("test")
    others = known.column("days_since_first_order") > 365
    altered = known.values.copy()
    altered[others, known.names.index("order_days")] = 99
    changed = type(known)(known.names, known.customers, altered, known.is_churned, known.split)

    assert np.array_equal(p_churn_by_orders(known, rows), p_churn_by_orders(changed, rows))
