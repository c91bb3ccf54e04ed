from pyspark.sql import functions as F

from shoplake.engine.write.schema.plain_texts import type_text, with_plain_texts

TYPE = "n int, `odd ``name``, <x>` string, list array<struct<`a b`:string,n:decimal(5,2)>>, map map<string,array<date>>"


def test_rows_and_their_types_stay_as_they_are(spark):
    value = (1, "text", [("x", None)], {"key": [None]})
    rows = spark.createDataFrame([value, (None,) * 4], TYPE)

    plain = with_plain_texts(rows)

    assert plain.schema == rows.schema
    assert plain.orderBy(F.col("n").asc_nulls_last()).collect() == rows.orderBy(F.col("n").asc_nulls_last()).collect()


def test_a_type_in_sql_is_read_as_the_same_type(spark):
    schema = spark.createDataFrame([], TYPE).schema

    assert spark.createDataFrame(
        [], ", ".join(f"c{n} {type_text(each.dataType)}" for n, each in enumerate(schema))
    ).dtypes == [(f"c{n}", type) for n, (_, type) in enumerate(spark.createDataFrame([], schema).dtypes)]
