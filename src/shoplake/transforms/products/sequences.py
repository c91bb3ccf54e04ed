"""What is viewed and then bought in one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.transforms.interval_join import interval_join
from shoplake.transforms.products.baskets import MAX_PRODUCTS, session_basket

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

SESSION = ["feed", "event_date", "session_id"]


def collect_sequences(events: DataFrame, sessions: DataFrame, max_products: int = MAX_PRODUCTS) -> DataFrame:
    """One row per session, day and product bought in it: `feed`, `event_date`, `session_id`, `bought_id`, `viewed`.

    `viewed` are the other products that were viewed on that day of the session before the last purchase of
    `bought_id`, or at its moment. Sessions of bots are left out. Of more than `max_products` viewed or bought products
    a sample counts: those with the smallest MD5 of the session and the product. The views are those of its basket in
    `collect_baskets`, so that each is counted there, too.
    """
    buying = sessions.where("purchases > 0 AND NOT is_bot").select(
        "feed", "visitor_id", "session_id", "started_at", "ended_at"
    )
    is_step = F.col("event_name").isin("product_view", "purchase") & F.col("product_id").isNotNull()
    steps = events.where(is_step).select("feed", "visitor_id", "event_at", "event_date", "event_name", "product_id")
    joined = interval_join(steps, buying, ["feed", "visitor_id"], "event_at", ["session_id"])
    products = (
        joined.where(F.col("session_id").isNotNull())
        .groupBy(*SESSION, "product_id")
        .agg(
            F.min(F.when(F.col("event_name") == "product_view", F.col("event_at"))).alias("viewed_at"),
            F.max(F.when(F.col("event_name") == "purchase", F.col("event_at"))).alias("bought_at"),
        )
    )
    grouped = products.groupBy(*SESSION).agg(
        _sample("viewed_at", max_products).alias("views"), _sample("bought_at", max_products).alias("purchases")
    )
    each = grouped.where((F.size("views") > 0) & (F.size("purchases") > 0)).select(
        *SESSION, "views", F.explode("purchases").alias("_bought")
    )
    timed = each.select(
        *SESSION, "views", F.col("_bought.product").alias("bought_id"), F.col("_bought.at").alias("_bought_at")
    )
    is_before = F.filter(
        "views", lambda view: (view["at"] <= F.col("_bought_at")) & (view["product"] != F.col("bought_id"))
    )
    return timed.select(*SESSION, "bought_id", F.transform(is_before, lambda view: view["product"]).alias("viewed"))


def _sample(at: str, max_products: int) -> Column:
    """Return the products with a time, those with the smallest hashes, as structs of `hash`, `product` and `at`."""
    named = F.struct(
        F.md5(F.concat(session_basket(), "product_id")).alias("hash"),
        F.col("product_id").alias("product"),
        F.col(at).alias("at"),
    )
    return F.slice(F.array_sort(F.collect_list(F.when(F.col(at).isNotNull(), named))), 1, max_products)
