import pytest

from shoplake.columns.schema import struct_type
from shoplake.transforms.known_columns import select_distinct, select_known


@pytest.fixture
def calls(spark, monkeypatch):
    """The calls that ask the engine to analyse something."""
    seen = []
    monkeypatch.setattr(spark.client, "_analyze", lambda *given, **named: seen.append(named))
    return seen


def test_a_function_over_batches_of_known_columns_needs_no_analysis(spark, calls):
    rows = spark.range(3).selectExpr("id", "id + 1 AS next", "id * 2 AS twice")

    doubled = select_known(rows, ["next", "id"]).mapInArrow(
        lambda batches: batches, struct_type("next bigint, id bigint")
    )

    assert calls == []
    assert sorted(map(tuple, doubled.collect())) == [(1, 0), (2, 1), (3, 2)]


def test_each_combination_is_returned_once_nulls_too(spark):
    rows = spark.createDataFrame([("a", None, 1), ("a", None, 2), ("a", 3, 3)], "name string, size int, other int")

    assert sorted(map(str, select_distinct(rows, ["name", "size"]).collect())) == [
        "Row(name='a', size=3)",
        "Row(name='a', size=None)",
    ]
