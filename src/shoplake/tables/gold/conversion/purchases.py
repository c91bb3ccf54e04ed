from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, col, table
from shoplake.transforms.asof_join import asof_join


@table(
    "gold",
    key=["feed", "event_id"],
    write=Replace(partition_by="event_date", input_partitions={"sessions": ("session_date", "ended_date")}),
    partition_by=["event_date"],
    columns=[
        col("feed", "string", "Which shop's stream"),
        col("event_id", "string", "The purchase event"),
        col("order_id", "string", "The order it belongs to"),
        col("event_at", "timestamp", "When it was bought", unit="UTC"),
        col("event_date", "date", "The shop's local day of `event_at`"),
        col("visitor_id", "string", "Who bought: the customer where known, else the browser or device"),
        col("customer_id", "string", "The customer, where known"),
        col("session_id", "string", "The visit it was bought in"),
        col("device", "string", "mobile, desktop, tablet"),
        col("platform", "string", "web, ios, android"),
        col("channel", "string", "The marketing channel that the visit came by; direct if none is known"),
        col("product_id", "string", "What was bought"),
        col("product_name", "string", "Its name at that moment"),
        col("category", "string", "Its category at that moment"),
        col("quantity", "int", "How many; 1 where the event does not say", unit="pieces"),
        col("unit_price", "decimal(18,4)", "The price shown, or else the one at that moment", unit="currency a piece"),
        col("revenue", "decimal(18,2)", "quantity × unit_price", unit="currency"),
        col("currency", "string", "ISO 4217 code"),
    ],
)
def purchases(events: DataFrame, sessions: DataFrame, products: DataFrame) -> DataFrame:
    """One row per bought product of an order, as the event stream saw it, with its visit and what was true then."""
    bought = events.where(F.col("event_name") == "purchase").drop("session_id")
    versions = products.select(
        "feed", "product_id", "valid_from", "valid_to", "product_name", "category", F.col("price").alias("list_price")
    )
    quantity, unit_price = F.coalesce("quantity", F.lit(1)), F.coalesce("unit_price", "list_price")
    known = asof_join(bought, versions, ["feed", "product_id"], "event_at")
    return _in_visit(known, sessions).select(
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


def _in_visit(bought: DataFrame, sessions: DataFrame) -> DataFrame:
    """Purchases with the id and the channel of the visit they lie in."""
    visits = sessions.where("purchases > 0").select(
        F.col("feed").alias("_feed"),
        F.col("visitor_id").alias("_visitor"),
        "session_id",
        "channel",
        "started_at",
        "ended_at",
    )
    is_theirs = (F.col("feed") == F.col("_feed")) & (F.col("visitor_id") == F.col("_visitor"))
    is_within = F.col("event_at").between(F.col("started_at"), F.col("ended_at"))
    return bought.join(visits, on=is_theirs & is_within, how="left")
