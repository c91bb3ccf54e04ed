from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from shoplake.declare import Feeds, Replace, col, table
from shoplake.transforms.known_columns import select_distinct
from shoplake.transforms.products.new_products import find_new_products, rank_by_price
from shoplake.transforms.products.pair_candidates import find_pair_candidates
from shoplake.transforms.products.popularity import (
    find_current_products,
    keep_first_tier,
    keep_sold,
    rank_popular_products,
    union_plain,
)

LIST = ["feed", "kind", "product_id"]
EMPTY = {"score": "double", "together": "bigint", "lift_low": "double"}
CANDIDATE = (*LIST, "recommended_id", *EMPTY, "_tier", "_order")
SOURCES = ("pairs", "price", "category", "popular")


@table(
    "gold",
    key=["feed", "kind", "product_id", "rank"],
    write=Replace(),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col(
            "kind",
            "string",
            "together: bought in one order; similar: viewed in one session; next: bought after it is viewed",
        ),
        col("product_id", "string", "The product"),
        col("rank", "int", "Place in the list; 1 is best", unit="position"),
        col("recommended_id", "string", "The recommended product"),
        col(
            "score",
            "double",
            "Weight of the product in the regression of the recommended one; null if popular",
            unit="ratio",
        ),
        col("together", "bigint", "Baskets or sessions with both; null if popular", unit="baskets"),
        col("lift_low", "double", "Lower bound of the lift, as in `product_affinity`; null if popular", unit="ratio"),
        col(
            "source",
            "string",
            "pairs; price: of the category, with the nearest price; category: popular in it; popular: in the shop",
        ),
        col("reason", "string", "Why it is recommended, in words"),
    ],
)
def recommendations(
    product_pairs_daily: DataFrame,
    product_baskets_daily: DataFrame,
    product_sequences_daily: DataFrame,
    products: DataFrame,
    *,
    feeds: Feeds,
    length: int = 30,
    max_solved: int = 5000,
) -> DataFrame:
    """One row per feed, kind, product and rank: what goes with a product.

    Each list has `length` products, fewer only where the shop has fewer that can be bought. None is the product itself,
    unavailable or discontinued. Candidates come from a ridge regression on the counts of pairs (local ridge), of the
    kind `next` on those of views before purchases; a list that they do not fill has the popular products of the last 30
    days, those of the category first. For the products in fewer baskets than the first `max_solved`, a simple ratio
    replaces the regression.

    Every product in a basket has a list `together`, every viewed one a list `similar`, and every one viewed before a
    purchase a list `next`. A new product, in the catalogue for less than 30 days and viewed in fewer than 5 sessions,
    has a list `similar` by category and price.
    """
    counts = product_pairs_daily, product_baskets_daily, product_sequences_daily
    current = find_current_products(products)
    found = find_pair_candidates(*counts, 2 * length, max_solved)
    sold = keep_sold(found.withColumnsRenamed({"product_id": "_of", "recommended_id": "product_id"}), current)
    paired = sold.select(
        *("feed", "kind", F.col("_of").alias("product_id"), F.col("product_id").alias("recommended_id")),
        *("score", "together", "lift_low", F.lit(0).alias("_tier"), (-F.col("score")).alias("_order")),
    )
    popular = rank_popular_products(product_baskets_daily, products)
    new = find_new_products(products, product_baskets_daily, feeds)
    by_price = rank_by_price(new, popular, products, 3 * length).withColumn("kind", F.lit("similar"))
    lists = _find_lists(product_baskets_daily, product_sequences_daily, new)
    filled = _fill(lists.join(current, on=["feed", "product_id"], how="left"), popular, length)
    priced = _as_candidates(by_price, 1, F.col("_order"))
    rows = union_plain(union_plain(paired, priced, CANDIDATE), filled, CANDIDATE)
    first = keep_first_tier(rows, [*LIST, "recommended_id"], [*EMPTY], len(SOURCES))
    once = first.where("product_id <> recommended_id").withColumn("_list", F.xxhash64(*LIST))
    place = F.row_number().over(Window.partitionBy("_list").orderBy("_tier", "_order", "recommended_id"))
    ranked = once.withColumn("rank", place).where(F.col("rank") <= length)
    source = F.element_at(F.array(*[F.lit(each) for each in SOURCES]), F.col("_tier") + 1)
    named = ranked.withColumn("source", source)
    return named.withColumn("reason", _reason()).select(*[each.name for each in recommendations.columns])


def _find_lists(baskets: DataFrame, sequences: DataFrame, new: DataFrame) -> DataFrame:
    """One row per list: `feed`, `kind`, `product_id`."""
    kind = F.when(F.col("unit") == "basket", "together").otherwise("similar").alias("kind")
    lists = baskets.select("feed", kind, "product_id")
    viewed = sequences.select("feed", F.lit("next").alias("kind"), F.col("viewed_id").alias("product_id"))
    unseen = new.select("feed", F.lit("similar").alias("kind"), "product_id")
    return select_distinct(union_plain(union_plain(lists, viewed, LIST), unseen, LIST), LIST)


def _fill(lists: DataFrame, popular: DataFrame, length: int) -> DataFrame:
    """Return enough popular products for each list, whatever else is in it; the shop's where its category has few."""
    named = popular.withColumnsRenamed({"product_id": "recommended_id"})
    near = lists.join(named.where(F.col("category_rank") <= length + 1), on=["feed", "category"], how="inner")
    large = popular.where((F.col("category_rank") == length + 1) & F.col("category").isNotNull())
    small = lists.join(large.select("feed", "category"), on=["feed", "category"], how="left_anti").select(*LIST)
    far = small.join(named.where(F.col("popular_rank") <= 2 * length + 1), on="feed", how="inner")
    of_category, of_shop = F.col("category_rank"), F.col("popular_rank")
    return union_plain(_as_candidates(near, 2, of_category), _as_candidates(far, 3, of_shop), CANDIDATE)


def _as_candidates(rows: DataFrame, tier: int, order: Column) -> DataFrame:
    """Return candidates that have no score with the columns of those that have one."""
    nothing = [F.lit(None).cast(kind).alias(name) for name, kind in EMPTY.items()]
    place = order.cast("double").alias("_order")
    return rows.select(*LIST, "recommended_id", *nothing, F.lit(tier).alias("_tier"), place)


def _reason() -> Column:
    times = F.col("lift_low").cast("decimal(18,1)").cast("string")
    count = F.col("together").cast("string")
    bought = F.concat(F.lit("in one order "), count, F.lit(" times"))
    viewed = F.concat(F.lit("viewed in one session "), count, F.lit(" times"))
    later = F.concat(F.lit("bought after it was viewed in "), count, F.lit(" sessions"))
    often = F.concat(F.lit(", at least "), times, F.lit(" times as often as by chance"))
    pairs = F.concat(
        F.when(F.col("kind") == "together", bought).when(F.col("kind") == "next", later).otherwise(viewed), often
    )
    return (
        F.when(F.col("source") == "pairs", pairs)
        .when(F.col("source") == "price", "of the same category at a similar price")
        .when(F.col("source") == "category", "popular in the category in the last 30 days")
        .otherwise("popular in the shop in the last 30 days")
    )
