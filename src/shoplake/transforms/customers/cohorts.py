"""Cohorts: customers by the period of their first order, and what they do in the periods from it on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.distinct import count_distinct
from shoplake.declare import col
from shoplake.transforms.customers.customer_activity import sum_known, sum_known_net

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import Column, DataFrame

ALL = "all"
"""The acquisition channel of the rows that count every channel."""
ACTIVITY = ("orders", "net", "margin")
CELL = ("feed", "cohort", "acquisition_channel", "number")
COHORT = ("feed", "cohort", "acquisition_channel")
MEASURES = (
    col("currency", "string", "The feed's currency, ISO 4217"),
    col("customers", "bigint", "Customers of the cohort", unit="customers"),
    col("active", "bigint", "Customers with an order in the period", unit="customers"),
    col("returned_ever_after", "bigint", "Customers with an order in the period or a later one", unit="customers"),
    col("retention", "double", "active / customers", unit="ratio"),
    col("orders", "bigint", "Orders in the period", unit="orders"),
    col(
        "net", "decimal(18,2)", "Net sales in the period: less discounts and returns; null if unknown", unit="currency"
    ),
    col("margin", "decimal(18,2)", "Margin before returns; null where none is known", unit="currency"),
    col("net_to_date", "decimal(18,2)", "Net sales up to the period; null if unknown", unit="currency"),
    col("net_to_date_per_customer", "decimal(18,2)", "net_to_date / customers", unit="currency per customer"),
    col("margin_to_date_per_customer", "decimal(18,2)", "The same of the margin", unit="currency per customer"),
    col("is_complete", "boolean", "Whether the period is over at the end of the feed's data"),
)


def month_number(day: str) -> Column:
    """Return the number of the month of a day, since the year 0."""
    return F.year(day) * 12 + F.month(day) - 1


def month_of(number: Column) -> Column:
    """Return the first day of a month by its number."""
    return F.make_date(F.floor(number / 12).cast("int"), (number % 12 + 1).cast("int"), F.lit(1))


def week_number(day: str) -> Column:
    """Return the number of the ISO week of a day, which begins on Monday: 0 is that of 29 December 1969."""
    return F.floor((F.datediff(day, F.lit("1970-01-01").cast("date")) + 3) / 7).cast("int")


def week_of(number: Column) -> Column:
    """Return the Monday of a week by its number."""
    return F.date_add(F.lit("1969-12-29").cast("date"), (number * 7).cast("int"))


@dataclass(frozen=True)
class Period:
    """A unit of the calendar: the number of a day's period, and the first day of a period by its number."""

    number_of: Callable[[str], Column]
    first_day: Callable[[Column], Column]


MONTH = Period(month_number, month_of)
WEEK = Period(week_number, week_of)


def cohorts_by(
    period: Period, activity: DataFrame, day: str, facts: DataFrame, as_of: DataFrame, *, start: str, number: str
) -> DataFrame:
    """Return the rows of `build_cohorts` with the first day of each cohort, the period's number, and `is_complete`.

    `activity` has `feed, customer_id`, the column `day` and `ACTIVITY`, guests included; `facts` is
    `gold.customer_facts`, `as_of` the day after the last order of each feed. `start` and `number` name the new columns.
    """
    measured = activity.where(F.col("customer_id").isNotNull()).select(
        "feed", "customer_id", *ACTIVITY, period.number_of(day).alias("period")
    )
    placed = facts.withColumn("cohort", period.number_of("first_order_date"))
    known = as_of.select("feed", "as_of_date", F.date_sub("as_of_date", 1).alias("_day"))
    rows = build_cohorts(measured, placed, known.select("feed", period.number_of("_day").alias("last")))
    following = period.first_day(F.col("cohort") + F.col("number") + 1)
    return rows.join(F.broadcast(known), on="feed", how="inner").withColumns(
        {
            start: period.first_day(F.col("cohort")),
            number: F.col("number").cast("int"),
            "is_complete": following <= F.col("as_of_date"),
        }
    )


def build_cohorts(activity: DataFrame, facts: DataFrame, ends: DataFrame) -> DataFrame:
    """Return one row per cohort, acquisition channel (and all) and number of the period since the first order.

    `activity` has `feed, customer_id, period` and `ACTIVITY`, several rows per customer and period too; `facts` has
    `feed, customer_id, cohort` (the period of the first order), `acquisition_channel` and `currency`; `ends` has `feed`
    and `last`, the period of the last order. Periods are numbers. Cells are dense from 0 to the last period; activity
    before the first order, such as a return of an earlier sale, counts in number 0. Returns `CELL`, `MEASURES` but
    `is_complete`.
    """
    channels = F.explode(F.array(F.lit(ALL), "acquisition_channel")).alias("acquisition_channel")
    members = facts.where(F.col("cohort").isNotNull()).select("feed", "customer_id", "cohort", "currency", channels)
    sizes = members.groupBy(*COHORT).agg(F.count("*").alias("customers"), F.max("currency").alias("currency"))
    joined = activity.join(members, on=["feed", "customer_id"], how="inner").select(
        *COHORT, "customer_id", F.greatest(F.col("period") - F.col("cohort"), F.lit(0)).alias("number"), *ACTIVITY
    )
    cells = joined.groupBy(*CELL).agg(
        count_distinct(F.when(F.col("orders") > 0, F.col("customer_id"))).alias("active"),
        *[F.sum(name).alias(name) for name in ("orders", "margin")],
        sum_known("net"),
    )
    returned = _count_last(joined)
    numbers = F.explode(F.sequence(F.lit(0), F.col("last") - F.col("cohort"))).alias("number")
    dense = sizes.join(ends, on="feed", how="inner").select(*COHORT, "customers", "currency", numbers)
    rows = dense.join(cells, on=list(CELL), how="left").join(returned, on=list(CELL), how="left")
    return _add_running_sums(rows)


def _count_last(joined: DataFrame) -> DataFrame:
    """Count the customers by the number of the period of their last order."""
    ordered = joined.where(F.col("orders") > 0)
    last = ordered.groupBy(*COHORT, "customer_id").agg(F.max("number").alias("number"))
    return last.groupBy(*CELL).agg(F.count("*").alias("_last"))


def _add_running_sums(rows: DataFrame) -> DataFrame:
    by_number = Window.partitionBy(*COHORT).orderBy("number")
    so_far = by_number.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    from_now = by_number.rowsBetween(Window.currentRow, Window.unboundedFollowing)
    net = F.coalesce("net", F.when(F.col("orders").isNull(), F.lit(0))).cast(money.UNIT)
    sums = {"net": sum_known_net(so_far), "margin": F.sum("margin").over(so_far)}
    return rows.select(
        *CELL,
        "currency",
        "customers",
        F.coalesce("active", F.lit(0)).alias("active"),
        F.coalesce(F.sum("_last").over(from_now), F.lit(0)).cast("bigint").alias("returned_ever_after"),
        money.ratio(F.coalesce("active", F.lit(0)), "customers").alias("retention"),
        F.coalesce("orders", F.lit(0)).cast("bigint").alias("orders"),
        net.cast(money.SUM).alias("net"),
        F.col("margin").cast(money.SUM).alias("margin"),
        sums["net"].cast(money.SUM).alias("net_to_date"),
        (sums["net"] / F.col("customers")).cast(money.SUM).alias("net_to_date_per_customer"),
        (sums["margin"] / F.col("customers")).cast(money.SUM).alias("margin_to_date_per_customer"),
    )
