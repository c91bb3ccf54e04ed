from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.customers.customer_activity import MEASURES, net, sum_measures
from shoplake.transforms.customers.customer_ties import month_ties


@table(
    "gold",
    key=["feed", "customer_id", "activity_month"],
    write=Replace(partition_by="activity_month"),
    partition_by=["activity_month"],
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer; null for all guests of the month"),
        col("activity_month", "date", "The first day of the month, in the shop's local time"),
        col("currency", "string", "The feed's currency, ISO 4217"),
        col("order_days", "bigint", "Days with an order", unit="days"),
        col("first_order_date", "date", "The first day with an order in the month"),
        col("last_order_date", "date", "The last day with an order in the month"),
        *MEASURES,
    ],
    ties=month_ties(),
)
def customer_months(customer_days: DataFrame) -> DataFrame:
    """One row per customer and month with an order, a return or a session, and one for the guests of a month.

    All measures are sums over `gold.customer_days`, and add up over months and customers.
    """
    ordered_on = F.when(F.col("orders") > 0, F.col("activity_date"))
    months = customer_days.groupBy("feed", "customer_id", "activity_month").agg(
        F.max("currency").alias("currency"),
        F.count_if(F.col("orders") > 0).alias("order_days"),
        F.min(ordered_on).alias("first_order_date"),
        F.max(ordered_on).alias("last_order_date"),
        *sum_measures(),
    )
    return months.select("*", net()).select(*[each.name for each in customer_months.columns])
