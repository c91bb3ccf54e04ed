from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import SessionWindow, col, table
from shoplake.transforms.cart_periods import ACTIONS, BOUGHT, ITEMS, aggregate_cart_periods


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
        filter=f"event_name IN {ACTIONS} AND NOT is_bot",
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
    is_cart = F.col("event_name").isin(*ACTIONS) & ~F.col("is_bot")
    carts = aggregate_cart_periods(events.where(is_cart), pause_s)
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
