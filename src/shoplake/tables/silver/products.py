from pyspark.sql import DataFrame

from shoplake.declare import Feeds, History, col, not_negative, plausible_time, table
from shoplake.feeds.shaped import shaped

CHANGES = (
    col("feed", "string", "Which shop's stream", required=True),
    col("product_id", "string", "The shop's product number", required=True),
    col("product_name", "string", "Its name"),
    col("category", "string", "The category it stands in"),
    col("parent_category", "string", "The category above that one, where the feed has a tree"),
    col("price", "decimal(18,4)", "Its price", unit="currency a piece"),
    col("cost", "decimal(18,4)", "What it costs the shop", unit="currency a piece"),
    col("is_available", "boolean", "Whether it can be bought"),
    col("updated_at", "timestamp", "When this last changed", unit="UTC", required=True),
)
VERSIONS = (
    *CHANGES[:-1],
    col("valid_from", "timestamp", "The first moment this version was true", unit="UTC"),
    col("valid_to", "timestamp", "The first moment it no longer was; null while it is", unit="UTC"),
    col("is_current", "boolean", "Whether it is true now"),
)


@table(
    "silver",
    key=["feed", "product_id", "valid_from"],
    write=History(changed_at="updated_at"),
    changes=CHANGES,
    columns=VERSIONS,
    expects=[plausible_time("updated_at"), not_negative("price"), not_negative("cost")],
)
def products(products_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row a version of a product, made from snapshots: a snapshot that changes nothing makes none."""
    return shaped("products", CHANGES, feeds, products_raw=products_raw)
