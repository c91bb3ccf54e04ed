from pyspark.sql import functions as F

from shoplake.columns.attributes import attributes, sorted_map


def test_attributes_have_the_names_of_the_texts_that_are_there(spark):
    rows = spark.createDataFrame([("acme", "", None), (None, None, None)], "maker string, colour string, size string")

    built = rows.select(attributes(brand="maker", colour="colour", size="size")).collect()

    assert [row.attributes for row in built] == [{"brand": "acme"}, {}]


def test_a_number_becomes_a_text(spark):
    [row] = spark.createDataFrame([(7,)], "grams int").select(attributes(grams="grams")).collect()

    assert row.attributes == {"grams": "7"}


def test_equal_maps_are_alike_whatever_the_order_of_their_keys(spark):
    rows = spark.sql("SELECT * FROM VALUES (map('b', '2', 'a', '1')), (map('a', '1', 'b', '2')), (NULL) AS t(m)")

    texts = [row[0] for row in rows.select(sorted_map("m").alias("m")).select(F.to_json("m")).collect()]

    assert texts == ['{"a":"1","b":"2"}', '{"a":"1","b":"2"}', None]


def test_a_map_without_values_is_null(spark):
    rows = spark.sql("SELECT * FROM VALUES (map('a', CAST(NULL AS STRING))), (map()) AS t(m)")

    assert [row[0] for row in rows.select(sorted_map("m")).collect()] == [None, None]
