from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.distinct import count_distinct
from shoplake.declare import Feeds, Replace, agrees, col, table
from shoplake.transforms.sales.convert_currency import (
    CONVERTED_COLUMNS,
    RATE_KNOWN,
    convert_currency,
    count_without_rate,
    feed_currency,
)
from shoplake.transforms.sales.sales_measures import cancel_refunds, is_cancelled


@table(
    "gold",
    key=["feed", "product_id", "event_date"],
    write=Replace(
        partition_by="event_date",
        input_partitions={
            "order_lines": "order_date",
            "cancelled_order_refunds": ("first_date", "last_date"),
            "exchange_rate_periods": ("first_date", "last_date"),
        },
    ),
    partition_by=["event_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("product_id", "string", "The product"),
        col("event_date", "date", "The shop's local day"),
        col("views", "bigint", "Product views", unit="events"),
        col("viewers", "bigint", "Distinct visitors who viewed it", unit="visitors"),
        col(
            "approx_viewers",
            "bigint",
            "Approximate distinct viewers (linear counting, error under 1 %)",
            unit="visitors",
        ),
        col("carts", "bigint", "Add-to-cart events", unit="events"),
        col("orders", "bigint", "Distinct orders with the product", unit="orders"),
        col("units", "bigint", "Quantity sold", unit="pieces"),
        col("gross", "decimal(18,2)", "Gross sales", unit="currency"),
        col("returns", "decimal(18,2)", "Returns of that day, positive", unit="currency"),
        col("net", "decimal(18,2)", "gross - returns", unit="currency"),
        col("conversion", "double", "orders / viewers; null without viewers"),
        col("sales_rank", "int", "Rank within the day by gross, then units, then product_id; 1 is best"),
        *CONVERTED_COLUMNS,
    ],
    expectations=[RATE_KNOWN],
    gates=[
        agrees(
            "gross_sales_of_order_lines",
            "SELECT sum(gross) FROM gold.product_performance_daily",
            "SELECT cast(sum(try_cast(l.amount * "
            "CASE WHEN l.currency IS NULL OR upper(l.currency) = o.own THEN 1 ELSE r.rate END AS decimal(14,4))) "
            "AS decimal(18,2)) FROM silver.order_lines l "
            "JOIN (SELECT feed, max(currency) AS own FROM gold.product_performance_daily GROUP BY feed) o "
            "ON l.feed = o.feed "
            "LEFT JOIN silver.exchange_rate_periods r ON l.feed = r.feed AND upper(l.currency) = r.currency "
            "AND l.order_date >= r.first_date AND (r.last_date IS NULL OR l.order_date <= r.last_date) "
            "WHERE coalesce(status, '') <> 'cancelled' AND l.line_class = 'goods' AND l.kind = 'sale'",
            cents_per_row=1,
        )
    ],
)
def product_performance_daily(
    events: DataFrame,
    order_lines: DataFrame,
    cancelled_order_refunds: DataFrame,
    exchange_rate_periods: DataFrame,
    *,
    feeds: Feeds,
) -> DataFrame:
    """One row per feed, product and day with views, cart additions, sales or returns; bots are excluded.

    Cancelled orders are no sales, and their refunds no returns.

    Sums leave out lines whose price or exchange rate is unknown, and are null where nothing is known.
    """
    goods = _filter_goods(cancel_refunds(order_lines, cancelled_order_refunds))
    goods = convert_currency(goods, exchange_rate_periods, feeds, day="order_date", amount="amount")
    joined = _aggregate_views(events).join(_aggregate_sales(goods), on=["feed", "product_id", "event_date"], how="full")
    has_sales = F.col("orders").isNotNull()
    gross, returns = (F.when(has_sales, F.col(name)).otherwise(F.lit(0)) for name in ("gross", "returns"))
    measures = joined.select(
        "feed",
        "product_id",
        "event_date",
        *[
            F.coalesce(name, F.lit(0)).alias(name)
            for name in ("views", "viewers", "approx_viewers", "carts", "orders", "units")
        ],
        gross.cast(money.SUM).alias("gross"),
        returns.cast(money.SUM).alias("returns"),
        F.coalesce("lines_without_rate", F.lit(0)).alias("lines_without_rate"),
        (gross - returns).cast(money.SUM).alias("net"),
    )
    best_first = [F.desc_nulls_last("gross"), F.desc("units"), F.asc("product_id")]
    in_day = Window.partitionBy("feed", "event_date").orderBy(*best_first)
    return measures.select(
        *("feed", "product_id", "event_date", "views", "viewers", "approx_viewers", "carts", "orders", "units"),
        *("gross", "returns", "net"),
        money.ratio("orders", "viewers").alias("conversion"),
        F.row_number().over(in_day).alias("sales_rank"),
        feed_currency(feeds).alias("currency"),
        "lines_without_rate",
    )


BITS = 1 << 20
"""Size of the bitmap that approximates a count; it bounds the memory per product and day."""


def _aggregate_views(events: DataFrame) -> DataFrame:
    """Aggregate views and carts by visitor, then by product, which also distributes the work on a popular product."""
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
    """Estimate the number of distinct values from the set bits of `BITS` (linear counting, Whang 1990)."""
    free_share = F.greatest(F.lit(1.0 / BITS), F.lit(1.0) - ones / F.lit(BITS))
    return F.round(-F.log(free_share) * BITS).cast("bigint")


def _filter_goods(order_lines: DataFrame) -> DataFrame:
    is_good = (F.col("line_class") == "goods") & F.col("kind").isin("sale", "return")
    return order_lines.where(is_good & ~is_cancelled())


def _aggregate_sales(goods: DataFrame) -> DataFrame:
    is_sale, is_return = F.col("kind") == "sale", F.col("kind") == "return"
    return goods.groupBy("feed", "product_id", F.col("order_date").alias("event_date")).agg(
        count_distinct(F.when(is_sale, F.col("order_id"))).alias("orders"),
        F.sum(F.when(is_sale, F.col("quantity"))).cast("bigint").alias("units"),
        money.total("amount", is_sale).alias("gross"),
        (-money.total("amount", is_return)).cast(money.SUM).alias("returns"),
        count_without_rate(),
    )
