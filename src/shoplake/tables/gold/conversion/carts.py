from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, col, table
from shoplake.transforms.asof_join import asof_join

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
    ],
)
def carts(cart_activity: DataFrame, products: DataFrame, sessions: DataFrame, *, days: int = 7) -> DataFrame:
    """One row per cart: a visitor's cart activity until a purchase or an hour without activity; bots are excluded.

    A cart is purchased if a purchase ends it, whatever was bought; else recovered if one of its final products is
    bought within `days` days; else open while those days are not over at the end of the feed's data; else abandoned.
    The value excludes products without a known price, and is null where no price is known.

    `cart_activity` is updated incrementally from new events. The state depends on the following week, on the end of
    the data and on late prices, so it is recomputed for all carts. A run reads all carts, a few percent of the
    events, and no events.
    """
    carts = cart_activity.where("adds + removes > 0")
    item = F.explode("items").alias("item")
    items = carts.select("feed", "cart_id", "visitor_id", "left_at", "bought", item).select("*", "item.*").drop("item")
    ends = sessions.groupBy("feed").agg(F.max("ended_at").alias("data_end_at"))
    listed, recovered = (
        _value_listed(items.where("unit_price IS NULL"), products),
        _find_recoveries(items, cart_activity, days),
    )
    joined = listed.join(carts, on=["feed", "cart_id"], how="right")
    joined = ends.join(recovered.join(joined, on=["feed", "cart_id"], how="right"), on="feed", how="right")
    value = _add_known(_value_shown(), F.col("listed"))
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
        F.when(F.size("items") == 0, F.lit(0)).otherwise(value).cast(money.SUM).alias("value"),
        first["order_id"].alias("order_id"),
        first["bought_at"].alias("purchased_at"),
        "recovered_at",
        "adds",
        "removes",
    )


def _value_shown() -> Column:
    """Value the items at the prices last shown; null without a price."""
    nothing = F.lit(None).cast(EXACT)
    return F.aggregate(
        "items", nothing, lambda sum, item: _add_known(sum, (item.quantity * item.unit_price).cast(EXACT))
    )


def _add_known(one: Column, other: Column) -> Column:
    """Add two amounts; null counts as nothing, two nulls are null."""
    return F.coalesce((one + other).cast(EXACT), one, other)


def _value_listed(items: DataFrame, products: DataFrame) -> DataFrame:
    """Value the items without a shown price at the product prices of their time, by cart."""
    prices = products.select("feed", "product_id", "valid_from", "valid_to", F.col("price").alias("list_price"))
    priced = asof_join(items, prices, ["feed", "product_id"], "added_at")
    amount = (F.col("quantity") * F.col("list_price")).cast(EXACT)
    return priced.groupBy("feed", "cart_id").agg(F.sum(amount).cast(EXACT).alias("listed"))


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
