from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, col, table
from shoplake.transforms.asof_join import asof_join

EXACT = "decimal(38,4)"
"""Of sums that are not rounded yet."""
DAY = 86_400_000_000
"""Microseconds."""


@table(
    "gold",
    key=["feed", "cart_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "Which shop's stream"),
        col("cart_id", "string", "Made of the visitor and the start, so that the same cart has the same id"),
        col("visitor_id", "string", "Whose it is"),
        col("cart_date", "date", "The shop's local day of the start"),
        col("started_at", "timestamp", "When something was first put in or taken out", unit="UTC"),
        col("left_at", "timestamp", "When something last was", unit="UTC"),
        col("state", "string", "purchased, recovered, open, abandoned"),
        col("items", "bigint", "What lay in it at last", unit="pieces"),
        col("products", "int", "Different products among them", unit="products"),
        col("value", "decimal(18,2)", "Σ quantity × the price last shown, or else the product's then", unit="currency"),
        col("order_id", "string", "The first order that ended it, if it was purchased"),
        col("purchased_at", "timestamp", "When", unit="UTC"),
        col("recovered_at", "timestamp", "When one of its products was bought after all", unit="UTC"),
        col("adds", "bigint", "Times something was put in", unit="events"),
        col("removes", "bigint", "Times something was taken out", unit="events"),
    ],
)
def carts(cart_activity: DataFrame, products: DataFrame, sessions: DataFrame, *, days: int = 7) -> DataFrame:
    """One row per cart: a visitor's cart activity until a purchase, or until none follows for an hour; bots left out.

    A cart is purchased if a purchase ends it, whatever was bought; else recovered if one of the products that lay in it
    at last is bought within `days` after; else open while those days are not over at the end of the feed's data; else
    abandoned. The value leaves out products of which no price is known, and is null where none is.

    What a cart is depends on events an hour around it and is kept up by `cart_activity`, from new events alone. What
    became of it depends on the week after, on where the data end, and on prices that may turn up late; so that is told
    anew for all carts. A run costs the reading of all carts, some hundredths of the events, and never of the events.
    """
    carts = cart_activity.where("adds + removes > 0")
    item = F.explode("items").alias("item")
    items = carts.select("feed", "cart_id", "visitor_id", "left_at", "bought", item).select("*", "item.*").drop("item")
    ends = sessions.groupBy("feed").agg(F.max("ended_at").alias("data_end_at"))
    listed, recovered = _listed(items.where("unit_price IS NULL"), products), _recovered(items, cart_activity, days)
    told = listed.join(carts, on=["feed", "cart_id"], how="right")
    told = ends.join(recovered.join(told, on=["feed", "cart_id"], how="right"), on="feed", how="right")
    value = _both(_shown(), F.col("listed"))
    first = F.get("bought", F.lit(0))
    return told.select(
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


def _shown() -> Column:
    """What the items in the cart were worth at the prices last shown; null where none was."""
    nothing = F.lit(None).cast(EXACT)
    return F.aggregate("items", nothing, lambda sum, item: _both(sum, (item.quantity * item.unit_price).cast(EXACT)))


def _both(one: Column, other: Column) -> Column:
    """The sum of two amounts; the one that is known where the other is not."""
    return F.coalesce((one + other).cast(EXACT), one, other)


def _listed(items: DataFrame, products: DataFrame) -> DataFrame:
    """What items without a price of their own were worth in each cart, at the products' prices then."""
    prices = products.select("feed", "product_id", "valid_from", "valid_to", F.col("price").alias("list_price"))
    priced = asof_join(items, prices, ["feed", "product_id"], "added_at")
    each = (F.col("quantity") * F.col("list_price")).cast(EXACT)
    return priced.groupBy("feed", "cart_id").agg(F.sum(each).cast(EXACT).alias("listed"))


def _recovered(items: DataFrame, cart_activity: DataFrame, days: int) -> DataFrame:
    """When a product of a cart that no purchase ended was bought in the days after."""
    later = cart_activity.select("feed", "visitor_id", F.explode("bought").alias("purchase"))
    bought = later.select(
        "feed", "visitor_id", "purchase.product_id", F.col("purchase.bought_at").alias("recovered_at")
    )
    after = F.unix_micros("recovered_at") - F.unix_micros("left_at")
    left = items.where(F.size("bought") == 0)
    found = left.join(bought, on=["feed", "visitor_id", "product_id"], how="inner").where(after.between(1, days * DAY))
    return found.groupBy("feed", "cart_id").agg(F.min("recovered_at").alias("recovered_at"))


def _state(days: int) -> Column:
    is_over = F.unix_micros("data_end_at") - F.unix_micros("left_at") >= days * DAY
    return (
        F.when(F.size("bought") > 0, "purchased")
        .when(F.col("recovered_at").isNotNull(), "recovered")
        .when(is_over, "abandoned")
        .otherwise("open")
    )
