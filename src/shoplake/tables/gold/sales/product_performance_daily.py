from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, col, table


@table(
    "gold",
    key=["feed", "product_id", "event_date"],
    write=Replace(partition_by="event_date", input_partitions={"order_lines": "order_date"}),
    partition_by=["event_date"],
    columns=[
        col("feed", "string", "Which shop's stream"),
        col("product_id", "string", "The product"),
        col("event_date", "date", "The shop's local day"),
        col("views", "bigint", "Times it was viewed", unit="events"),
        col("viewers", "bigint", "Distinct visitors who viewed it", unit="visitors"),
        col("approx_viewers", "bigint", "The same, approximate (linear counting, under 1 % off)", unit="visitors"),
        col("carts", "bigint", "Times it was put into a cart", unit="events"),
        col("orders", "bigint", "Distinct orders with a sale of it", unit="orders"),
        col("units", "bigint", "Sold", unit="pieces"),
        col("gross", "decimal(18,2)", "Sum of its sales", unit="currency"),
        col("returns", "decimal(18,2)", "Returned that day, positive", unit="currency"),
        col("net", "decimal(18,2)", "gross - returns", unit="currency"),
        col("conversion", "double", "orders / viewers; null if nobody viewed it"),
        col("sales_rank", "int", "Its place in the day by gross, then units, then product_id; 1 is best"),
    ],
)
def product_performance_daily(events: DataFrame, order_lines: DataFrame) -> DataFrame:
    """One row per feed, product and day on which it was viewed, carted, sold or returned; bots left out."""
    both = _seen(events).join(_sold(order_lines), on=["feed", "product_id", "event_date"], how="full")
    gross, returns = (F.coalesce(name, F.lit(0).cast(money.SUM)) for name in ("gross", "returns"))
    whole = both.select(
        "feed",
        "product_id",
        "event_date",
        *[
            F.coalesce(name, F.lit(0)).alias(name)
            for name in ("views", "viewers", "approx_viewers", "carts", "orders", "units")
        ],
        gross.alias("gross"),
        returns.alias("returns"),
        (gross - returns).cast(money.SUM).alias("net"),
    )
    best_first = [F.desc("gross"), F.desc("units"), F.asc("product_id")]
    in_day = Window.partitionBy("feed", "event_date").orderBy(*best_first)
    return whole.select(
        "*",
        money.ratio("orders", "viewers").alias("conversion"),
        F.row_number().over(in_day).alias("sales_rank"),
    )


BITS = 1 << 20
"""Of the bitmap that approximates a count; the memory for one product and day never exceeds it."""


def _seen(events: DataFrame) -> DataFrame:
    """Views and carts in two steps, by visitor first: that also parts the work on a product that all look at."""
    is_view, is_cart = F.col("event_name") == "product_view", F.col("event_name") == "add_to_cart"
    people = events.where(~F.col("is_bot") & F.col("product_id").isNotNull() & (is_view | is_cart))
    by_visitor = people.groupBy("feed", "product_id", "event_date", "visitor_id").agg(
        F.count_if(is_view).alias("views"), F.count_if(is_cart).alias("carts")
    )
    has_viewed = F.col("views") > 0
    bit = F.xxhash64("visitor_id").bitwiseAND(BITS - 1)
    return by_visitor.groupBy("feed", "product_id", "event_date").agg(
        F.sum("views").alias("views"),
        F.count_if(has_viewed).alias("viewers"),
        _linear_count(F.count_distinct(F.when(has_viewed, bit))).alias("approx_viewers"),
        F.sum("carts").alias("carts"),
    )


def _linear_count(ones: Column) -> Column:
    """How many values set so many of `BITS` bits (linear counting, Whang 1990): the same on every engine."""
    free = F.greatest(F.lit(1.0 / BITS), F.lit(1.0) - ones / F.lit(BITS))
    return F.round(-F.log(free) * BITS).cast("bigint")


def _sold(order_lines: DataFrame) -> DataFrame:
    is_sale, is_return = F.col("kind") == "sale", F.col("kind") == "return"
    goods = order_lines.where((F.col("line_class") == "goods") & (is_sale | is_return))
    return goods.groupBy("feed", "product_id", F.col("order_date").alias("event_date")).agg(
        F.count_distinct(F.when(is_sale, F.col("order_id"))).alias("orders"),
        F.sum(F.when(is_sale, F.col("quantity"))).cast("bigint").alias("units"),
        money.total("amount", is_sale).alias("gross"),
        (-money.total("amount", is_return)).cast(money.SUM).alias("returns"),
    )
