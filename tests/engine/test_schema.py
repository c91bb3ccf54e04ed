import pytest

from engine.toys import MARKS, marks
from shoplake.engine.schema import check_schema
from shoplake.errors import SchemaMismatch

DECLARED = ", ".join(f"{column.name} {column.type}" for column in MARKS)


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (DECLARED.replace("n int", "n bigint"), "n is bigint, declared int"),
        (DECLARED.replace(", who string", ""), "who is missing, declared string"),
        (DECLARED + ", more string", "more is string, declared nowhere"),
        (DECLARED.replace("feed string, id string", "id string, feed string"), "the order is id, feed"),
    ],
)
def test_other_columns_than_declared_are_refused_and_named(spark, schema, said):
    with pytest.raises(SchemaMismatch, match=f"silver.marks returned other columns: {said}"):
        check_schema(marks, spark.createDataFrame([], schema))


def test_columns_for_our_own_use_are_let_through(spark):
    check_schema(marks, spark.createDataFrame([], f"{DECLARED}, _record string"))
