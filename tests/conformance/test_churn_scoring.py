"""Customers are scored by workers of either engine, with the same scores and reasons."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sample_churn_lake import SampleChurnLake, churn_features, churn_scores

from shoplake.engine.session import sail
from shoplake.ml.churn.batch_scorer import BatchScorer
from shoplake.pipeline.models.model_records import load_record

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

DAY = date(2026, 2, 20)


@pytest.mark.slow
def test_scores_and_reasons_are_the_same_on_both_engines(on_spark: SparkSession, tmp_path: Path):
    lake = SampleChurnLake(sail.session(), tmp_path, customers=400)
    row = lake.training(trees=12).train(seed=5).row
    scorer = BatchScorer(load_record(lake.lake, lake.registry, row))
    lake.lake.write_features([DAY])
    rows = lake.engine.read(churn_features).where(f"as_of_date = DATE '{DAY}'")
    there = on_spark.createDataFrame(rows.toPandas(), rows.schema).repartition(4)

    own, spark = (
        {each.customer_id: each for each in churn_scores(frame, scorer=scorer).collect()} for frame in (rows, there)
    )

    assert own.keys() == spark.keys()
    assert len(own) > 100
    for customer, score in own.items():
        other = spark[customer]
        assert other.churn_probability == pytest.approx(score.churn_probability, abs=1e-12)
        assert [each.text for each in other.churn_reasons] == [each.text for each in score.churn_reasons]
