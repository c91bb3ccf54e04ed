import pytest
from sample_tables import MARKS, marks, prices

from shoplake.engine.write.schema.schema_check import SchemaCache, check_schema
from shoplake.errors import SchemaMismatchError

DECLARED = ", ".join(f"{column.name} {column.type}" for column in MARKS)


@pytest.mark.parametrize(
    ("schema", "output"),
    [
        (DECLARED.replace("n int", "n bigint"), "n is bigint, declared int"),
        (DECLARED.replace(", who string", ""), "who is missing, declared string"),
        (DECLARED + ", more string", "more is string, declared nowhere"),
        (DECLARED.replace("feed string, id string", "id string, feed string"), "the order is id, feed"),
    ],
)
def test_other_columns_than_declared_are_refused_and_named(spark, schema, output):
    with pytest.raises(SchemaMismatchError, match=f"silver.marks returned other columns: {output}"):
        check_schema(marks, spark.createDataFrame([], schema).schema)


def test_columns_for_our_own_use_are_let_through(spark):
    check_schema(marks, spark.createDataFrame([], f"{DECLARED}, _record string").schema)


def test_a_history_is_checked_by_the_columns_of_its_changes(spark):
    with pytest.raises(SchemaMismatchError, match="changed_at is missing"):
        check_schema(prices, spark.sql("SELECT 'shop' AS feed, 'a' AS thing").schema)


def test_the_engine_is_asked_once_for_the_schema_of_a_step(spark):
    known, one = SchemaCache(), spark.range(1)

    found = [
        known.of(marks, "met", one),
        known.of(marks, "met", None),
        known.of(prices, "met", spark.sql("SELECT 'x' AS y")),
    ]

    assert [schema.names for schema in found] == [["id"], ["id"], ["y"]]
