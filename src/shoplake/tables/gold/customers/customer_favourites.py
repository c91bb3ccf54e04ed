from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Feeds, RebuildKeys, Replace, col, table
from shoplake.transforms.first_rows import first_rows
from shoplake.transforms.known_columns import select_distinct
from shoplake.transforms.sales.changed_orders import CUSTOMER, CUSTOMERS_BY_RATE
from shoplake.transforms.sales.convert_currency import convert_currency

UNKNOWN = "(none)"
BY_CUSTOMER = RebuildKeys(CUSTOMER, {"order_values": CUSTOMER}, {"exchange_rate_periods": CUSTOMERS_BY_RATE})


@table(
    "gold",
    key=["feed", "customer_id"],
    write=Replace(rebuild_keys=BY_CUSTOMER),
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("favourite_category", "string", "The category with the highest net; null if no category is known"),
        col("favourite_channel", "string", "The channel of the orders with the highest net; null if none is known"),
    ],
)
def customer_favourites(order_values: DataFrame, exchange_rate_periods: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per customer with an order: the category and the channel that most of the net is spent on.

    Net is before returns and without cancelled orders, in the feed's currency. Of equal ones the first by name counts.
    """
    is_sale = (F.col("kind") == "sale") & ~F.col("is_cancelled") & F.col("customer_id").isNotNull()
    lines = convert_currency(
        order_values.where(is_sale), exchange_rate_periods, feeds, day="order_date", amount="net"
    ).select("feed", "customer_id", "category", "channel", "net")
    customers = select_distinct(lines, ("feed", "customer_id"))
    category = _favourite(lines.where(F.col("category").isNotNull()), "category")
    channel = _favourite(lines.where(F.col("channel") != UNKNOWN), "channel")
    return (
        customers.join(category, on=["feed", "customer_id"], how="left")
        .join(channel, on=["feed", "customer_id"], how="left")
        .select("feed", "customer_id", "favourite_category", "favourite_channel")
    )


def _favourite(lines: DataFrame, of: str) -> DataFrame:
    """Return the value of the column `of` with the highest net by customer."""
    sums = lines.groupBy("feed", "customer_id", of).agg(F.coalesce(F.sum("net"), F.lit(0)).alias("_net"))
    best = first_rows(sums, ["feed", "customer_id"], [F.desc("_net"), of])
    return best.select("feed", "customer_id", F.col(of).alias(f"favourite_{of}"))
