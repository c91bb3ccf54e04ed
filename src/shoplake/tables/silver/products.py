from pyspark.sql import DataFrame

from shoplake.columns.attributes import ATTRIBUTES
from shoplake.declare import VALIDITY, Feeds, Scd2, all_digits, col, not_negative, operation, plausible_time, table
from shoplake.feeds.conform import conform

FACTS = (
    col("feed", "string", "The feed", required=True),
    col("product_id", "string", "The shop's product number", required=True),
    col("product_name", "string", "The product's name"),
    col("category", "string", "The product's category"),
    col("parent_category", "string", "The parent category, where the feed has a tree"),
    col("price", "decimal(18,4)", "List price", unit="currency per piece"),
    col("cost", "decimal(18,4)", "Purchase cost", unit="currency per piece"),
    col("is_available", "boolean", "Whether it is available for sale"),
    ATTRIBUTES,
)
CHANGES = (
    *FACTS,
    col("updated_at", "timestamp", "When this last changed", unit="UTC", required=True),
    col("operation", "string", "insert, update, delete; null in a snapshot"),
    col(
        "sequence", "bigint", "Sequence number at the source: of changes at one time the greatest wins", unit="changes"
    ),
    col("sets", "array<string>", "The columns that this change sets, the others stay as they are; null sets all"),
)


@table(
    "silver",
    key=["feed", "product_id", "valid_from"],
    write=Scd2(effective_at="updated_at", operation="operation", sequence_by="sequence", changed_columns="sets"),
    partition_by=["valid_to_month"],
    incremental=["products_raw", "product_changes_raw"],
    change_columns=CHANGES,
    columns=(*FACTS, *VALIDITY),
    expectations=[
        all_digits("product_id"),
        plausible_time("updated_at"),
        not_negative("price"),
        not_negative("cost"),
        operation("operation"),
    ],
)
def products(products_raw: DataFrame, product_changes_raw: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per product version (SCD type 2) from snapshots and change feeds; no-op changes create no version.

    A version is valid from `valid_from` up to, not including, `valid_to`. A change of one property leaves the others as
    they are. A deletion ends the last version; a product that returns has a new version after a gap. Late changes are
    inserted at their time.
    """
    raw = {"products_raw": products_raw, "product_changes_raw": product_changes_raw}
    return conform("products", CHANGES, feeds, **raw)
