from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, col, table
from shoplake.transforms.customers.customer_activity import MEASURES, net, sum_measures

UNKNOWN = "(none)"
"""Acquisition channel of a customer without a session up to the day of the first order."""


@table(
    "gold",
    key=["feed", "customer_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("currency", "string", "The feed's currency, ISO 4217"),
        col("first_order_date", "date", "The shop's local day of the first order; null without one"),
        col("last_order_date", "date", "The shop's local day of the last order; null without one"),
        col("order_days", "bigint", "Days with an order", unit="days"),
        col("days_between_orders", "decimal(18,4)", "Mean gap between order days; null with fewer than 2", unit="days"),
        col("acquisition_channel", "string", "Channel of the first session, if it is not after the first order's day"),
        col("devices", "bigint", "Browsers and devices that the customer was logged in on", unit="devices"),
        *MEASURES,
    ],
)
def customer_facts(customer_months: DataFrame, identity_links: DataFrame) -> DataFrame:
    """One row per customer with an order, a return or a session: all that depends on events alone, and on no clock.

    Money is in the feed's currency. `net` is the lifetime value to date: sales less discounts and returns, without
    cancelled orders; it is negative for a customer whose sale lies before the data and whose return does not. Common
    variants count cancelled orders, leave returns on the order's day, or take tax and shipping into the value.
    """
    facts = (
        customer_months.where(F.col("customer_id").isNotNull())
        .groupBy("feed", "customer_id")
        .agg(
            F.max("currency").alias("currency"),
            F.sum("order_days").cast("bigint").alias("order_days"),
            F.min("first_order_date").alias("first_order_date"),
            F.max("last_order_date").alias("last_order_date"),
            *sum_measures(),
        )
    )
    devices = identity_links.groupBy("feed", "customer_id").agg(F.count("*").alias("devices"))
    rows = facts.select("*", net()).join(devices, on=["feed", "customer_id"], how="left")
    span = F.datediff("last_order_date", "first_order_date").cast(money.UNIT)
    gap = F.when(F.col("order_days") > 1, span / (F.col("order_days") - 1)).cast(money.UNIT)
    is_late = F.col("first_session_date") > F.col("first_order_date")
    channel = F.when(F.coalesce(is_late, F.lit(False)), UNKNOWN).otherwise(F.coalesce("first_channel", F.lit(UNKNOWN)))
    return rows.withColumns(
        {
            "days_between_orders": gap,
            "acquisition_channel": channel,
            "devices": F.coalesce("devices", F.lit(0)).cast("bigint"),
        }
    ).select(*[each.name for each in customer_facts.columns])
