"""Candidates for each customer, from what was bought before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.transforms.sales.sales_measures import is_cancelled

if TYPE_CHECKING:
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


def find_personal_scores(bought: DataFrame, recommendations: DataFrame) -> DataFrame:
    """One row per customer and candidate: `product_id`, `score`.

    The score is the sum of the scores `together` of what was bought; a product counts half for each 60 days between its
    last purchase and the last one of the feed.
    """
    parts = _find_parts(bought, recommendations)
    return parts.groupBy(*CUSTOMER, "product_id").agg(F.round(F.sum("_part"), 6).alias("score"))


def find_personal_reasons(bought: DataFrame, recommendations: DataFrame, listed: DataFrame) -> DataFrame:
    """One row per listed customer and product: `because`, the three bought products with the greatest parts."""
    parts = _find_parts(bought, recommendations).join(listed, on=[*CUSTOMER, "product_id"], how="left_semi")
    part = F.struct((-F.col("_part")).alias("part"), F.col("_bought").alias("product"))
    best = F.slice(F.array_sort(F.collect_list(part)), 1, REASONS)
    return (
        parts.groupBy(*CUSTOMER, "product_id")
        .agg(best.alias("_best"))
        .select(*CUSTOMER, "product_id", F.transform("_best", lambda each: each["product"]).alias("because"))
    )


def _find_parts(bought: DataFrame, recommendations: DataFrame) -> DataFrame:
    """One row per customer, candidate `product_id` and `_bought` product: `_part`, what it adds to the score."""
    last = bought.groupBy("feed").agg(F.max("last_on").alias("_last"))
    recent = Window.partitionBy(*CUSTOMER).orderBy(F.desc("last_on"), "product_id")
    history = bought.withColumn("_place", F.row_number().over(recent)).where(F.col("_place") <= MAX_HISTORY)
    age = F.datediff("_last", "last_on").cast("double") / F.lit(float(HALF_LIFE_DAYS))
    weighted = history.join(F.broadcast(last), on="feed", how="inner").select(
        *CUSTOMER, F.col("product_id").alias("_bought"), F.pow(F.lit(0.5), age).alias("_weight")
    )
    lists = recommendations.where("kind = 'together' AND source = 'pairs'").select(
        "feed", F.col("product_id").alias("_bought"), F.col("recommended_id").alias("product_id"), "score"
    )
    return weighted.join(lists, on=["feed", "_bought"], how="inner").select(
        *CUSTOMER, "product_id", "_bought", (F.col("_weight") * F.col("score")).alias("_part")
    )
