from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.distinct import count_distinct
from shoplake.declare import Feeds, Replace, col, table
from shoplake.transforms.customers.rfm import SCORE_COLUMNS, SCORES, name_segment, score_rfm, value_tier
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
    key=["feed", "customer_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("as_of_date", "date", "Reference day of the measures: the day after the feed's last order"),
        col("first_order_date", "date", "The shop's local day of the first order"),
        col("last_order_date", "date", "The shop's local day of the last order"),
        col("recency_days", "int", "Days from the last order to `as_of_date`", unit="days"),
        col("frequency", "bigint", "Orders in the 365 days before `as_of_date`", unit="orders"),
        col("monetary", "decimal(18,2)", "Net sales in those 365 days", unit="currency"),
        col("lifetime_orders", "bigint", "Orders before `as_of_date`", unit="orders"),
        col("lifetime_net", "decimal(18,2)", "Net sales before `as_of_date`", unit="currency"),
        *SCORE_COLUMNS,
        col("segment", "string", "The segment's name: champions, loyal, big_spenders … lost"),
        col("value_tier", "string", "By lifetime net: platinum top 5 %, gold next 15 %, silver next 30 %, bronze"),
        *CONVERTED_COLUMNS,
    ],
    expectations=[RATE_KNOWN],
)
def customer_segments(
    order_lines: DataFrame,
    cancelled_order_refunds: DataFrame,
    exchange_rate_periods: DataFrame,
    *,
    feeds: Feeds,
    as_of: str | None = None,
    window_days: int = 365,
) -> DataFrame:
    """One row per feed and customer with an order of goods: recency, frequency and monetary value (RFM), scored 1 to 5.

    Cancelled orders and their refunds are left out. A score is `ceil(5 × cume_dist())`, so equal values share one.
    `as_of` is a day such as `2011-06-01`. A return on `as_of_date` or later is not counted yet; `gold.customer_360` has
    it in `net`. Sums leave out lines whose price or exchange rate is unknown; where nothing
    is known, the sum and what follows from it (monetary score, `rfm`, value tier) are null.
    """
    lines = cancel_refunds(order_lines, cancelled_order_refunds).where(~is_cancelled())
    named = lines.where(F.col("customer_id").isNotNull())
    known_lines = convert_currency(named, exchange_rate_periods, feeds, day="order_date", amount="amount")
    customers = _aggregate(known_lines, _as_of(lines, as_of), window_days).where("lifetime_orders > 0")
    scored = score_rfm(customers, "feed")
    return scored.withColumn("value_tier", value_tier("lifetime_net", "feed")).select(
        "feed",
        "customer_id",
        "as_of_date",
        "first_order_date",
        "last_order_date",
        "recency_days",
        "frequency",
        "monetary",
        "lifetime_orders",
        "lifetime_net",
        *SCORES,
        F.concat(*[F.col(score).cast("string") for score in SCORES]).alias("rfm"),
        name_segment().alias("segment"),
        "value_tier",
        feed_currency(feeds).alias("currency"),
        "lines_without_rate",
    )


def _as_of(lines: DataFrame, as_of: str | None) -> DataFrame:
    """Return for each feed the day after its last order, or `as_of`."""
    last = F.max(F.when(_is_goods("sale"), F.col("order_date")))
    reference_day = F.date_add(last, 1) if as_of is None else F.lit(as_of).cast("date")
    return lines.groupBy("feed").agg(reference_day.alias("as_of_date"))


def _is_goods(kind: str) -> Column:
    return (F.col("line_class") == "goods") & (F.col("kind") == kind)


def _aggregate(lines: DataFrame, as_of: DataFrame, window_days: int) -> DataFrame:
    dated = lines.join(as_of, on="feed", how="inner").where("order_date < as_of_date")
    is_sale = _is_goods("sale")
    is_net = is_sale | _is_goods("return") | (F.col("line_class") == "discount")
    is_recent = F.col("order_date") >= F.date_sub("as_of_date", window_days)
    measures = dated.groupBy("feed", "customer_id", "as_of_date").agg(
        F.min(F.when(is_sale, F.col("order_date"))).alias("first_order_date"),
        F.max(F.when(is_sale, F.col("order_date"))).alias("last_order_date"),
        count_distinct(F.when(is_sale & is_recent, F.col("order_id"))).alias("frequency"),
        money.total("amount", is_net & is_recent).alias("monetary"),
        count_distinct(F.when(is_sale, F.col("order_id"))).alias("lifetime_orders"),
        money.total("amount", is_net).alias("lifetime_net"),
        count_without_rate(is_net),
    )
    return measures.withColumn("recency_days", F.datediff("as_of_date", "last_order_date").cast("int"))
