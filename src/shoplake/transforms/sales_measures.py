"""Sales measures of order lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import col

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, GroupedData

MEASURES = (
    col("orders", "bigint", "Distinct orders with a goods sale", unit="orders"),
    col("customers", "bigint", "Distinct known customers with a goods sale", unit="customers"),
    col("units_sold", "bigint", "Goods sold", unit="pieces"),
    col("gross_sales", "decimal(18,2)", "Sum of the goods sales", unit="currency"),
    col("discounts", "decimal(18,2)", "Discounts, positive", unit="currency"),
    col("returns", "decimal(18,2)", "Goods returned, positive", unit="currency"),
    col("net_sales", "decimal(18,2)", "gross_sales - discounts - returns", unit="currency"),
    col("shipping", "decimal(18,2)", "Shipping paid, less shipping paid back", unit="currency"),
    col("other", "decimal(18,2)", "Lines that are neither goods, shipping nor discount", unit="currency"),
    col("average_order_value", "decimal(18,2)", "(gross - discounts) / orders; null without orders", unit="currency"),
)


def aggregate_sales(lines: GroupedData, *by: str) -> DataFrame:
    """Aggregate grouped order lines to the columns `by` and `MEASURES`."""
    is_goods = F.col("line_class") == "goods"
    is_sale, is_return = is_goods & (F.col("kind") == "sale"), is_goods & (F.col("kind") == "return")
    totals = lines.agg(
        F.count_distinct(F.when(is_sale, F.col("order_id"))).alias("orders"),
        F.count_distinct(F.when(is_sale, F.col("customer_id"))).alias("customers"),
        F.coalesce(F.sum(F.when(is_sale, F.col("quantity"))), F.lit(0)).cast("bigint").alias("units_sold"),
        money.total("amount", is_sale).alias("gross_sales"),
        (-money.total("amount", F.col("line_class") == "discount")).cast(money.SUM).alias("discounts"),
        (-money.total("amount", is_return)).cast(money.SUM).alias("returns"),
        money.total("amount", F.col("line_class") == "shipping").alias("shipping"),
        money.total("amount", F.col("line_class") == "other").alias("other"),
    )
    before_returns = F.col("gross_sales") - F.col("discounts")
    return totals.select(
        *by,
        "orders",
        "customers",
        "units_sold",
        "gross_sales",
        "discounts",
        "returns",
        (before_returns - F.col("returns")).cast(money.SUM).alias("net_sales"),
        "shipping",
        "other",
        (before_returns / F.nullif("orders", F.lit(0))).cast(money.SUM).alias("average_order_value"),
    )
