from pyspark.sql import functions as F

from shoplake.columns.distinct import count_distinct


def test_distinct_texts_of_a_group_are_counted_without_null(spark):
    rows = spark.createDataFrame(
        [("a", "O1"), ("a", "O1"), ("a", "O2"), ("a", None), ("b", None), ("c", "")], "g string, id string"
    )

    counts = rows.groupBy("g").agg(count_distinct(F.col("id")).alias("n")).orderBy("g").collect()

    assert [tuple(each) for each in counts] == [("a", 2), ("b", 0), ("c", 1)]
