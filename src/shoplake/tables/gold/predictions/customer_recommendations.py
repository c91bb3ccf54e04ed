from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.declare import Replace, RowSplit, col, table
from shoplake.transforms.products.personal_candidates import (
    find_bought_products,
    find_personal_reasons,
    find_personal_scores,
)
from shoplake.transforms.products.popularity import (
    find_current_products,
    keep_first_tier,
    keep_sold,
    rank_popular_products,
    union_plain,
)
from shoplake.transforms.products.rebuying import find_taken_products

CUSTOMER = ["feed", "customer_id"]
SOURCES = ("history", "category", "popular")
BYTES_PER_LINE = 7_000
"""Of memory for each order line, by two shops: 75 candidates for each of three products that a customer bought."""
CANDIDATE = (*CUSTOMER, "product_id", "category", "score", "_tier", "_order")


@table(
    "gold",
    key=["feed", "customer_id", "rank"],
    write=Replace(split=RowSplit("customer_id", bytes_per_row=BYTES_PER_LINE)),
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
    personal = keep_sold(find_personal_scores(bought, recommendations), current).select(
        *CUSTOMER, "product_id", "category", "score", F.lit(0).alias("_tier"), (-F.col("score")).alias("_order")
    )
    taken = find_taken_products(bought, order_lines, current, rebuyable_categories)
    counts = taken.groupBy(*CUSTOMER).agg(F.count("*").alias("_taken"))
    known = customer_facts.select(*CUSTOMER).join(counts, on=CUSTOMER, how="left")
    customers = known.select(*CUSTOMER, F.coalesce("_taken", F.lit(0)).alias("_taken"))
    filled = _fill(customers, customer_favourites, popular, length, max_of_category)
    product = [*CUSTOMER, "product_id"]
    new, filling = (rows.join(taken.select(*product), on=product, how="left_anti") for rows in (personal, filled))
    ranked = _rank(union_plain(new, filling, CANDIDATE), length, max_of_category)
    of_history = _rank(new, length, max_of_category).select(*product)
    reasons = find_personal_reasons(bought, recommendations, of_history)
    source = F.element_at(F.array(*[F.lit(each) for each in SOURCES]), F.col("_tier") + 1)
    named = ranked.withColumn("source", source).join(reasons, on=product, how="left")
    because = F.coalesce("because", F.array().cast("array<string>"))
    return named.withColumn("because", because).select(*[each.name for each in customer_recommendations.columns])


def _rank(rows: DataFrame, length: int, max_of_category: int) -> DataFrame:
    """Return the best rows of each customer with `rank`; those above the maximum of their category come last.

    A product that is a candidate twice counts where its tier is smallest.
    """
    once = keep_first_tier(rows, [*CUSTOMER, "product_id", "category"], ["score"], len(SOURCES))
    order = ["_tier", "_order", "product_id"]
    of_category = F.row_number().over(Window.partitionBy(*CUSTOMER, "category").orderBy(*order))
    few = once.withColumn("_of_category", of_category).where(F.col("_of_category") <= length)
    is_surplus = F.col("category").isNotNull() & (F.col("_of_category") > max_of_category)
    place = F.row_number().over(Window.partitionBy(*CUSTOMER).orderBy("_is_surplus", *order))
    return few.withColumn("_is_surplus", is_surplus).withColumn("rank", place).where(F.col("rank") <= length)


def _fill(
    customers: DataFrame, favourites: DataFrame, popular: DataFrame, length: int, max_of_category: int
) -> DataFrame:
    """Return the popular products for each customer: of the favourite category, and of the shop.

    Of ten times as many as are listed those are returned that come before `length` products within the maximum of their
    category and before one more for each that the customer has (`_taken`): those behind them are never listed.
    """
    liked = favourites.select(*CUSTOMER, F.col("favourite_category").alias("category"))
    of_category = popular.where(F.col("category_rank") <= max_of_category + length)
    near = customers.join(liked, on=CUSTOMER, how="inner").join(of_category, on=["feed", "category"], how="inner")
    is_within = F.col("category").isNull() | (F.col("category_rank") <= max_of_category)
    before = Window.partitionBy("feed").orderBy("popular_rank").rowsBetween(Window.unboundedPreceding, -1)
    first = popular.where(F.col("popular_rank") <= 10 * length)
    places = first.withColumn("_before", F.coalesce(F.sum(is_within.cast("int")).over(before), F.lit(0)))
    far = customers.join(F.broadcast(places), on="feed", how="inner").where(F.col("_before") < length + F.col("_taken"))
    near, far = _as_candidates(near, 1, "category_rank"), _as_candidates(far, 2, "popular_rank")
    return union_plain(near, far, CANDIDATE)


def _as_candidates(rows: DataFrame, tier: int, order: str) -> DataFrame:
    """Return popular products with the columns of personal candidates."""
    return rows.select(
        *(*CUSTOMER, "product_id", "category"),
        F.lit(None).cast("double").alias("score"),
        *(F.lit(tier).alias("_tier"), F.col(order).cast("double").alias("_order")),
    )
