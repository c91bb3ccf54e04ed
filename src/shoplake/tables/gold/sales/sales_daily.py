from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms import sales_measures


@table(
    "gold",
    key=["feed", "sales_date"],
    write=Replace(partition_by="sales_date", input_partitions={"order_lines": "order_date"}),
    columns=[
        col("feed", "string", "The feed"),
        col("sales_date", "date", "The shop's local day; a return counts on the day of the return"),
        *sales_measures.MEASURES,
    ],
)
def sales_daily(order_lines: DataFrame) -> DataFrame:
    """One row per feed and day: sales, discounts and returns.

    A cancelled order is no sale: it only counts in `cancelled_orders` and `cancelled_sales`, on the day of the order.
    """
    days = order_lines.groupBy("feed", F.col("order_date").alias("sales_date"))
    return sales_measures.aggregate_sales(days, "feed", "sales_date")
