import pytest
from pyspark.sql import functions as F

from shoplake.engine.query.dataframe import LakeFrame


@pytest.fixture
def grouped(spark):
    rows = "SELECT * FROM VALUES ('a', 1, 'x'), ('a', 3, 'y'), ('b', 5, 'x') t(name, n, kind)"
    return LakeFrame(spark.sql(rows)).groupBy("name")


@pytest.mark.parametrize(
    ("aggregate", "values"),
    [
        (lambda groups: groups.agg(F.sum("n")), [4, 5]),
        (lambda groups: groups.count(), [2, 1]),
        (lambda groups: groups.sum("n"), [4, 5]),
        (lambda groups: groups.avg("n"), [2, 5]),
        (lambda groups: groups.min("n"), [1, 5]),
        (lambda groups: groups.max("n"), [3, 5]),
    ],
    ids=["agg", "count", "sum", "avg", "min", "max"],
)
def test_each_aggregate_is_one_row_per_group(grouped, aggregate, values):
    assert [row[1] for row in aggregate(grouped).orderBy("name")] == values


def test_values_of_a_column_become_columns(grouped):
    assert grouped.pivot("kind", ["x", "y"]).sum("n").orderBy("name").to_arrow().to_pylist() == [
        {"name": "a", "x": 1, "y": 3},
        {"name": "b", "x": 5, "y": None},
    ]
