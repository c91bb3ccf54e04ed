from pyspark.sql import functions as F

from shoplake.columns.attributes import attributes, sorted_map


def test_attributes_are_texts_by_name_without_nulls(spark):
    rows = spark.createDataFrame([("Acme", 5), (None, 5), (None, None)], "brand string, size int")

    found = [row.attributes for row in rows.select(attributes("size", "brand")).collect()]

    assert found == [{"brand": "Acme", "size": "5"}, {"size": "5"}, None]


def test_equal_maps_are_alike_whatever_the_order_of_their_keys(spark):
    rows = spark.sql("SELECT * FROM VALUES (map('b', '2', 'a', '1')), (map('a', '1', 'b', '2')), (NULL) AS t(m)")

    texts = [row[0] for row in rows.select(sorted_map("m").alias("m")).select(F.to_json("m")).collect()]

    assert texts == ['{"a":"1","b":"2"}', '{"a":"1","b":"2"}', None]
