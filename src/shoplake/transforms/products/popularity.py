"""What can be bought, and how often it is: the lists that need no history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

PRODUCT = ["feed", "product_id"]


def find_current_products(products: DataFrame) -> DataFrame:
    """One row per product of the catalogue: `feed`, `product_id`, `category`, `is_sold`.

    `is_sold` is false for a product that is not available, or whose last version has ended.
    """
    is_current = F.col("valid_to").isNull()
    is_sold = is_current & F.coalesce("is_available", F.lit(True))
    return products.groupBy(*PRODUCT).agg(
        F.max_by("category", "valid_from").alias("category"), F.max(is_sold).alias("is_sold")
    )


def rank_popular_products(product_baskets_daily: DataFrame, products: DataFrame, days: int = 30) -> DataFrame:
    """One row per product that can be bought: `feed`, `product_id`, `category`, `popular_rank`, `category_rank`.

    Products rank by the baskets of the last `days` days of the feed, then of all days, then by id. A product that the
    catalogue does not know can be bought. Products that nobody has bought have no rank.
    """
    baskets = product_baskets_daily.where(F.col("unit") == "basket")
    last = baskets.groupBy("feed").agg(F.max("basket_date").alias("_last"))
    is_recent = F.col("basket_date") > F.date_sub("_last", days)
    counted = (
        baskets.join(F.broadcast(last), on="feed", how="inner")
        .groupBy(*PRODUCT)
        .agg(
            F.sum(F.when(is_recent, F.col("baskets")).otherwise(0)).alias("_recent"),
            F.sum("baskets").alias("_ever"),
        )
    )
    sold = keep_sold(counted, find_current_products(products))
    order: list[Column | str] = [F.desc("_recent"), F.desc("_ever"), "product_id"]
    return sold.select(
        *PRODUCT,
        "category",
        F.row_number().over(Window.partitionBy("feed").orderBy(*order)).alias("popular_rank"),
        F.row_number().over(Window.partitionBy("feed", "category").orderBy(*order)).alias("category_rank"),
    )


def union_plain(rows: DataFrame, more: DataFrame, names: Sequence[str]) -> DataFrame:
    """Return the columns `names` of the rows of both, without comments: Sail fails on a union with different ones."""
    return rows.unionByName(more).select(*[F.coalesce(name).alias(name) for name in names])


def keep_first_tier(rows: DataFrame, key: Sequence[str], known: Sequence[str], tiers: int) -> DataFrame:
    """Return each row of a key once, with the smallest `_tier` that has it, and the smallest `_order` in that tier.

    Tiers are numbers from 0 to below `tiers`; of the columns `known` the greatest value of all tiers is kept.
    """
    order = [F.min(F.when(F.col("_tier") == tier, F.col("_order"))) for tier in range(tiers)]
    return rows.groupBy(*key).agg(
        *[F.max(name).alias(name) for name in known],
        F.min("_tier").alias("_tier"),
        F.coalesce(*order).alias("_order"),
    )


def keep_sold(rows: DataFrame, current: DataFrame) -> DataFrame:
    """Return the rows whose `product_id` can be bought, with its `category` and `is_sold`, null where unknown."""
    joined = rows.join(current, on=PRODUCT, how="left")
    return joined.where(F.coalesce("is_sold", F.lit(True)))
