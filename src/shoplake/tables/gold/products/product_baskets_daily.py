from pyspark.sql import DataFrame

from shoplake.declare import col, table
from shoplake.transforms.products.baskets import BY_DAY, MAX_PRODUCTS, collect_baskets, count_members


@table(
    "gold",
    key=["feed", "unit", "basket_date", "product_id"],
    write=BY_DAY,
    partition_by=["basket_date"],
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("unit", "string", "basket: products of an order; session: products viewed in a session"),
        col("basket_date", "date", "The shop's local day of the order or the view"),
        col("product_id", "string", "The product"),
        col("baskets", "bigint", "Baskets or sessions with the product", unit="baskets"),
        col(
            "baskets_of_day", "bigint", "All baskets or sessions of the day, alike for all its products", unit="baskets"
        ),
    ],
)
def product_baskets_daily(
    order_lines: DataFrame, events: DataFrame, sessions: DataFrame, *, max_products: int = MAX_PRODUCTS
) -> DataFrame:
    """One row per feed, unit, day and product: in how many baskets or sessions it is.

    These are the marginal counts of `product_pairs_daily`, of the same samples of large baskets. They add up over days.
    A basket with a single product counts.
    """
    baskets = collect_baskets(order_lines, events, sessions, max_products)
    day = ["feed", "unit", "basket_date"]
    return count_members(baskets, day, "products", member="product_id", count="baskets", whole="baskets_of_day")
