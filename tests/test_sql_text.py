import pytest

from shoplake.sql_text import sql_literal, sql_name


@pytest.mark.parametrize("text", ["", "plain", "it's", "a\\b", "\\'", "''", 'é\n"$x'])
def test_a_literal_is_its_text(spark, text):
    assert spark.sql(f"SELECT {sql_literal(text)}").collect()[0][0] == text


def test_quotes_and_backslashes_in_a_text_stay_in_it():
    assert sql_literal("it's a \\d") == "'it\\'s a \\\\d'"
    assert sql_literal("Ada's \\ cart") == r"'Ada\'s \\ cart'"


@pytest.mark.parametrize("name", ["plain", "größe", "a b", "a-b", "`", "a`.`b"])
def test_a_name_is_that_of_the_column(spark, name):
    assert spark.sql(f"SELECT 1 AS {sql_name(name)}").columns == [name]
