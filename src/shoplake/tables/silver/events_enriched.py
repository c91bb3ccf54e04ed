from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.tables.silver.events import COLUMNS
from shoplake.transforms.asof_join import asof_join

EVENT_COLUMNS = (
    *("feed", "event_id", "event_at", "event_date", "event_name", "visitor_id", "customer_id", "product_id"),
    *("quantity", "unit_price", "order_id", "is_bot"),
)

PRODUCT = ("product_name", "item_category_id", "parent_category_id", "available", "price")
CUSTOMER = ("customer_location", "signup_date")


@table(
    "silver",
    key=["feed", "event_id"],
    write=Replace(partition_by="event_date", one_to_one_with="events"),
    partition_by=["event_date"],
    columns=[
        *[each for each in COLUMNS if each.name in EVENT_COLUMNS],
        col("product_name", "string", "The product's name at the time of the event"),
        col("item_category_id", "string", "The product's category at the time of the event"),
        col("parent_category_id", "string", "The parent category, where the feed has a tree"),
        col("available", "boolean", "Whether it was available at the time of the event"),
        col("price", "decimal(18,4)", "The list price at the time of the event", unit="currency per piece"),
        col("customer_location", "string", "The customer's location at the time of the event", personal="location"),
        col("signup_date", "date", "The customer's sign-up date as recorded at the time of the event"),
    ],
)
def events_enriched(events: DataFrame, products: DataFrame, categories: DataFrame, customers: DataFrame) -> DataFrame:
    """One row per event with the versions of its product and its customer valid at that time.

    A version has `valid_from <= event_at < valid_to`; without one its columns are null. The customer is the one that
    the event itself names. The parent category is the product's own, or else that of the
    feed's category tree. The event's other columns are in `silver.events`.
    """
    parents = categories.select("feed", F.col("category_id").alias("category"), "parent_id")
    versions = products.join(F.broadcast(parents), on=["feed", "category"], how="left").select(
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
    with_product = asof_join(events.select(*EVENT_COLUMNS), versions, ["feed", "product_id"], "event_at", PRODUCT)
    records = customers.select(
        *("feed", "customer_id", "valid_from", "valid_to"), F.col("location").alias("customer_location"), "signup_date"
    )
    return asof_join(with_product, records, ["feed", "customer_id"], "event_at", CUSTOMER).select(
        *EVENT_COLUMNS,
        *PRODUCT,
        *CUSTOMER,
    )
