import pytest
from pyspark.errors import utils as errors
from pyspark.sql import functions as F
from pyspark.sql.types import StringType
from sample_tables import daily, marks

from shoplake.operations.definitions.plans.plan_hash import empty_inputs, hash_plan

COLUMNS = {each.name: {column.name: column.type for column in each.columns} for each in (marks, daily)}


@pytest.fixture
def hashed(spark):
    """The hash of the plan that a function makes of empty marks and days."""

    def digest(build, columns=COLUMNS):
        return hash_plan(build(*empty_inputs(spark, [marks, daily]).values()), columns).digest

    return digest


def by_day(rows, _):
    return rows.groupBy("feed", "day").agg(F.sum("n").alias("n"))


def by_day_in_other_words(rows, _):
    keys, total = ["feed", "day"], F.sum("n")
    return rows.groupBy(*keys).agg(total.alias("n"))


def test_the_same_plan_in_other_words_has_the_same_hash(hashed):
    assert hashed(by_day) == hashed(by_day_in_other_words) == hashed(by_day)


def test_how_rows_travel_to_a_function_does_not_count(hashed):
    one, other = (F.udf(str.upper, StringType(), useArrow=is_arrow) for is_arrow in (False, True))

    assert hashed(lambda rows, _: rows.select(one("feed"))) == hashed(lambda rows, _: rows.select(other("feed")))


@pytest.mark.parametrize(
    "other",
    [
        lambda rows, _: rows.groupBy("feed", "day").agg(F.max("n").alias("n")),
        lambda rows, _: rows.groupBy("day", "feed").agg(F.sum("n").alias("n")),
        lambda rows, _: rows.where("n > 0").groupBy("feed", "day").agg(F.sum("n").alias("n")),
    ],
    ids=["function", "order", "filter"],
)
def test_another_plan_has_another_hash(hashed, other):
    assert hashed(by_day) != hashed(other)


def test_two_inputs_are_not_mistaken_for_each_other(hashed):
    assert hashed(lambda one, two: one.select("feed", "day")) != hashed(lambda one, two: two.select("feed", "day"))


def test_numbers_of_lambda_variables_do_not_count(hashed):
    def transformed(rows, _):
        return rows.select(F.transform(F.array("n"), lambda n: n + 1))

    assert hashed(transformed) == hashed(transformed)


def test_columns_of_the_same_frame_are_distinguished_from_those_of_another(hashed):
    def joined(side):
        return lambda one, two: one.join(two, one["day"] == two["day"]).select((one, two)[side]["feed"])

    assert hashed(joined(0)) == hashed(joined(0)) != hashed(joined(1))


def test_a_column_that_is_added_to_an_input_counts_only_where_it_is_read(hashed):
    more = COLUMNS | {"marks": COLUMNS["marks"] | {"extra": "string"}}

    assert hashed(by_day) == hashed(by_day, more)
    assert hashed(lambda rows, _: rows.distinct()) != hashed(lambda rows, _: rows.distinct(), more)
    assert hashed(lambda rows, _: rows.select("*")) != hashed(lambda rows, _: rows.select("*"), more)


def test_a_column_whose_name_is_in_the_path_of_the_code_does_not_count(hashed, monkeypatch):
    monkeypatch.setattr(errors, "_enable_debugging_cache", True)  # as Spark asks the client to do
    more = COLUMNS | {"marks": COLUMNS["marks"] | {"test_plan_hash": "string"}}

    def negative(rows, _):
        return rows.where(F.col("n") < 0)

    assert hashed(negative) == hashed(negative, more)


def test_the_type_of_a_column_that_is_read_counts(hashed):
    wider = COLUMNS | {"marks": COLUMNS["marks"] | {"n": "bigint"}}

    assert hashed(by_day) != hashed(by_day, wider)


def test_functions_that_the_plan_carries_are_returned_and_not_hashed(spark):
    def plus(by):
        def batches(arriving):
            yield from (each for each in arriving if by)

        return batches

    rows = empty_inputs(spark, [marks])["marks"].select("n")
    one, two = (hash_plan(rows.mapInArrow(plus(by), "n int"), COLUMNS) for by in (1, 2))

    assert one.digest == two.digest
    assert [each.__name__ for each in (*one.functions, *two.functions)] == ["batches", "batches"]
