from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Feeds, Replace, col, table
from shoplake.transforms.customers.customer_activity import (
    MARGIN,
    MEASURES,
    SALES,
    VISITS,
    combine,
    net,
    sum_margins,
    sum_sales,
    sum_sessions,
)
from shoplake.transforms.customers.customer_ties import day_ties
from shoplake.transforms.sales.convert_currency import RATE_KNOWN, convert_currency, feed_currency
from shoplake.transforms.sales.sales_measures import cancel_refunds


@table(
    "gold",
    key=["feed", "customer_id", "activity_date"],
    write=Replace(
        partition_by="activity_date",
        input_partitions={
            "order_lines": "order_date",
            "order_values": "order_date",
            "sessions": "session_date",
            "session_identity": "session_date",
            "exchange_rate_periods": ("first_date", "last_date"),
        },
    ),
    partition_by=["activity_date", "activity_month"],
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer; null for all guests of the day"),
        col("activity_date", "date", "The shop's local day of the orders, returns and session starts"),
        col("activity_month", "date", "The first day of its month"),
        col("currency", "string", "The feed's currency, ISO 4217; amounts in others are converted"),
        *MEASURES,
    ],
    expectations=[RATE_KNOWN],
    ties=day_ties(),
)
def customer_days(
    order_lines: DataFrame,
    cancelled_order_refunds: DataFrame,
    order_values: DataFrame,
    sessions: DataFrame,
    session_identity: DataFrame,
    exchange_rate_periods: DataFrame,
    *,
    feeds: Feeds,
) -> DataFrame:
    """One row per customer and day with an order, a return or a session, and one for the guests of a day.

    It is the additive state of all tables by customer: sums over it are those of the order lines to the fourth decimal.
    Money is in the feed's currency. Cancelled orders are no sales; a return counts on its own day. Sessions are those
    of the person (`silver.session_identity`), so that visits before a login count for the customer.
    """
    known = cancel_refunds(order_lines, cancelled_order_refunds)
    lines = convert_currency(known, exchange_rate_periods, feeds, day="order_date", amount="amount")
    margins = convert_currency(order_values, exchange_rate_periods, feeds, day="order_date", amount="margin")
    visits = sum_sessions(sessions, session_identity)
    days = combine((sum_sales(lines), SALES), (sum_margins(margins), MARGIN), (visits, VISITS))
    return days.withColumn("net", net()).select(
        "feed",
        "customer_id",
        "activity_date",
        F.trunc("activity_date", "month").alias("activity_month"),
        feed_currency(feeds).alias("currency"),
        *[each.name for each in MEASURES],
    )
