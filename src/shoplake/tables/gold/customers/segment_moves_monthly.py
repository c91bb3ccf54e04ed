from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, col, table
from shoplake.transforms.customers.cohorts import month_number, month_of
from shoplake.transforms.customers.customer_activity import sum_known_net
from shoplake.transforms.customers.customer_value import as_of_dates
from shoplake.transforms.customers.rfm import name_segment, score_many

NEW = "(none)"
CUSTOMER = ("feed", "customer_id")
MONTHS = 12


@table(
    "gold",
    key=["feed", "move_month", "from_segment", "to_segment"],
    write=Replace(),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("move_month", "date", "The first day of the month, in local time"),
        col("from_segment", "string", "The segment at the begin of the month; (none) for customers of that month"),
        col("to_segment", "string", "The segment at its end"),
        col("customers", "bigint", "Customers who moved or stayed", unit="customers"),
        col("net", "decimal(18,2)", "Their net sales in the month", unit="currency"),
    ],
)
def segment_moves_monthly(customer_months: DataFrame) -> DataFrame:
    """One row per complete month and pair of segments: how many customers went from one to the other, or stayed.

    Segments are scored as in `gold.customer_segments`, as of the first day of each month; frequency and monetary value
    are those of the 12 months before it, instead of 365 days. Net sales leave out what is unknown; where nothing is
    known, they and the monetary score are null. What leaves a segment in a month came into it before:
    customers by `to_segment` are those by `from_segment` of the month after.
    """
    states = _states(customer_months)
    scored = score_many(states.where("lifetime_orders > 0"), "feed", "number").withColumn("to_segment", name_segment())
    in_time = Window.partitionBy(*CUSTOMER).orderBy("number")
    moves = scored.withColumn("from_segment", F.coalesce(F.lag("to_segment").over(in_time), F.lit(NEW)))
    return moves.groupBy("feed", month_of(F.col("number")).alias("move_month"), "from_segment", "to_segment").agg(
        F.count("*").alias("customers"), F.sum("net").cast(money.SUM).alias("net")
    )


def _states(customer_months: DataFrame) -> DataFrame:
    """Return the measures of each customer at the end of each complete month since the first sale or return."""
    is_active = (F.col("orders") > 0) | (F.coalesce("net", F.lit(1)) != 0)
    known = customer_months.where(F.col("customer_id").isNotNull() & is_active)
    months = known.select(*CUSTOMER, month_number("activity_month").alias("number"), "orders", "net", "last_order_date")
    ends = as_of_dates(customer_months).select("feed", (month_number("as_of_date") - 1).alias("_end"))
    first = months.groupBy(*CUSTOMER).agg(F.min("number").alias("_first")).join(F.broadcast(ends), on="feed")
    grid = first.where("_first <= _end").select(*CUSTOMER, F.explode(F.sequence("_first", "_end")).alias("number"))
    by_month = Window.partitionBy(*CUSTOMER).orderBy("number")
    so_far = by_month.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    year = by_month.rowsBetween(1 - MONTHS, Window.currentRow)
    as_of = month_of(F.col("number") + 1)
    return months.join(grid, on=[*CUSTOMER, "number"], how="right").select(
        *CUSTOMER,
        "number",
        F.coalesce("net", F.when(F.col("orders").isNull(), F.lit(0))).alias("net"),
        F.datediff(as_of, F.max("last_order_date").over(so_far)).alias("recency_days"),
        F.coalesce(F.sum("orders").over(year), F.lit(0)).alias("frequency"),
        sum_known_net(year).alias("monetary"),
        F.sum("orders").over(so_far).alias("lifetime_orders"),
    )
