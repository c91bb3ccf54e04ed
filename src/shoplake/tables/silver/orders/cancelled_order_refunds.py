from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.known_columns import select_distinct
from shoplake.transforms.sales.sales_measures import is_cancelled


@table(
    "silver",
    key=["feed", "order_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("order_id", "string", "The cancelled order"),
        col("first_date", "date", "The shop's local day of its first refund"),
        col("last_date", "date", "The shop's local day of its last refund"),
    ],
)
def cancelled_order_refunds(order_lines: DataFrame) -> DataFrame:
    """One row per cancelled order that has a refund, with the days of its refunds.

    What was never a sale cannot be returned, so that sales leave these refunds out. Shops send a cancellation, a refund
    or both, in any order. An order is cancelled if it has a cancelled line that is no return, and no sale that is not
    cancelled.
    """
    is_sold, is_void = F.col("kind") == "sale", (F.col("kind") != "return") & is_cancelled()
    orders = select_distinct(order_lines.where(is_void), ("feed", "order_id"))
    refund_date = F.when(F.col("kind") == "return", F.col("order_date"))
    dates = (
        order_lines.join(F.broadcast(orders), on=["feed", "order_id"], how="semi")
        .groupBy("feed", "order_id")
        .agg(
            F.min(refund_date).alias("first_date"),
            F.max(refund_date).alias("last_date"),
            F.count_if(is_sold & ~is_cancelled()).alias("sales"),
        )
    )
    refunded = dates.where((F.col("sales") == 0) & F.col("first_date").isNotNull())
    return refunded.select("feed", "order_id", "first_date", "last_date")
