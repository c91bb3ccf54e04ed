from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Feeds, Replace, col, table
from shoplake.transforms.asof_join import asof_join
from shoplake.transforms.sales.convert_currency import (
    CONVERTED_COLUMNS,
    RATE_KNOWN,
    convert_currency,
    count_without_rate,
    feed_currency,
)

EXACT = "decimal(38,4)"
"""Type of sums before rounding."""
DAY = 86_400_000_000
"""Microseconds."""


@table(
    "gold",
    key=["feed", "cart_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("cart_id", "string", "A hash of the feed, the visitor and the start; stable across rebuilds"),
        col("visitor_id", "string", "The visitor"),
        col("cart_date", "date", "The shop's local day of the start"),
        col("started_at", "timestamp", "First add or remove event", unit="UTC"),
        col("left_at", "timestamp", "Last add or remove event", unit="UTC"),
        col("state", "string", "purchased, recovered, open, abandoned"),
        col("items", "bigint", "Final number of pieces", unit="pieces"),
        col("products", "int", "Distinct products among them", unit="products"),
        col(
            "value",
            "decimal(18,2)",
            "Σ quantity × the price last shown, or else the product's price at that time",
            unit="currency",
        ),
        col("order_id", "string", "The first order that ended it; null unless purchased"),
        col("purchased_at", "timestamp", "Time of that purchase", unit="UTC"),
        col("recovered_at", "timestamp", "First later purchase of one of its products", unit="UTC"),
        col("adds", "bigint", "Add-to-cart events", unit="events"),
        col("removes", "bigint", "Remove-from-cart events", unit="events"),
        *CONVERTED_COLUMNS,
    ],
    expectations=[RATE_KNOWN],
)
def carts(
    cart_activity: DataFrame,
    products: DataFrame,
    sessions: DataFrame,
    exchange_rate_periods: DataFrame,
    *,
    feeds: Feeds,
    days: int = 7,
) -> DataFrame:
    """One row per cart: a visitor's cart activity until a purchase or an hour without activity; bots are excluded.

    A cart is purchased if a purchase ends it, whatever was bought; else recovered if one of its final products is
    bought within `days` days; else open while those days are not over at the end of the feed's data; else abandoned.
    The value excludes products without a known price or exchange rate, and is null where none is known.

    `cart_activity` is updated incrementally from new events. The state depends on the following week, on the end of
    the data and on late prices, so it is recomputed for all carts. A run reads all carts, a few percent of the
    events, and no events.
    """
    carts = cart_activity.where("adds + removes > 0")
    item = F.explode("items").alias("item")
    cart = ("feed", "cart_id", "visitor_id", "left_at", "bought")
    items = carts.select(*cart, item).select(*cart, "item.*")
    ends = sessions.groupBy("feed").agg(F.max("ended_at").alias("data_end_at"))
    listed, recovered = (
        _value_items(items, products, exchange_rate_periods, feeds),
        _find_recoveries(items, cart_activity, days),
    )
    joined = listed.join(carts, on=["feed", "cart_id"], how="right")
    joined = ends.join(recovered.join(joined, on=["feed", "cart_id"], how="right"), on="feed", how="right")
    first = F.get("bought", F.lit(0))
    return joined.select(
        "feed",
        "cart_id",
        "visitor_id",
        "cart_date",
        "started_at",
        "left_at",
        _state(days).alias("state"),
        F.aggregate("items", F.lit(0).cast("bigint"), lambda pieces, item: pieces + item.quantity).alias("items"),
        F.size("items").alias("products"),
        F.when(F.size("items") == 0, F.lit(0)).otherwise(F.col("value")).cast(money.SUM).alias("value"),
        first["order_id"].alias("order_id"),
        first["bought_at"].alias("purchased_at"),
        "recovered_at",
        "adds",
        "removes",
        feed_currency(feeds).alias("currency"),
        F.coalesce("lines_without_rate", F.lit(0)).alias("lines_without_rate"),
    )


def _value_items(items: DataFrame, products: DataFrame, periods: DataFrame, feeds: Feeds) -> DataFrame:
    """Value the items at the prices shown, or else at the product prices of their time, by cart.

    List prices are in the currency of the feed.
    """
    prices = products.select("feed", "product_id", "valid_from", "valid_to", F.col("price").alias("list_price"))
    unpriced = asof_join(items.where("unit_price IS NULL"), prices, ["feed", "product_id"], "added_at", ["list_price"])
    listed = unpriced.withColumns({"unit_price": F.col("list_price"), "currency": F.lit(None).cast("string")})
    needed: list[str | Column] = [
        "feed",
        "cart_id",
        "currency",
        "added_date",
        (F.col("quantity") * F.col("unit_price")).alias("amount"),
    ]
    amounts = items.where("unit_price IS NOT NULL").select(*needed).unionAll(listed.select(*needed))
    converted = convert_currency(amounts, periods, feeds, day="added_date", amount="amount")
    return converted.groupBy("feed", "cart_id").agg(
        F.sum(F.col("amount").cast(EXACT)).cast(EXACT).alias("value"), count_without_rate()
    )


def _find_recoveries(items: DataFrame, cart_activity: DataFrame, days: int) -> DataFrame:
    """Find the first purchase of a cart's product within `days` days, for carts that no purchase ended."""
    later = cart_activity.select("feed", "visitor_id", F.explode("bought").alias("purchase"))
    bought = later.select(
        "feed", "visitor_id", "purchase.product_id", F.col("purchase.bought_at").alias("recovered_at")
    )
    after = F.unix_micros("recovered_at") - F.unix_micros("left_at")
    unpurchased = items.where(F.size("bought") == 0)
    matches = unpurchased.join(bought, on=["feed", "visitor_id", "product_id"], how="inner").where(
        after.between(1, days * DAY)
    )
    return matches.groupBy("feed", "cart_id").agg(F.min("recovered_at").alias("recovered_at"))


def _state(days: int) -> Column:
    is_over = F.unix_micros("data_end_at") - F.unix_micros("left_at") >= days * DAY
    return (
        F.when(F.size("bought") > 0, "purchased")
        .when(F.col("recovered_at").isNotNull(), "recovered")
        .when(is_over, "abandoned")
        .otherwise("open")
    )
