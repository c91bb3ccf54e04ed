"""Matches returned lines with the sold lines that they return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

RETURNS = "array<struct<return_date:date,quantity:int,amount:decimal(18,4),tax:decimal(18,4)>>"
"""Type of the returns of a line; quantity and amount are positive."""
KEYS = ("feed", "order_id", "product_id", "_currency")
LINE = ("feed", "order_id", "document_id", "line_number")
FOUND = "_line"


def match_returns(sales: DataFrame, returns: DataFrame, lines: DataFrame | None = None) -> tuple[DataFrame, DataFrame]:
    """Return the sold lines with their `returns`, and the returned lines that match no sold line.

    A returned line matches the line of its order with the same product and currency: the one with its line number, or
    else the first one by document and line number. `returns` of a sold line is empty without any. Those that match no
    line have more columns, whose names begin with `_`. `lines` are the same sold lines as a shorter query computes
    them, if there is one: an engine plans and computes a query as often as it is used. Only those of orders with a
    return are collected.
    """
    numbers = F.array_sort(F.collect_list(F.struct("document_id", "line_number")))
    orders = returns.groupBy("feed", "order_id").agg(F.count("*").alias("_returned_lines"))
    of_returns = orders.join(sales if lines is None else lines, on=["feed", "order_id"], how="inner")
    sold = with_currency_key(of_returns).groupBy(*KEYS).agg(numbers.alias("_lines"))
    joined = with_currency_key(returns).join(sold, on=list(KEYS), how="left")
    same_number = F.filter("_lines", lambda line: line["line_number"] == F.col("line_number"))
    matched = joined.withColumn(FOUND, F.coalesce(F.get(same_number, F.lit(0)), F.get("_lines", F.lit(0))))
    by_line = (
        matched.where(F.col(FOUND).isNotNull())
        .groupBy("feed", "order_id", f"{FOUND}.document_id", f"{FOUND}.line_number")
        .agg(F.array_sort(F.collect_list(return_of_line())).cast(RETURNS).alias("returns"))
    )
    with_returns = sales.join(by_line, on=list(LINE), how="left").withColumn(
        "returns", F.coalesce("returns", F.array().cast(RETURNS))
    )
    return with_returns, matched.where(F.col(FOUND).isNull())


def return_of_line() -> Column:
    """Return what a returned order line says as one element of `returns`."""
    return F.struct(
        F.col("order_date").alias("return_date"),
        (-F.col("quantity")).cast("int").alias("quantity"),
        (-F.col("amount")).cast(money.UNIT).alias("amount"),
        (-F.col("tax")).cast(money.UNIT).alias("tax"),
    )


def total_returned(field: str, kind: str) -> Column:
    """Sum a field of `returns`: 0 without any, null where none is known."""
    known = F.filter("returns", lambda each: each[field].isNotNull())
    total = F.aggregate(known, F.lit(0).cast(kind), lambda sum_, each: (sum_ + each[field]).cast(kind))
    is_unknown = (F.size("returns") > 0) & (F.size(known) == 0)
    return F.when(~is_unknown, total).cast(kind)


def with_currency_key(lines: DataFrame) -> DataFrame:
    """Add the currency as a key that joins lines without one, too."""
    return lines.withColumn("_currency", F.coalesce("currency", F.lit("")))
