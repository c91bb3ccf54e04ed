"""`spark.ml` over Connect: what Spark alone offers, on rows as our tables have them."""

from __future__ import annotations

import pytest
from pyspark.ml import Pipeline
from pyspark.ml.classification import RandomForestClassifier
from pyspark.ml.feature import VectorAssembler
from pyspark.sql.connect.session import SparkSession as ConnectSession

from shoplake.engine.session import sail
from shoplake.engine.session.spark import session
from shoplake.tables.silver.sessions import sessions

SEEN = ["page_views", "product_views", "add_to_carts"]


@pytest.fixture
def visits(on_spark, monkeypatch):
    """Visits of which those that put something into the cart buy, on a Spark opened in a process that has a Sail."""
    monkeypatch.setattr(ConnectSession._active_session, "session", sail.session())
    types = {column.name: column.type for column in sessions.columns}
    schema = ", ".join(f"{name} {types[name]}" for name in ("session_id", *SEEN, "purchases"))
    rows = [(f"s{number}", 1 + number % 7, number % 4, number % 2, number % 2) for number in range(60)]
    return session.session(session.LOCAL).createDataFrame(rows, schema)


@pytest.mark.slow
def test_a_random_forest_is_trained_on_visits_tells_how_well_and_predicts_who_buys(visits):
    labelled = visits.selectExpr("*", "cast(purchases > 0 as double) label")
    forest = RandomForestClassifier(numTrees=3, maxDepth=2, seed=1, featureSubsetStrategy="all")

    model = Pipeline(stages=[VectorAssembler(inputCols=SEEN, outputCol="features"), forest]).fit(labelled)

    predicted = model.transform(labelled).select("session_id", "label", "prediction").collect()
    assert len(predicted) == 60 and all(row.label == row.prediction for row in predicted)
    assert model.stages[1].summary.accuracy == 1.0
    assert max(range(3), key=list(model.stages[1].featureImportances.toArray()).__getitem__) == 2
