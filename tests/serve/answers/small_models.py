"""The models of a small shop: two versions of churn, the second refused, and scores of three as-of days."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

RUN = datetime(2026, 5, 2, 13, 0, tzinfo=UTC)
AS_OF = (date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1))
FEATURES = ("days_since_last_order", "order_days")
BINS = [[20, 0.1, 0.15], [20, 0.5, 0.45], [20, 0.9, 0.85]]
BASE, STEP = 0.5, 0.01
MODEL_COLUMNS = (
    "name VARCHAR, version INTEGER, sha256 VARCHAR, features VARCHAR, params VARCHAR, metrics VARCHAR, "
    "run_id VARCHAR, recorded_at TIMESTAMPTZ"
)
ALIAS_COLUMNS = (
    "name VARCHAR, alias VARCHAR, version INTEGER, status VARCHAR, reason VARCHAR, comparison VARCHAR, "
    "run_id VARCHAR, recorded_at TIMESTAMPTZ"
)


def figures(auc, **others):
    return {"rows": 60, "base_rate": 0.4, "roc_auc": auc, "pr_auc": 0.7, "lift_at_10": 2.1} | others


def versions():
    """The forest of version 1 has 0.81, the rule 0.78; version 2 has not even a number for its slope."""
    probable = {"brier": 0.15, "ece": 0.02, "calibration_slope": 1.05}
    one = {
        "metrics": {"forest": figures(0.81, **probable), "recency rule": figures(0.78), "logistic": figures(0.8)},
        "differences": {"recency rule": {"value": 0.03, "low": 0.012, "high": 0.045}},
        "curves": {"calibration": BINS},
        "rows": {"train": 100, "calibrate": 50, "test": 60},
    }
    two = one | {"metrics": {"forest": figures(0.79, calibration_slope=float("nan"))}, "curves": {}}
    return [
        {"name": "churn", "version": number, "sha256": f"{number}" * 64, "features": json.dumps(FEATURES)}
        | {"params": json.dumps({"days": {"2026-02-01": "train", "2026-03-01": "test"}})}
        | {"metrics": json.dumps(metrics), "run_id": "r1", "recorded_at": RUN}
        for number, metrics in ((1, one), (2, two))
    ]


def decisions():
    return [
        {"name": "churn", "alias": "champion", "version": number, "status": status, "reason": reason}
        | {"comparison": "{}", "run_id": "r1", "recorded_at": RUN.replace(minute=number)}
        for number, status, reason in ((1, "promoted", "better than the rule"), (2, "refused", "worse than version 1"))
    ]


def scores(shop):
    """Each customer's probability rises by its position and, from April to May, by 0.2."""
    return [
        {"feed": "shop", "customer_id": name, "as_of_date": day, "base_probability": BASE, "model_version": 1}
        | {"churn_probability": probability, "churn_reasons": reasons(probability)}
        for day in AS_OF
        for place, name in enumerate(shop.customers)
        for probability in [0.1 + STEP * place + (0.2 if day == AS_OF[-1] else 0.0)]
    ]


def reasons(probability):
    """Two reasons that add up to the probability with the base."""
    return [
        {"feature": name, "value": 3.0, "contribution": share * (probability - BASE), "text": f"{name} is 3"}
        for name, share in zip(FEATURES, (0.75, 0.25), strict=True)
    ]
