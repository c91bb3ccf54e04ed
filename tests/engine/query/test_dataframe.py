from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from shoplake.engine.query.dataframe import LakeFrame, explain_plan

SAID = "SELECT * FROM VALUES ('a', 0.10BD, TIMESTAMP '2026-03-01 09:00:00'), ('b', 0.20BD, NULL) t(id, amount, at)"


@pytest.fixture
def frame(spark):
    return LakeFrame(spark.sql(SAID))


def test_it_becomes_an_arrow_table_with_exact_decimals_and_utc_times(frame):
    rows = frame.to_arrow()

    assert rows.column("amount").to_pylist() == [Decimal("0.10"), Decimal("0.20")]
    assert pa.types.is_decimal(rows.schema.field("amount").type)
    assert rows.column("at").to_pylist() == [datetime(2026, 3, 1, 9, tzinfo=UTC), None]


def test_it_becomes_a_pandas_frame_with_exact_decimals(frame):
    rows = frame.to_pandas()

    assert list(rows["amount"]) == [Decimal("0.10"), Decimal("0.20")]
    assert sum(rows["amount"]) == Decimal("0.30")


@pytest.mark.parametrize(
    "step",
    [
        lambda rows: rows.where("id = 'a'"),
        lambda rows: rows.select("id", "amount"),
        lambda rows: rows.withColumn("twice", F.col("amount") * 2),
        lambda rows: rows.orderBy(F.desc("id")).limit(1),
        lambda rows: rows["id", "amount"],
        lambda rows: rows[rows["id"] == "a"],
        lambda rows: rows.groupBy("id").agg(F.sum("amount")),
        lambda rows: rows.groupBy("id").count(),
        lambda rows: rows.na.drop(),
        lambda rows: rows.alias("x"),
    ],
    ids=["where", "select", "withColumn", "orderBy", "columns", "mask", "agg", "count", "na", "alias"],
)
def test_what_is_made_of_it_is_a_frame_again(frame, step):
    assert isinstance(step(frame), LakeFrame)
    assert step(frame).to_arrow().num_rows in (1, 2)


def test_steps_can_be_chained(frame):
    found = frame.where("amount > 0.1").select("id").withColumn("n", F.lit(1)).to_arrow()

    assert found.to_pylist() == [{"id": "b", "n": 1}]


@pytest.mark.parametrize("verb", ["union", "unionAll", "exceptAll", "crossJoin"])
def test_frames_can_be_put_together(frame, verb):
    assert isinstance(getattr(frame, verb)(frame), LakeFrame)


def test_frames_are_joined_also_by_name(frame):
    other = frame.select("id")

    assert frame.join(other, on="id").to_arrow().num_rows == 2
    assert frame.join(other=other, on="id").to_arrow().num_rows == 2


def test_columns_counts_and_rows_come_as_they_are(frame):
    assert (frame.columns, frame.count()) == (["id", "amount", "at"], 2)
    assert [row.id for row in frame.collect()] == ["a", "b"]
    assert not isinstance(frame["id"], LakeFrame)


def test_it_says_what_it_has_without_computing_it(frame):
    assert repr(frame) == "Frame(id: string, amount: decimal(2,2), at: timestamp)"


def test_a_column_by_its_name_is_a_column(frame):
    assert frame.where(frame.amount > Decimal("0.10")).to_arrow().column("id").to_pylist() == ["b"]


def test_a_plan_is_text_and_nothing_is_printed(frame, capsys):
    plan = explain_plan(frame.spark.where("id = 'a'"))

    assert "Exec" in plan
    assert capsys.readouterr().out == ""
