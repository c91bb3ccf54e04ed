from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns.money import ratio
from shoplake.declare import Replace, RowSplit, col, table

STEPS = {"product_view": "unique_views", "add_to_cart": "unique_addtocarts", "purchase": "unique_purchases"}
BITS = (1, 2, 4)
"""Of a step, so that what a visitor did with a product is one number."""
BYTES_PER_EVENT = 56
"""Of memory for the groups of visitors and products, as measured on 24 M events."""


@table(
    "gold",
    key=["feed", "product_id"],
    write=Replace(split=RowSplit("product_id", bytes_per_row=BYTES_PER_EVENT), takes_memory_as_asked=True),
    columns=[
        col("feed", "string", "The feed"),
        col("product_id", "string", "The product"),
        col("unique_views", "bigint", "Distinct visitors who viewed it", unit="visitors"),
        col("unique_addtocarts", "bigint", "Distinct visitors who added it to the cart", unit="visitors"),
        col("unique_purchases", "bigint", "Distinct visitors who bought it", unit="visitors"),
        col("view_to_cart_rate", "double", "unique_addtocarts / unique_views; null without views"),
        col("cart_to_purchase_rate", "double", "unique_purchases / unique_addtocarts; null without cart additions"),
        col("view_to_purchase_rate", "double", "unique_purchases / unique_views; null without views"),
    ],
)
def product_funnel(events: DataFrame) -> DataFrame:
    """One row per feed and product: distinct visitors who viewed, carted and bought it; bots are excluded."""
    people = events.where(~F.col("is_bot") & F.col("product_id").isNotNull() & F.col("event_name").isin(*STEPS))
    steps = people.select("feed", "product_id", F.xxhash64("visitor_id").alias("visitor"), _step_bit().alias("step"))
    by_visitor = steps.groupBy("feed", "product_id", "visitor").agg(F.bit_or("step").alias("steps"))
    counts = by_visitor.groupBy("feed", "product_id").agg(
        *[
            F.count_if(F.col("steps").bitwiseAND(bit) != 0).alias(column)
            for bit, column in zip(BITS, STEPS.values(), strict=True)
        ]
    )
    return counts.select(
        "feed",
        "product_id",
        "unique_views",
        "unique_addtocarts",
        "unique_purchases",
        ratio("unique_addtocarts", "unique_views").alias("view_to_cart_rate"),
        ratio("unique_purchases", "unique_addtocarts").alias("cart_to_purchase_rate"),
        ratio("unique_purchases", "unique_views").alias("view_to_purchase_rate"),
    )


def _step_bit() -> Column:
    bits = [F.when(F.col("event_name") == step, bit) for step, bit in zip(STEPS, BITS, strict=True)]
    return F.coalesce(*bits).cast("tinyint")
