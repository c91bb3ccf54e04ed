from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from shoplake.declare import Replace, RowSplit, col, table
from shoplake.transforms.products.personal_candidates import (
    add_personal_reasons,
    find_bought_products,
    find_personal_parts,
)
from shoplake.transforms.products.popularity import (
    find_current_products,
    keep_sold,
    rank_popular_products,
    union_plain,
)
from shoplake.transforms.products.rebuying import find_taken_products

CUSTOMER = ["feed", "customer_id"]
SOURCES = ("history", "category", "popular")
LISTED = (*CUSTOMER, "rank", "product_id", "score", "source")
TAKEN = -1
"""The tier of a product that the customer has: one that has it is no candidate, whatever else it is."""
BYTES_PER_LINE = 5_000
"""Of memory for each order line, by two shops: 75 candidates for each of three products that a customer bought. One
without an order has a fifth of them."""
LINES = ("customer_facts", "order_lines")
"""Inputs whose rows become candidates. A shop may have a hundred times as many products and pairs of them as lines."""
CANDIDATE = (*CUSTOMER, "product_id", "_part", "_tier", "_order")


@table(
    "gold",
    key=["feed", "customer_id", "rank"],
    write=Replace(split=RowSplit("customer_id", bytes_per_row=BYTES_PER_LINE, of=LINES)),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("rank", "int", "Place in the list; 1 is best", unit="position"),
        col("product_id", "string", "The recommended product"),
        col("score", "double", "Sum of the scores of what was bought; null if popular", unit="ratio"),
        col("source", "string", "history; category: popular in the favourite category; popular: popular in the shop"),
        col("because", "array<string>", "Up to three bought products with the greatest part of the score; or none"),
    ],
)
def customer_recommendations(
    customer_facts: DataFrame,
    customer_favourites: DataFrame,
    order_lines: DataFrame,
    recommendations: DataFrame,
    product_baskets_daily: DataFrame,
    products: DataFrame,
    *,
    length: int = 10,
    max_of_category: int = 3,
    rebuyable_categories: Sequence[str] = (),
) -> DataFrame:
    """One row per customer and rank: products for a customer, best first.

    Each list has `length` products, fewer only where the shop has fewer. None was bought before, except in the
    `rebuyable_categories` when the product's usual gap between two purchases has passed; none is unavailable or
    discontinued. At most `max_of_category` are of one category, more
    only where nothing else is left. What the history does not fill has the popular products of the last 30 days, those
    of the favourite category first; so has the list of a customer without an order.
    """
    bought, current = find_bought_products(order_lines), find_current_products(products)
    popular = rank_popular_products(product_baskets_daily, products)
    taken = find_taken_products(bought, order_lines, current, rebuyable_categories)
    counts = taken.groupBy(*CUSTOMER).agg(F.count("*").alias("_taken"))
    known = customer_facts.select(*CUSTOMER).join(counts, on=CUSTOMER, how="left")
    customers = known.select(*CUSTOMER, F.coalesce("_taken", F.lit(0)).alias("_taken"))
    personal = _as_candidates(find_personal_parts(bought, recommendations), 0, F.lit(None))
    filling = _fill(customers, customer_favourites, popular, length, max_of_category)
    candidates = union_plain(
        union_plain(personal, filling, CANDIDATE), _as_candidates(taken, TAKEN, F.lit(None)), CANDIDATE
    )
    new = keep_sold(_add_up(candidates), current)
    source = F.element_at(F.array(*[F.lit(each) for each in SOURCES]), F.col("_tier") + 1)
    ranked = _rank(new, length, max_of_category).withColumn("source", source)
    return add_personal_reasons(ranked.select(*LISTED), LISTED, bought, recommendations)


def _add_up(candidates: DataFrame) -> DataFrame:
    """One row per customer and product that is not taken: `score`, the sum of its parts, and the smallest `_tier`."""
    places = [F.min(F.when(F.col("_tier") == tier, F.col("_order"))).alias(f"_place_{tier}") for tier in (1, 2)]
    added = candidates.groupBy(*CUSTOMER, "product_id").agg(
        F.round(F.sum("_part"), 6).alias("score"), F.min("_tier").alias("_tier"), *places
    )
    order = F.coalesce(-F.col("score"), "_place_1", "_place_2")
    return added.where(F.col("_tier") > TAKEN).select(*CUSTOMER, "product_id", "score", "_tier", order.alias("_order"))


def _rank(candidates: DataFrame, length: int, max_of_category: int) -> DataFrame:
    """Return the best products of each customer with `rank`; those above the maximum of their category come last."""
    order = ["_tier", "_order", "product_id"]
    of_category = F.row_number().over(Window.partitionBy(*CUSTOMER, "category").orderBy(*order))
    few = candidates.withColumn("_of_category", of_category).where(F.col("_of_category") <= length)
    is_surplus = F.col("category").isNotNull() & (F.col("_of_category") > max_of_category)
    place = F.row_number().over(Window.partitionBy(*CUSTOMER).orderBy("_is_surplus", *order))
    return few.withColumn("_is_surplus", is_surplus).withColumn("rank", place).where(F.col("rank") <= length)


def _fill(
    customers: DataFrame, favourites: DataFrame, popular: DataFrame, length: int, max_of_category: int
) -> DataFrame:
    """Return the popular products for each customer: of the favourite category, and of the shop.

    Each comes with the customers who have at least `_number` products: others never list it. A list reaches as many
    products further down as the customer has. Of the favourite category that is behind the first `length`. Of the shop
    it is behind the first `length` or the maximum of the category, but not behind `length` others within that maximum.
    """
    numbers = F.sequence(F.lit(0).cast("bigint"), F.col("_taken"))
    numbered = customers.select(*CUSTOMER, F.explode(numbers).alias("_number"))
    liked = favourites.select(*CUSTOMER, F.col("favourite_category").alias("category"))
    of_category = _with_number(popular, F.col("category_rank") - length)
    near = numbered.join(liked, on=CUSTOMER, how="inner").join(
        of_category, on=["feed", "category", "_number"], how="inner"
    )
    behind = F.when(F.col("category").isNull(), 0).otherwise(
        F.greatest(F.col("category_rank") - max_of_category, F.lit(0))
    )
    before = Window.partitionBy("feed").orderBy("popular_rank").rowsBetween(Window.unboundedPreceding, -1)
    within = F.coalesce(F.sum((behind == 0).cast("int")).over(before), F.lit(0))
    of_shop = F.greatest(F.least(behind, F.col("popular_rank") - length), within - length + 1)
    far = numbered.join(F.broadcast(_with_number(popular, of_shop)), on=["feed", "_number"], how="inner")
    near, far = (
        _as_candidates(rows, tier, F.col(order))
        for rows, tier, order in ((near, 1, "category_rank"), (far, 2, "popular_rank"))
    )
    return union_plain(near, far, CANDIDATE)


def _with_number(popular: DataFrame, number: Column) -> DataFrame:
    return popular.withColumn("_number", F.greatest(number, F.lit(0)).cast("bigint"))


def _as_candidates(rows: DataFrame, tier: int, order: Column) -> DataFrame:
    """Return the products of customers as candidates of a tier; `_part` is null but for personal ones."""
    part = F.col("_part") if tier == 0 else F.lit(None).cast("double")
    return rows.select(
        *(*CUSTOMER, "product_id"),
        part.alias("_part"),
        F.lit(tier).alias("_tier"),
        order.cast("double").alias("_order"),
    )
