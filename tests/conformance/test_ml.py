import pytest


@pytest.mark.slow
def test_sparks_own_machine_learning_is_reached_over_the_connection(on_spark):
    from pyspark.ml.classification import RandomForestClassifier
    from pyspark.ml.feature import VectorAssembler

    said = [(float(n), float(n % 3), float(n >= 20)) for n in range(40)]
    rows = on_spark.createDataFrame(said, "orders double, returns double, label double")
    features = VectorAssembler(inputCols=["orders", "returns"], outputCol="features").transform(rows)

    model = RandomForestClassifier(numTrees=5, maxDepth=3, seed=1).fit(features)

    told = model.transform(features).where("prediction = label").count()
    assert told >= 38
