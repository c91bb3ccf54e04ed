"""Candidates for each customer, from what was bought before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.transforms.sales.sales_measures import is_cancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

CUSTOMER = ["feed", "customer_id"]
HALF_LIFE_DAYS = 60
MAX_HISTORY = 50
"""The most products of a customer that count, the last bought ones."""
REASONS = 3


def find_bought_products(order_lines: DataFrame) -> DataFrame:
    """One row per customer and product of an order that is not cancelled: `last_on`, the day it was last bought."""
    return order_lines.where(is_bought()).groupBy(*CUSTOMER, "product_id").agg(F.max("order_date").alias("last_on"))


def is_bought() -> Column:
    """Whether a line is goods that a known customer bought in an order that is not cancelled."""
    is_goods = (F.col("line_class") == "goods") & (F.col("kind") == "sale") & F.col("product_id").isNotNull()
    return is_goods & F.col("customer_id").isNotNull() & ~is_cancelled()


def find_personal_parts(bought: DataFrame, recommendations: DataFrame) -> DataFrame:
    """One row per customer, candidate `product_id` and product bought: `_part`, what that adds to the score.

    It is the score `together` of the two; a product counts half for each 60 days between its last purchase and the last
    one of the feed.
    """
    pairs = _find_history(bought).join(_find_lists(recommendations), on=["feed", "_bought"], how="inner")
    return pairs.select(*CUSTOMER, "product_id", _part().alias("_part"))


def add_personal_reasons(
    listed: DataFrame, names: Sequence[str], bought: DataFrame, recommendations: DataFrame
) -> DataFrame:
    """Add `because` to rows of a customer and product with the columns `names`: up to three bought products.

    They are those with the greatest parts.

    The parts of what is listed are found by its customer. That costs less than to find those of all candidates again,
    and the rows are computed once: Sail computes a frame that a plan names twice two times.
    """
    history, lists = _find_history(bought), _find_lists(recommendations)
    of_customer = listed.join(history, on=CUSTOMER, how="left").join(
        lists, on=["feed", "_bought", "product_id"], how="left"
    )
    part = F.struct((-_part()).alias("part"), F.col("_bought").alias("product"))
    parts = F.collect_list(F.when(F.col("_score").isNotNull(), part))
    best = of_customer.groupBy(*names).agg(F.slice(F.array_sort(parts), 1, REASONS).alias("_best"))
    because = F.transform("_best", lambda each: each["product"])
    return best.select(*names, because.alias("because"))


def _part() -> Column:
    return F.col("_weight") * F.col("_score")


def _find_history(bought: DataFrame) -> DataFrame:
    """One row per customer and `_bought` product of the last ones: `_weight`, by the days since."""
    last = bought.groupBy("feed").agg(F.max("last_on").alias("_last"))
    recent = Window.partitionBy(*CUSTOMER).orderBy(F.desc("last_on"), "product_id")
    history = bought.withColumn("_place", F.row_number().over(recent)).where(F.col("_place") <= MAX_HISTORY)
    age = F.datediff("_last", "last_on").cast("double") / F.lit(float(HALF_LIFE_DAYS))
    return history.join(F.broadcast(last), on="feed", how="inner").select(
        *CUSTOMER, F.col("product_id").alias("_bought"), F.pow(F.lit(0.5), age).alias("_weight")
    )


def _find_lists(recommendations: DataFrame) -> DataFrame:
    """One row per `_bought` product and recommended `product_id`: `_score`."""
    return recommendations.where("kind = 'together' AND source = 'pairs'").select(
        "feed",
        F.col("product_id").alias("_bought"),
        F.col("recommended_id").alias("product_id"),
        F.col("score").alias("_score"),
    )
