import pytest
import sqlglot
from pyspark.sql import functions as F
from sample_tables import daily
from sqlglot import exp

from shoplake.operations.definitions.plans.clock_and_chance import asks_for_time, uses_chance
from shoplake.operations.definitions.plans.plan_hash import empty_inputs, hash_plan

COLUMNS = {daily.name: {column.name: column.type for column in daily.columns}}


def calls(spark, build):
    plan = hash_plan(build(*empty_inputs(spark, [daily]).values()), COLUMNS)
    return [(call.sql, call.asks_for_time, call.has_arguments) for call in plan.calls]


def functions(condition):
    return [*sqlglot.parse_one(condition, read="spark").find_all(exp.Func)]


def test_calls_of_columns_and_of_sql_are_found_wherever_they_are(spark):
    def build(rows):
        inner = rows.where(F.col("day") < F.current_date()).selectExpr("feed", "uuid() AS n")
        return inner.groupBy("feed").agg(F.max(F.coalesce("n", F.randn(3))).alias("n"))

    assert sorted(calls(spark, build)) == [
        ("UUID()", False, False),
        ("current_date()", True, False),
        ("randn(…)", False, True),
    ]


def test_rows_that_a_sample_takes_are_another_choice_each_time(spark):
    assert calls(spark, lambda rows: rows.sample(0.5)) == [("sample(…)", False, False)]


def test_sql_that_no_parser_knows_is_left_to_the_engine(spark):
    assert calls(spark, lambda rows: rows.where("now((")) == []


@pytest.mark.parametrize("condition", ["a = 'now'", "unix_timestamp(a) > 5", "CAST(a AS DATE) = b", "nowhere(a)"])
def test_a_condition_on_the_row_alone_does_not_ask_for_the_time(condition):
    assert not any(map(asks_for_time, functions(condition)))


@pytest.mark.parametrize("condition", ["a > rand()", "a > UUID()", "a > shuffle(b)", "current_user() = a"])
def test_chance_is_known_by_the_name_of_the_function(condition):
    assert any(map(uses_chance, functions(condition)))
