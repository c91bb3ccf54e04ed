"""Lists of products that hardly anybody has seen yet: their category and price say what they are like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.transforms.feed_date import feed_date

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.declare import Feeds

PRODUCT = ["feed", "product_id"]
NEW_DAYS, MIN_SESSIONS = 30, 5


def find_new_products(products: DataFrame, product_baskets_daily: DataFrame, feeds: Feeds) -> DataFrame:
    """One row per new product with a category and a price: `feed`, `product_id`, `category`, `_price`.

    A product is new while its first version is less than 30 days older than the last day of its feed, and fewer than 5
    sessions have viewed it.
    """
    views = product_baskets_daily.groupBy(*PRODUCT).agg(
        F.sum(F.when(F.col("unit") == "session", F.col("baskets"))).alias("_views"), F.max("basket_date").alias("_day")
    )
    known = products.groupBy(*PRODUCT).agg(
        F.max_by("category", "valid_from").alias("category"),
        F.max_by("price", "valid_from").cast("double").alias("_price"),
        F.min(feed_date("valid_from", feeds)).alias("_first"),
    )
    last = F.max("_day").over(Window.partitionBy("feed"))
    dated = known.join(views, on=PRODUCT, how="full").withColumn("_last", last)
    is_new = F.col("_first") > F.date_sub("_last", NEW_DAYS)
    is_unseen = F.coalesce("_views", F.lit(0)) < MIN_SESSIONS
    return dated.where(is_new & is_unseen & F.col("category").isNotNull() & (F.col("_price") > 0)).select(
        *PRODUCT, "category", "_price"
    )


def rank_by_price(new: DataFrame, popular: DataFrame, products: DataFrame, most: int) -> DataFrame:
    """One row per new product and popular product of its category: `feed`, `product_id`, `recommended_id`, `_order`.

    The `most` popular products of the category take part. `_order` is |ln(price / price of the new product)|.
    """
    priced = products.groupBy(*PRODUCT).agg(F.max_by("price", "valid_from").cast("double").alias("_other"))
    others = popular.where((F.col("category_rank") <= most) & F.col("category").isNotNull())
    named = others.join(priced.where("_other > 0"), on=PRODUCT, how="inner").select(
        "feed", "category", F.col("product_id").alias("recommended_id"), "_other"
    )
    distance = F.round(F.abs(F.log(F.col("_other") / F.col("_price"))), 6)
    return new.join(named, on=["feed", "category"], how="inner").select(
        *PRODUCT, "recommended_id", distance.alias("_order")
    )
