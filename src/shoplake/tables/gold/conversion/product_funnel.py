from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns.money import ratio
from shoplake.declare import Replace, col, table

STEPS = {"product_view": "unique_views", "add_to_cart": "unique_addtocarts", "purchase": "unique_purchases"}


@table(
    "gold",
    key=["feed", "product_id"],
    write=Replace(),
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
    by_visitor = people.groupBy("feed", "product_id", "visitor_id").agg(
        *[F.count_if(F.col("event_name") == step).alias(step) for step in STEPS]
    )
    counts = by_visitor.groupBy("feed", "product_id").agg(
        *[F.count_if(F.col(step) > 0).alias(column) for step, column in STEPS.items()]
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
