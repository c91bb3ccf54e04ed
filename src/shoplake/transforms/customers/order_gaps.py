"""The gaps between a customer's orders, and the second order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import col

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

CUSTOMER = ("feed", "customer_id")
PLACES = 6
"""Decimal places of the coefficient of variation."""
COLUMNS = (
    col("second_order_date", "date", "The shop's local day of the second order; null without one"),
    col("days_to_second_order", "int", "Days from the first order to it; 0 on the same day", unit="days"),
    col(
        "median_days_between_orders",
        "double",
        "Median gap between order days; null with fewer than 2",
        unit="days",
    ),
    col(
        "cv_days_between_orders",
        "double",
        "Coefficient of variation of these gaps; null with fewer than 3 order days",
        unit="ratio",
    ),
)
"""The declarations of what `measure_gaps` returns."""


def measure_gaps(customer_days: DataFrame) -> DataFrame:
    """Return `feed, customer_id` and `COLUMNS` of each customer with an order; guests are left out.

    A gap lasts from a day with an order to the next such day. The coefficient of variation is the sample standard
    deviation of the gaps over their mean: 0 for a customer who orders at equal intervals, about 1 at random ones.
    """
    days = customer_days.where(F.col("customer_id").isNotNull() & (F.col("orders") > 0))
    in_time = Window.partitionBy(*CUSTOMER).orderBy("activity_date")
    gap = F.datediff("activity_date", F.lag("activity_date").over(in_time)).cast("bigint")
    so_far = F.sum("orders").over(in_time.rowsBetween(Window.unboundedPreceding, Window.currentRow))
    gaps = days.select(*CUSTOMER, "activity_date", gap.alias("gap"), so_far.alias("orders_so_far"))
    sums = gaps.groupBy(*CUSTOMER).agg(
        F.min("activity_date").alias("first_date"),
        F.min(F.when(F.col("orders_so_far") >= 2, F.col("activity_date"))).alias("second_order_date"),
        F.percentile("gap", 0.5).alias("median_days_between_orders"),
        F.count("gap").alias("n"),
        F.sum("gap").alias("total"),
        F.sum(F.col("gap") * F.col("gap")).alias("squares"),
    )
    return sums.select(
        *CUSTOMER,
        "second_order_date",
        F.datediff("second_order_date", "first_date").cast("int").alias("days_to_second_order"),
        "median_days_between_orders",
        F.round(_variation(), PLACES).alias("cv_days_between_orders"),
    )


def _variation() -> Column:
    """Return the standard deviation over the mean, from sums of whole numbers, which are exact on every engine."""
    n, total, squares = F.col("n"), F.col("total"), F.col("squares")
    variance = money.ratio(n * squares - total * total, n * (n - 1))
    return F.when(n > 1, F.sqrt(variance) * n.cast("double") / total.cast("double"))
