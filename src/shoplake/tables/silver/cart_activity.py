from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from shoplake.declare import SessionWindow, col, table

ADD, REMOVE, BUY = "add_to_cart", "remove_from_cart", "purchase"
ITEMS = "array<struct<product_id:string,quantity:bigint,unit_price:decimal(18,4),currency:string,added_at:timestamp,"
ITEMS += "added_date:date>>"
SHOWN = ("unit_price", "currency", "added_at", "added_date")
BOUGHT = "array<struct<bought_at:timestamp,product_id:string,order_id:string>>"


@table(
    "silver",
    key=["feed", "cart_id"],
    write=SessionWindow(
        key="visitor_id",
        event_time="event_at",
        event_date="event_date",
        start="started_at",
        end="ended_at",
        partition_by="cart_date",
        gap_s=3600,
        filter=f"event_name IN ('{ADD}', '{REMOVE}', '{BUY}') AND NOT is_bot",
    ),
    partition_by=["cart_date"],
    incremental="events",
    columns=[
        col("feed", "string", "The feed"),
        col("cart_id", "string", "A hash of the feed, the visitor and the start; stable across rebuilds"),
        col("visitor_id", "string", "The visitor"),
        col("started_at", "timestamp", "Its first event", unit="UTC"),
        col("ended_at", "timestamp", "Its last event, purchases included", unit="UTC"),
        col("cart_date", "date", "The shop's local day of the start"),
        col("adds", "bigint", "Add-to-cart events", unit="events"),
        col("removes", "bigint", "Remove-from-cart events", unit="events"),
        col("left_at", "timestamp", "Last add or remove event; null without any", unit="UTC"),
        col("items", ITEMS, "Final content by product: added less removed, at the price last shown"),
        col("bought", BOUGHT, "The purchases that ended it, in time order"),
    ],
)
def cart_activity(events: DataFrame, *, pause_s: int = 3600) -> DataFrame:
    """One row per period of a visitor's cart activity with the purchases that end it; bots are excluded.

    A period ends when no event follows for more than `pause_s` seconds, or with an add or remove event after a
    purchase. Events at one time are ordered add, remove, purchase. A purchase without earlier activity is a row too,
    so that every such event is in exactly one row.
    """
    is_cart = F.col("event_name").isin(ADD, REMOVE, BUY) & ~F.col("is_bot")
    period = ["feed", "visitor_id", "_period"]
    by_product = (
        _number_periods(events.where(is_cart), pause_s).groupBy(*period, "product_id").agg(*_product_aggregates())
    )
    item = F.struct("product_id", "quantity", *[f"_last.{name}" for name in SHOWN])
    carts = by_product.groupBy(*period).agg(
        F.min("started_at").alias("started_at"),
        F.max("ended_at").alias("ended_at"),
        F.max("cart_date").alias("cart_date"),
        F.sum("adds").cast("bigint").alias("adds"),
        F.sum("removes").cast("bigint").alias("removes"),
        F.max("left_at").alias("left_at"),
        F.array_sort(F.collect_list(F.when(F.col("quantity") > 0, item))).cast(ITEMS).alias("items"),
        F.array_sort(F.flatten(F.collect_list("_bought"))).cast(BOUGHT).alias("bought"),
    )
    key = F.concat_ws("|", "feed", "visitor_id", F.unix_micros("started_at").cast("string"))
    return carts.select(
        "feed",
        F.md5(key).alias("cart_id"),
        "visitor_id",
        "started_at",
        "ended_at",
        "cart_date",
        "adds",
        "removes",
        "left_at",
        "items",
        "bought",
    )


def _number_periods(events: DataFrame, pause_s: int) -> DataFrame:
    """Add the period number of each event and flag the first event of each period."""
    priority = F.when(F.col("event_name") == ADD, 0).when(F.col("event_name") == REMOVE, 1).otherwise(2)
    by_time = Window.partitionBy("feed", "visitor_id").orderBy("event_at", "_priority", "event_id")
    ordered = events.withColumn("_priority", priority)
    pause = F.unix_micros("event_at") - F.unix_micros(F.lag("event_at").over(by_time))
    is_after_purchase = (F.lag("_priority").over(by_time) == 2) & (F.col("_priority") < 2)
    is_first = pause.isNull() | (pause > pause_s * 1_000_000) | is_after_purchase
    flagged = ordered.withColumn("_is_first", is_first)
    return flagged.withColumn("_period", F.sum(F.col("_is_first").cast("int")).over(by_time))


def _product_aggregates() -> list[Column]:
    """Aggregate a period's events of one product."""
    is_add, is_remove, is_buy = (F.col("event_name") == name for name in (ADD, REMOVE, BUY))
    pieces = F.coalesce("quantity", F.lit(1)).cast("bigint")
    change = F.when(is_add, pieces).when(is_remove, -pieces).otherwise(F.lit(0).cast("bigint"))
    added = F.col("event_at").alias("added_at"), F.col("event_date").alias("added_date")
    shown = F.struct(added[0], "event_id", "unit_price", "currency", added[1])
    purchase = F.struct(F.col("event_at").alias("bought_at"), "product_id", "order_id")
    return [
        F.min("event_at").alias("started_at"),
        F.max("event_at").alias("ended_at"),
        F.max(F.when(F.col("_is_first"), F.col("event_date"))).alias("cart_date"),
        F.count_if(is_add).alias("adds"),
        F.count_if(is_remove).alias("removes"),
        F.max(F.when(~is_buy, F.col("event_at"))).alias("left_at"),
        F.sum(change).alias("quantity"),
        F.max(F.when(is_add, shown)).alias("_last"),
        F.collect_list(F.when(is_buy, purchase)).alias("_bought"),
    ]
