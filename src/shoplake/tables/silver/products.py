from pyspark.sql import DataFrame

from shoplake.declare import VALIDITY, Feeds, Scd2, col, not_negative, operation, plausible_time, table
from shoplake.feeds.conform import conform

FACTS = (
    col("feed", "string", "Which shop's stream", required=True),
    col("product_id", "string", "The shop's product number", required=True),
    col("product_name", "string", "Its name"),
    col("category", "string", "The category it stands in"),
    col("parent_category", "string", "The category above that one, where the feed has a tree"),
    col("price", "decimal(18,4)", "Its price", unit="currency a piece"),
    col("cost", "decimal(18,4)", "What it costs the shop", unit="currency a piece"),
    col("is_available", "boolean", "Whether it can be bought"),
)
CHANGES = (
    *FACTS,
    col("updated_at", "timestamp", "When this last changed", unit="UTC", required=True),
    col("operation", "string", "insert, update, delete; null in a snapshot"),
    col("sequence", "bigint", "The change's number at its source: of one moment the greatest counts", unit="changes"),
    col("sets", "array<string>", "The columns that this change says, the others being as they were; null says all"),
)


@table(
    "silver",
    key=["feed", "product_id", "valid_from"],
    write=Scd2(effective_at="updated_at", operation="operation", sequence_by="sequence", changed_columns="sets"),
    partition_by=["valid_to_month"],
    incremental=["products_raw", "product_changes_raw"],
    change_columns=CHANGES,
    columns=(*FACTS, *VALIDITY),
    expectations=[plausible_time("updated_at"), not_negative("price"), not_negative("cost"), operation("operation")],
)
def products(products_raw: DataFrame, product_changes_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per version of a product, made from snapshots and from changes alike; what changes nothing makes none.

    A version is true from `valid_from` up to, not including, `valid_to`. A change of one property leaves the others as
    they were. A deletion ends the last version without a next; a product that returns has a version again, with a gap
    before it. Changes find their place in time, however late they come.
    """
    raw = {"products_raw": products_raw, "product_changes_raw": product_changes_raw}
    return conform("products", CHANGES, feeds, **raw)
