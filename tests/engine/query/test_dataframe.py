import sys
from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyspark.sql import functions as F

from shoplake.engine.query.dataframe import HTML_ROWS, LakeFrame, explain_plan
from shoplake.errors import QueryError, ShoplakeError

QUERY = "SELECT * FROM VALUES ('a', 0.10BD, TIMESTAMP '2026-03-01 09:00:00'), ('b', 0.20BD, NULL) t(id, amount, at)"


@pytest.fixture
def frame(spark):
    return LakeFrame(spark.sql(QUERY))


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
        lambda rows: rows.dropna(),
        lambda rows: rows.alias("x"),
    ],
    ids=["where", "select", "withColumn", "orderBy", "columns", "mask", "agg", "count", "dropna", "alias"],
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
    assert repr(frame) == "LakeFrame(id: string, amount: decimal(2,2), at: timestamp)"


def test_a_column_by_its_name_is_a_column(frame):
    assert frame.where(frame["amount"] > Decimal("0.10")).to_arrow().column("id").to_pylist() == ["b"]


def test_a_plan_is_text_and_nothing_is_printed(frame, capsys):
    plan = explain_plan(frame.spark.where("id = 'a'"))

    assert "Exec" in plan
    assert capsys.readouterr().out == ""


def test_its_length_is_its_row_count_and_it_is_true_though_it_is_empty(frame):
    assert len(frame) == 2
    assert bool(frame.where("false"))
    assert frame.where("false").is_empty()


def test_its_rows_can_be_iterated_taken_and_shown(frame, capsys):
    assert [row["id"] for row in frame] == ["a", "b"]
    assert (frame.first()["id"], [row["id"] for row in frame.take(1)]) == ("a", ["a"])
    frame.show(1)
    assert "only showing top 1 row" in capsys.readouterr().out


def test_a_notebook_shows_its_first_rows_as_a_table_with_texts_escaped(spark):
    rows = LakeFrame(spark.sql(f"SELECT '<b>' AS text, CAST(NULL AS INT) AS n FROM range({HTML_ROWS + 1})"))

    page = rows._repr_html_()

    assert page.count("<tr><td>&lt;b&gt;</td><td></td></tr>") == HTML_ROWS
    assert "<th>text</th><th>n</th>" in page and page.endswith(f"<p>First {HTML_ROWS} rows.</p>")


def test_without_polars_it_says_what_to_install(frame, monkeypatch):
    monkeypatch.setitem(sys.modules, "polars", None)

    with pytest.raises(ShoplakeError, match=r"^to_polars needs the package polars\. Install it: pip install polars$"):
        frame.to_polars()


@pytest.mark.parametrize(
    "ask", [lambda rows: rows.to_arrow(), lambda rows: rows.to_pandas(), lambda rows: rows.collect(), len]
)
def test_a_value_that_cannot_be_computed_quotes_the_engine_and_blames_no_lake(spark, ask):
    rows = LakeFrame(spark.range(1)).selectExpr("CAST('x' AS INT) AS n")

    with pytest.raises(QueryError, match=r"^Query failed: Cannot cast string 'x' to value of Int32 type$"):
        ask(rows)


def test_a_mistyped_column_is_answered_with_the_nearest_of_the_rows_it_comes_from(frame):
    rows = LakeFrame(frame.spark, ["id", "amount", "at"]).select("amont")

    with pytest.raises(QueryError, match=r"^Query failed: Unknown column 'amont'\. Did you mean 'amount'\?$"):
        rows.to_arrow()
