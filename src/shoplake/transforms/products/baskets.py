"""What is bought in one order, or viewed in one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.declare import Replace
from shoplake.transforms.interval_join import interval_join
from shoplake.transforms.sales.sales_measures import is_cancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

MAX_PRODUCTS = 100
"""The most products of a basket that count."""
MD5_LENGTH = 32
BY_DAY = Replace(
    partition_by="basket_date",
    input_partitions={
        "order_lines": "order_date",
        "events": "event_date",
        "sessions": ("session_date", "ended_date"),
    },
)
"""How a table by day of baskets is written: the days of its inputs that a row of them matters to."""
COLUMNS = ("feed", "basket_date", "basket_id", "product_id")
"""Columns of both sides of the union. Sail joins a union with itself only where its columns have no comments."""
SESSION = "session "
"""What the id of a session has in front; that of an order has `order ` there. The unit is read from it, and is no key
of the groups: Sail takes a column that is constant for sorted, and then counts groups row by row, ten times as long."""


def collect_baskets(
    order_lines: DataFrame, events: DataFrame, sessions: DataFrame, max_products: int = MAX_PRODUCTS
) -> DataFrame:
    """One row per basket or session: `feed`, `unit` (basket, session), `basket_date`, `products` in ascending order.

    A basket is the distinct goods sold in an order, on its day; cancelled orders are none. A session is the distinct
    products viewed in it, on the day of the view, so that a session over midnight is one on each day; sessions of bots
    are none. Of more than `max_products` products a sample counts: those with the smallest MD5 of the order or session
    and the product. It is the same in each run and on each engine.
    """
    is_sale = (F.col("line_class") == "goods") & (F.col("kind") == "sale") & F.col("product_id").isNotNull()
    bought = order_lines.where(is_sale & ~is_cancelled()).select(
        "feed",
        _as_date("order_date"),
        F.concat(F.lit("order "), "order_id").alias("basket_id"),
        "product_id",
    )
    rows = bought.unionByName(_viewed(events, sessions)).select(*[F.coalesce(name).alias(name) for name in COLUMNS])
    grouped = rows.groupBy("feed", "basket_date", "basket_id")
    baskets = grouped.agg(F.array_distinct(F.collect_list("product_id")).alias("products"))
    unit = F.when(F.startswith("basket_id", F.lit(SESSION)), "session").otherwise("basket")
    products = F.array_sort(_sample(max_products))
    return baskets.select("feed", unit.alias("unit"), "basket_date", products.alias("products"))


def session_basket() -> Column:
    """Return the id of the basket of a `session_id`; hashes of it and a product say which of many products count."""
    return F.concat(F.lit(SESSION), "session_id")


def count_members(
    groups: DataFrame, key: Sequence[str], members: str, *, member: str, count: str, whole: str
) -> DataFrame:
    """One row per `key` and text in the arrays `members`, as `member`: in how many groups of the key it is, as `count`.

    `whole` is the number of all groups of the key. They are counted in the same pass: each has null as one more member.
    """
    group = F.array(F.lit(None).cast("string"))
    each = groups.select(*key, F.explode(F.concat(group, members)).alias(member))
    counted = each.groupBy(*key, member).agg(F.count("*").alias(count))
    groups_of_key = F.max(F.when(F.col(member).isNull(), F.col(count))).over(Window.partitionBy(*key))
    return counted.withColumn(whole, groups_of_key).where(F.col(member).isNotNull())


def _viewed(events: DataFrame, sessions: DataFrame) -> DataFrame:
    """One row per product view in a session without bots."""
    people = sessions.where("product_views > 0 AND NOT is_bot").select(
        "feed", "visitor_id", session_basket().alias("basket_id"), "started_at", "ended_at"
    )
    views = events.where((F.col("event_name") == "product_view") & F.col("product_id").isNotNull())
    narrow = views.select("feed", "visitor_id", "event_at", _as_date("event_date"), "product_id")
    joined = interval_join(narrow, people, ["feed", "visitor_id"], "event_at", ["basket_id"])
    return joined.where(F.col("basket_id").isNotNull()).select(*COLUMNS)


def _as_date(day: str) -> Column:
    """Return a day as `basket_date`, computed, because Sail fails on a union of columns with different comments."""
    return F.date_add(day, 0).alias("basket_date")


def _sample(max_products: int) -> Column:
    """Return the products with the smallest MD5, of which each text has its own in front while it is sorted."""
    hashed = F.transform("products", lambda product: F.concat(F.md5(F.concat("basket_id", product)), product))
    smallest = F.slice(F.array_sort(hashed), 1, max_products)
    sample = F.transform(smallest, lambda text: F.substring(text, MD5_LENGTH + 1, 2**31 - 1))
    return F.when(F.size("products") <= max_products, F.col("products")).otherwise(sample)
