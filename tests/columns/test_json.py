"""What is the same on every engine is tested in tests/conformance/test_values.py; here what it costs on Sail."""

from pyspark.sql import functions as F

from shoplake.columns.json import is_one_value, parse_json
from shoplake.engine.query.dataframe import explain_plan


def test_on_sail_nothing_is_parsed_to_find_the_end_of_a_record(spark):
    rows = spark.createDataFrame([('{"a":1}',)], "raw string")

    plan = explain_plan(rows.select(F.when(is_one_value("raw"), F.upper("raw")).alias("values")))

    assert "json" not in plan.lower() and "case" not in plan.lower()


def test_fields_are_matched_by_their_exact_names(spark):
    rows = spark.createDataFrame([('{"a":1.25,"B":[1]}',)], "raw string")

    assert rows.select(parse_json("raw", "a string, b string, B string").alias("_")).collect()[0][0].asDict() == {
        "a": "1.25",
        "b": None,
        "B": "[1]",
    }
