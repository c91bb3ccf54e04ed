"""Customers whose orders and drop-out follow MBG/NBD, with the features and outcomes of a training."""

from __future__ import annotations

from functools import cache

import numpy as np

from shoplake.ml.churn.rows import CALIBRATE, TEST, TRAIN, ChurnRows

NAMES = ("days_since_last_order", "days_since_first_order", "order_days", "order_days_90d", "noise")
DAYS = {300: TRAIN, 330: TRAIN, 420: CALIBRATE, 510: TEST}


@cache
def churn_rows(seed=3, customers=900):
    """Rows of four as-of days, of customers who ordered in the 365 days before."""
    rng = np.random.default_rng(seed)
    rate, leave = rng.gamma(2.0, 1 / 40, customers), rng.beta(1.0, 4.0, customers)
    rows = []
    for customer in range(customers):
        orders = [rng.uniform(0, 480)]
        while rng.random() > leave[customer] and orders[-1] < 600:
            orders.append(orders[-1] + rng.exponential(1 / rate[customer]))
        days = np.unique(np.floor(orders))
        for day, split in DAYS.items():
            past = days[days < day]
            if len(past) and past[-1] >= day - 365:
                is_churned = not ((days >= day) & (days < day + 90)).any()
                values = (day - past[-1], day - past[0], len(past), (past >= day - 90).sum(), rng.random())
                rows.append((f"c{customer:04}", values, float(is_churned), split))
    ids, values, outcomes, splits = zip(*rows, strict=True)
    arrays = (np.array(ids, object), np.array(values, float), np.array(outcomes), np.array(splits, object))
    return ChurnRows(NAMES, *arrays)
