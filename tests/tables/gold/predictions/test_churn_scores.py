from datetime import date

import pyarrow as pa

from shoplake.tables.gold.predictions.churn_features import churn_features
from shoplake.tables.gold.predictions.churn_scores import churn_scores

ROW = {"feed": "shop", "customer_id": "ann", "as_of_date": "2026-06-01", "days_since_last_order": 40}


def score(batches):
    """Score each row with a hundredth of its days since the last order."""
    for batch in batches:
        share = [days / 100 for days in batch.column("days_since_last_order").to_pylist()]
        reason = [{"feature": "days", "value": 1.0, "contribution": 0.1, "text": "days"}]
        keys = {name: batch.column(name) for name in ("feed", "customer_id", "as_of_date")}
        yield pa.RecordBatch.from_pydict(
            {
                **keys,
                "churn_probability": pa.array(share),
                "base_probability": pa.array([0.3] * len(share)),
                "churn_reasons": pa.array([reason] * len(share)),
                "model_version": pa.array([2] * len(share), pa.int32()),
            }
        )


def test_rows_are_scored_in_batches(some):
    [row] = churn_scores(some(churn_features, ROW), scorer=score).collect()

    assert (row.customer_id, row.as_of_date, row.churn_probability) == ("ann", date(2026, 6, 1), 0.4)
    assert row.churn_reasons[0].text == "days"


def test_without_a_model_nothing_is_scored(some):
    assert churn_scores(some(churn_features, ROW)).collect() == []
