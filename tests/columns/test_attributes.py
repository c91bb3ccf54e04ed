from shoplake.columns.attributes import attributes


def test_attributes_have_the_names_of_the_texts_that_are_there(spark):
    rows = spark.createDataFrame([("acme", None, ""), (None, None, None)], "maker string, colour string, size string")

    made = rows.select(attributes(brand="maker", colour="colour", size="size")).collect()

    assert [row.attributes for row in made] == [{"brand": "acme"}, {}]


def test_a_number_becomes_a_text(spark):
    [row] = spark.createDataFrame([(7,)], "grams int").select(attributes(grams="grams")).collect()

    assert row.attributes == {"grams": "7"}
