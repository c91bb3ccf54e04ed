from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import col, table
from shoplake.transforms.products.baskets import BY_DAY, MAX_PRODUCTS, collect_baskets


@table(
    "gold",
    key=["feed", "unit", "basket_date", "product_a", "product_b"],
    write=BY_DAY,
    partition_by=["basket_date"],
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("unit", "string", "basket: bought in one order; session: viewed in one session"),
        col("basket_date", "date", "The shop's local day of the order or the view"),
        col("product_a", "string", "The product that sorts first"),
        col("product_b", "string", "The other product"),
        col("together", "bigint", "Baskets or sessions with both", unit="baskets"),
    ],
)
def product_pairs_daily(
    order_lines: DataFrame, events: DataFrame, sessions: DataFrame, *, max_products: int = MAX_PRODUCTS
) -> DataFrame:
    """One row per feed, unit, day and pair of products that are in a basket or session together.

    Pairs are unordered: `product_a` sorts before `product_b`. Quantities do not count. Cancelled orders and bots are
    left out; returns change nothing. Of a basket with more than `max_products` products a fixed sample of as many
    counts, by a hash, so that a basket has at most 4,950 pairs: a wholesale order says little of each of its pairs.
    Others weight large baskets down; then `together` is no count. A session over midnight is one on each day.

    Counts add up over days; `product_affinity` measures them.
    """
    baskets = collect_baskets(order_lines, events, sessions, max_products).where(F.size("products") > 1)
    day = ["feed", "unit", "basket_date"]
    first = baskets.select(*day, "products", F.explode("products").alias("product_a"))
    others = F.filter("products", lambda product: product > F.col("product_a"))
    pairs = first.select(*day, "product_a", F.explode(others).alias("product_b"))
    return pairs.groupBy(*day, "product_a", "product_b").agg(F.count("*").alias("together"))
