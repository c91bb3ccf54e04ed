from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, agrees, col, table
from shoplake.transforms.asof_join import asof_join
from shoplake.transforms.interval_join import interval_join

EVENT = (
    *("feed", "event_id", "order_id", "event_at", "event_date", "visitor_id", "customer_id", "device", "platform"),
    *("product_id", "quantity", "unit_price", "currency"),
)
"""What a purchase has of its event."""


@table(
    "gold",
    key=["feed", "event_id"],
    write=Replace(partition_by="event_date", input_partitions={"sessions": ("session_date", "ended_date")}),
    partition_by=["event_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("event_id", "string", "The purchase event"),
        col("order_id", "string", "The order it belongs to"),
        col("event_at", "timestamp", "Time of the purchase", unit="UTC"),
        col("event_date", "date", "The shop's local day of `event_at`"),
        col("visitor_id", "string", "The customer where known, else the browser or device"),
        col("customer_id", "string", "The customer, where known"),
        col("session_id", "string", "The session of the purchase"),
        col("device", "string", "mobile, desktop, tablet"),
        col("platform", "string", "web, ios, android"),
        col("channel", "string", "The session's marketing channel; direct if unknown"),
        col("product_id", "string", "The product"),
        col("product_name", "string", "Product name at that time"),
        col("category", "string", "Product category at that time"),
        col("quantity", "int", "Quantity; 1 where the event has none", unit="pieces"),
        col(
            "unit_price",
            "decimal(18,4)",
            "The price shown, or else the list price at that time",
            unit="currency per piece",
        ),
        col("revenue", "decimal(18,2)", "quantity × unit_price", unit="currency"),
        col("currency", "string", "ISO 4217 code"),
    ],
    gates=[
        agrees(
            "purchase_events",
            "SELECT count(*) FROM gold.purchases",
            "SELECT count(*) FROM silver.events WHERE event_name = 'purchase'",
        )
    ],
)
def purchases(events: DataFrame, sessions: DataFrame, products: DataFrame) -> DataFrame:
    """One row per purchase event, with its session and the product version of that time."""
    purchase_events = events.where(F.col("event_name") == "purchase").select(*EVENT)
    versions = products.select(
        "feed", "product_id", "valid_from", "valid_to", "product_name", "category", F.col("price").alias("list_price")
    )
    facts = ("product_name", "category", "list_price")
    quantity, unit_price = F.coalesce("quantity", F.lit(1)), F.coalesce("unit_price", "list_price")
    with_product = asof_join(purchase_events, versions, ["feed", "product_id"], "event_at", facts)
    return _add_session(with_product, sessions).select(
        "feed",
        "event_id",
        "order_id",
        "event_at",
        "event_date",
        "visitor_id",
        "customer_id",
        "session_id",
        "device",
        "platform",
        F.coalesce("channel", F.lit("direct")).alias("channel"),
        "product_id",
        "product_name",
        "category",
        quantity.alias("quantity"),
        unit_price.alias("unit_price"),
        (quantity * unit_price).cast(money.SUM).alias("revenue"),
        "currency",
    )


def _add_session(purchase_events: DataFrame, sessions: DataFrame) -> DataFrame:
    """Add the id and the channel of the session that contains the purchase."""
    purchase_sessions = sessions.where("purchases > 0").select(
        "feed", "visitor_id", "session_id", "channel", "started_at", "ended_at"
    )
    facts = ("session_id", "channel")
    return interval_join(purchase_events, purchase_sessions, ["feed", "visitor_id"], "event_at", facts)
