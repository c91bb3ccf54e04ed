from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Feeds, Replace, col, table
from shoplake.transforms import sales_measures
from shoplake.transforms.convert_currency import line_currency


@table(
    "gold",
    key=["feed", "sales_date", "currency"],
    write=Replace(
        partition_by="sales_date",
        input_partitions={"order_lines": "order_date", "cancelled_order_refunds": ("first_date", "last_date")},
    ),
    columns=[
        col("feed", "string", "The feed"),
        col("sales_date", "date", "The shop's local day; a return counts on the day of the return"),
        col("currency", "string", "ISO 4217 code of the lines, or else of the feed; null if neither has one"),
        *sales_measures.MEASURES,
    ],
)
def sales_daily(order_lines: DataFrame, cancelled_order_refunds: DataFrame, *, feeds: Feeds) -> DataFrame:
    """One row per feed, day and currency: sales, discounts and returns.

    Money of different currencies is never added up. A sum leaves out lines whose price is unknown, and is null where
    no price is known. A cancelled order is no sale: it only counts in `cancelled_orders` and `cancelled_sales`, on the
    day of the order. Nor is its refund a return, whichever of the two arrives first.
    """
    lines = sales_measures.cancel_refunds(order_lines, cancelled_order_refunds)
    days = lines.groupBy("feed", F.col("order_date").alias("sales_date"), line_currency(feeds).alias("currency"))
    return sales_measures.aggregate_sales(days, "feed", "sales_date", "currency")
