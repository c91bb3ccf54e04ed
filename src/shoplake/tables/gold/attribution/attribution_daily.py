from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.attribution.models import MODELS


@table(
    "gold",
    key=["feed", "order_date", "currency", "model", "channel", "campaign"],
    write=Replace(partition_by="order_date"),
    partition_by=["order_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("order_date", "date", "The shop's local day of the order"),
        col("currency", "string", "ISO 4217 code of the orders"),
        col("model", "string", ", ".join(MODELS)),
        col("channel", "string", "Marketing channel; (none) for orders without a touch"),
        col("campaign", "string", "utm_campaign; (none) without one"),
        col("orders", "decimal(18,6)", "Shares of orders with a sale", unit="orders"),
        col("new_customer_orders", "decimal(18,6)", "Those of customers' first orders", unit="orders"),
        col("revenue", "decimal(18,4)", "gross - discount credited", unit="currency"),
        col("net_revenue", "decimal(18,4)", "The same less returns, on the day of the order", unit="currency"),
    ],
)
def attribution_daily(attribution_touches: DataFrame) -> DataFrame:
    """One row per feed, day, currency, model, channel and campaign: what the model credits to them.

    Over channels and campaigns each model adds up to the same orders and revenue, exactly: those of the day's orders.
    Models are described at `gold.attribution_touches`. Money has four digits so that sums are not rounded.
    """
    credits = [
        F.struct(
            F.lit(model).alias("model"),
            F.col(f"weight_{model}").alias("weight"),
            F.col(f"revenue_{model}").alias("revenue"),
            F.col(f"net_revenue_{model}").alias("net_revenue"),
        )
        for model in MODELS
    ]
    long = attribution_touches.select(
        *("feed", "order_date", "currency", "channel", "orders", "is_new_customer"),
        F.coalesce("campaign", F.lit("(none)")).alias("campaign"),
        F.explode(F.array(*credits)).alias("credit"),
    ).select("*", "credit.*")
    share = F.when(F.col("orders") == 1, F.col("weight")).otherwise(F.lit(0))
    by_channel = long.groupBy("feed", "order_date", "currency", "model", "channel", "campaign")
    return by_channel.agg(
        F.sum(share).cast("decimal(18,6)").alias("orders"),
        F.sum(F.when(F.coalesce("is_new_customer", F.lit(False)), share).otherwise(F.lit(0)))
        .cast("decimal(18,6)")
        .alias("new_customer_orders"),
        F.sum("revenue").cast("decimal(18,4)").alias("revenue"),
        F.sum("net_revenue").cast("decimal(18,4)").alias("net_revenue"),
    )
