from decimal import Decimal

import pytest
from pyspark.sql import functions as F

from shoplake.columns import money


def test_an_amount_is_exact_to_the_fourth_decimal_and_no_double(spark):
    rows = spark.sql("SELECT 3 AS quantity, CAST(0.3333 AS DECIMAL(18,4)) AS unit_price")

    records = rows.select(money.amount("quantity", "unit_price").alias("amount"))

    assert records.schema["amount"].dataType.simpleString() == "decimal(18,4)"
    assert records.first().amount == Decimal("0.9999")


def test_an_amount_or_a_text_of_ten_billion_is_null_and_one_below_is_not(spark):
    rows = spark.sql(
        "SELECT q, CAST(p AS DECIMAL(18,4)) AS p, t FROM VALUES "
        "(1, 9999999999.9999, '9999999999.9999'), (-10, 999999999.9999, '-1000'), "
        "(2147483647, 9999999999.9999, '10000000000'), (100000, 100000, 'x') t(q, p, t)"
    )

    found = rows.select(money.amount("q", "p").alias("amount"), money.parse("t").alias("parsed")).collect()

    assert [row.amount for row in found] == [Decimal("9999999999.9999"), Decimal("-9999999999.9990"), None, None]
    assert [row.parsed for row in found] == [Decimal("9999999999.9999"), Decimal("-1000.0000"), None, None]


def test_ten_cents_a_million_times_are_a_hundred_thousand(spark):
    rows = spark.range(1_000_000).select(F.expr("CAST(0.10 AS DECIMAL(18,4))").alias("amount"))

    assert rows.agg(money.total("amount").alias("sum")).first()["sum"] == Decimal("100000.00")


def test_a_total_sums_the_selected_rows_and_rounds_once_at_the_end(spark):
    rows = spark.sql(
        "SELECT CAST(amount AS DECIMAL(18,4)) AS amount FROM VALUES (0.0040), (0.0020), (9.0000) t(amount)"
    )

    records = rows.agg(
        money.total("amount", F.col("amount") < 1).alias("some"), money.total("amount").alias("all")
    ).first()

    assert (records["some"], records["all"]) == (Decimal("0.01"), Decimal("9.01"))


def test_the_total_of_nothing_is_zero(spark):
    rows = spark.sql("SELECT CAST(1 AS DECIMAL(18,4)) AS amount").where("false")

    assert rows.agg(money.total("amount").alias("sum")).first()["sum"] == Decimal("0.00")


def test_a_total_leaves_out_unknown_amounts_and_is_null_of_them_alone(spark):
    rows = spark.sql("SELECT n, CAST(a AS DECIMAL(18,4)) AS amount FROM VALUES (1, 2.5), (1, null), (2, null) t(n, a)")

    records = rows.agg(
        *[money.total("amount", F.col("n") == number).alias(f"of_{number}") for number in (1, 2, 3)],
        money.total("amount").alias("all"),
    ).first()

    assert tuple(records) == (Decimal("2.50"), None, Decimal("0.00"), Decimal("2.50"))


def test_a_ratio_is_null_where_the_base_is_zero_or_missing(spark):
    rows = spark.sql("SELECT * FROM VALUES (1, 1, 4), (2, 0, 0), (3, 3, 0), (4, 3, null), (5, null, 2) t(n, p, b)")

    records = rows.orderBy("n").select(money.ratio("p", "b").alias("rate")).collect()

    assert [row.rate for row in records] == [0.25, None, None, None, None]


@pytest.mark.parametrize(
    ("code", "unit"), [("EUR", "0.01"), ("JPY", "1"), ("jpy", "1"), ("KWD", "0.001"), (None, "0.01")]
)
def test_the_minor_unit_is_the_smallest_amount_of_a_currency(spark, code, unit):
    rows = spark.createDataFrame([(code,)], "currency string")

    assert rows.select(money.minor_unit("currency").alias("unit")).first().unit == Decimal(unit)
