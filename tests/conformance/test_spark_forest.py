"""The forest of Spark ML ranks customers as well as the one that shoplake trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sample_churn import churn_rows

from shoplake.ml.churn.evaluation.metrics import roc_auc
from shoplake.ml.churn.forest import MAX_DEPTH, MIN_LEAF, ForestScorer, fit_forest
from shoplake.ml.churn.rows import TEST, TRAIN

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from shoplake.ml.churn.rows import ChurnRows

TREES = 60


def scores_of_spark(session: SparkSession, train: ChurnRows, test: ChurnRows) -> np.ndarray:
    """Return the churn probabilities of Spark's forest with the same size, in the order of the test rows."""
    from pyspark.ml.classification import RandomForestClassifier
    from pyspark.ml.feature import VectorAssembler

    names = list(train.names)
    schema = "row int, label double, " + ", ".join(f"{name} double" for name in names)

    def frame(rows: ChurnRows):
        cells = zip(rows.is_churned.tolist(), rows.values.tolist(), strict=True)
        lines = [(row, label, *values) for row, (label, values) in enumerate(cells)]
        return VectorAssembler(inputCols=names, outputCol="features").transform(session.createDataFrame(lines, schema))

    forest = RandomForestClassifier(
        numTrees=TREES, maxDepth=MAX_DEPTH, minInstancesPerNode=MIN_LEAF, featureSubsetStrategy="sqrt", seed=5
    )
    scored = forest.fit(frame(train)).transform(frame(test)).select("row", "probability").collect()
    return np.array([float(each.probability[1]) for each in sorted(scored, key=lambda each: each.row)])


@pytest.mark.slow
def test_spark_s_forest_is_within_a_hundredth_of_area(on_spark: SparkSession):
    rows = churn_rows(customers=3_000)
    train, test = rows.part(TRAIN), rows.part(TEST)

    own = roc_auc(
        ForestScorer(fit_forest(train.values, train.is_churned, seed=5, trees=TREES)).scores(test.values),
        test.is_churned,
    )
    spark = roc_auc(scores_of_spark(on_spark, train, test), test.is_churned)

    assert own > 0.7
    assert abs(spark - own) <= 0.01
