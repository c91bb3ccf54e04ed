from pyspark.sql import functions as F

from shoplake.transforms.first_rows import first_rows


def test_the_first_row_of_each_key_is_kept_with_its_columns(spark):
    texts = [("a", 2, "x"), ("a", 1, "y"), ("b", 3, "z"), ("b", 3, "w")]
    rows = spark.createDataFrame(texts, "k string, n int, t string")

    assert sorted(map(tuple, first_rows(rows, ["k"], ["n", "t"]).collect())) == [("a", 1, "y", 1), ("b", 3, "w", 1)]


def test_an_order_may_fall(spark):
    rows = spark.createDataFrame([("a", 1), ("a", 2)], "k string, n int")

    assert [row.n for row in first_rows(rows, ["k"], [F.desc("n")]).collect()] == [2]
