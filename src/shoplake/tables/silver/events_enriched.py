from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.tables.silver.events import COLUMNS
from shoplake.transforms.asof_join import asof_join

KEPT = (
    *("feed", "event_id", "event_at", "event_date", "event_name", "visitor_id", "customer_id", "product_id"),
    *("quantity", "unit_price", "order_id", "is_bot"),
)


@table(
    "silver",
    key=["feed", "event_id"],
    write=Replace(partition_by="event_date", one_to_one_with="events"),
    partition_by=["event_date"],
    columns=[
        *[each for each in COLUMNS if each.name in KEPT],
        col("product_name", "string", "The product's name at that moment"),
        col("item_category_id", "string", "The category it stood in at that moment"),
        col("parent_category_id", "string", "The category above that one, where the feed has a tree"),
        col("available", "boolean", "Whether it could be bought at that moment"),
        col("price", "decimal(18,4)", "Its price at that moment", unit="currency a piece"),
    ],
)
def events_enriched(events: DataFrame, products: DataFrame, categories: DataFrame) -> DataFrame:
    """One row per event, with what was true of its product at that moment; null where no version of it was.

    That is the version with `valid_from <= event_at < valid_to`: one that begins at the very moment counts. The
    category above is the product's own, or else what the feed's tree says. The event's other columns are in
    `silver.events`.
    """
    above = categories.select("feed", F.col("category_id").alias("category"), "parent_id")
    versions = products.join(F.broadcast(above), on=["feed", "category"], how="left").select(
        "feed",
        "product_id",
        "valid_from",
        "valid_to",
        "product_name",
        F.col("category").alias("item_category_id"),
        F.coalesce("parent_category", "parent_id").alias("parent_category_id"),
        F.col("is_available").alias("available"),
        "price",
    )
    return asof_join(events.select(*KEPT), versions, ["feed", "product_id"], "event_at")
