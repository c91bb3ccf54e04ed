"""Models that the forest is compared with: the recency rule, MBG/NBD, logistic regression and boosted trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from shoplake.ml.churn.calibration import fit_calibration
from shoplake.ml.churn.rows import CALIBRATE, HORIZON_DAYS, TEST, TRAIN
from shoplake.ml.order_counts import History, OrderCounts, fit_order_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shoplake.ml.churn.rows import ChurnRows

    Floats = NDArray[np.float64]

RECENCY, MBG_NBD, LOGISTIC, FOREST, BOOSTING = "recency rule", "MBG/NBD", "logistic", "forest", "boosting"
COHORT_DAYS = 365


def score_peers(rows: ChurnRows, *, seed: int) -> dict[str, Floats]:
    """Return the scores of the test rows by each model; all but the recency rule are probabilities, calibrated."""
    peers = {
        MBG_NBD: p_churn_by_orders(rows.part(CALIBRATE), rows),
        LOGISTIC: _logistic(rows),
        BOOSTING: _boosting(rows, seed),
    }
    is_calibrating, is_test = rows.split == CALIBRATE, rows.split == TEST
    scores = {RECENCY: rows.part(TEST).column("days_since_last_order")}
    for name, score in peers.items():
        calibrated = fit_calibration(score[is_calibrating], rows.is_churned[is_calibrating])
        scores[name] = calibrated(score[is_test])
    return scores


def order_history(rows: ChurnRows) -> History:
    """Return the order histories of rows, of which each is one customer."""
    first, last = rows.column("days_since_first_order"), rows.column("days_since_last_order")
    return History(rows.column("order_days") - 1, first - last, first - 1, np.ones(len(first)))


def p_churn_by_orders(known: ChurnRows, rows: ChurnRows) -> Floats:
    """Return 1 - P(order within 90 days) by MBG/NBD, which is fitted to what was known on the calibration day.

    It is fitted to customers whose first order is at most 365 days old: all of these are in the population, which older
    customers who left are not. P(alive) is no score of churn.
    """
    recent = known.column("days_since_first_order") <= COHORT_DAYS
    history = History(*[each[recent] for each in order_history(known)])
    cells, customers = np.unique(np.column_stack(history[:3]), axis=0, return_counts=True)
    model: OrderCounts = fit_order_counts(History(cells[:, 0], cells[:, 1], cells[:, 2], customers.astype(float)))
    repeats, last, observed, _ = order_history(rows)
    return 1 - model.p_order(repeats, last, observed, HORIZON_DAYS)


def _logistic(rows: ChurnRows) -> Floats:
    from sklearn.linear_model import LogisticRegression  # scikit-learn takes seconds

    values = np.log1p(np.maximum(rows.values, 0))
    train = rows.split == TRAIN
    mean, spread = values[train].mean(axis=0), values[train].std(axis=0)
    scaled = (values - mean) / np.where(spread > 0, spread, 1)
    with threadpool_limits(1):
        model = LogisticRegression(max_iter=1_000).fit(scaled[train], rows.is_churned[train])
    return np.asarray(model.predict_proba(scaled)[:, 1])


def _boosting(rows: ChurnRows, seed: int) -> Floats:
    from sklearn.ensemble import HistGradientBoostingClassifier

    train = rows.split == TRAIN
    model = HistGradientBoostingClassifier(
        learning_rate=0.05, max_leaf_nodes=15, min_samples_leaf=40, early_stopping=False, random_state=seed
    )
    with threadpool_limits(1):
        model.fit(rows.values[train], rows.is_churned[train])
        return np.asarray(model.predict_proba(rows.values)[:, 1])
