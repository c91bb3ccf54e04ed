import pytest
from pyspark.sql import functions as F

from shoplake.columns.text_cast import cast_text
from shoplake.engine.query.dataframe import explain_plan


@pytest.mark.parametrize("type", ["int", "date", "double"])
def test_on_sail_a_text_is_cast_and_nothing_else(spark, type):
    rows = spark.createDataFrame([("1",)], "raw string")

    plan = explain_plan(rows.select(cast_text(F.col("raw"), type).alias("value")))

    assert "case" not in plan.lower() and "regexp" not in plan.lower()
