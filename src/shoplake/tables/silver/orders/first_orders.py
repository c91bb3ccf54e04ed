from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.first_rows import first_rows
from shoplake.transforms.sales.sales_measures import is_cancelled


@table(
    "silver",
    key=["feed", "customer_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("order_id", "string", "The customer's first order with goods"),
        col("ordered_at", "timestamp", "Time of that order", unit="UTC"),
    ],
)
def first_orders(order_lines: DataFrame) -> DataFrame:
    """One row per customer with a sale of goods: the first order.

    It is the earliest by time, then by order id, without cancelled ones. Guests have none.
    """
    is_sale = (F.col("line_class") == "goods") & (F.col("kind") == "sale") & ~is_cancelled()
    sales = order_lines.where(is_sale & F.col("customer_id").isNotNull())
    names = ["feed", "customer_id", "order_id", "ordered_at"]
    return first_rows(sales.select(*names), ["feed", "customer_id"], ["ordered_at", "order_id"]).select(*names)
