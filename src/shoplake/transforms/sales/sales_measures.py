"""Sales measures of order lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.distinct import count_distinct
from shoplake.declare import col

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, GroupedData

MEASURES = (
    col("orders", "bigint", "Distinct orders with a goods sale, without cancelled ones", unit="orders"),
    col("customers", "bigint", "Distinct known customers with a goods sale", unit="customers"),
    col("units_sold", "bigint", "Goods sold", unit="pieces"),
    col("gross_sales", "decimal(18,2)", "Sum of the goods sales", unit="currency"),
    col("discounts", "decimal(18,2)", "Discounts, positive", unit="currency"),
    col("returns", "decimal(18,2)", "Goods returned, positive", unit="currency"),
    col("net_sales", "decimal(18,2)", "gross_sales - discounts - returns", unit="currency"),
    col("tax", "decimal(18,2)", "Tax of all lines, negative in returns; null if no line has a tax", unit="currency"),
    col("shipping", "decimal(18,2)", "Shipping paid, less shipping paid back", unit="currency"),
    col("other", "decimal(18,2)", "Lines that are neither goods, shipping, discount nor tax", unit="currency"),
    col("cancelled_orders", "bigint", "Distinct cancelled orders with a goods sale", unit="orders"),
    col("cancelled_sales", "decimal(18,2)", "Sum of their goods sales, which no other measure counts", unit="currency"),
    col("average_order_value", "decimal(18,2)", "(gross - discounts) / orders; null without orders", unit="currency"),
)


def is_cancelled() -> Column:
    """Whether an order line is of a cancelled document, which is no sale; a line without a status is not."""
    return F.coalesce(F.col("status") == "cancelled", F.lit(False))


def cancel_refunds(order_lines: DataFrame, cancelled_order_refunds: DataFrame) -> DataFrame:
    """Return the order lines; those of the orders in `cancelled_order_refunds` have the status `cancelled`.

    A refund of a cancelled order is a document of its own, without that status. Adds `_is_void`.
    """
    orders = cancelled_order_refunds.select("feed", "order_id", F.lit(True).alias("_is_void"))
    status = F.when(F.col("_is_void"), "cancelled").otherwise(F.col("status"))
    joined = order_lines.join(F.broadcast(orders), on=["feed", "order_id"], how="left")
    return joined.withColumn("status", status)


def aggregate_sales(lines: GroupedData, *by: str) -> DataFrame:
    """Aggregate grouped order lines to the columns `by` and `MEASURES`. Lines of cancelled documents count apart."""
    is_goods, counts = F.col("line_class") == "goods", ~is_cancelled()
    is_goods_sale = is_goods & (F.col("kind") == "sale")
    is_sale, is_return = is_goods_sale & counts, is_goods & (F.col("kind") == "return") & counts
    is_cancelled_sale = is_goods_sale & ~counts
    tax = F.when(F.col("line_class") == "tax", F.col("amount")).otherwise(F.col("tax"))
    totals = lines.agg(
        count_distinct(F.when(is_sale, F.col("order_id"))).alias("orders"),
        count_distinct(F.when(is_sale, F.col("customer_id"))).alias("customers"),
        F.coalesce(F.sum(F.when(is_sale, F.col("quantity"))), F.lit(0)).cast("bigint").alias("units_sold"),
        money.total("amount", is_sale).alias("gross_sales"),
        (-money.total("amount", (F.col("line_class") == "discount") & counts)).cast(money.SUM).alias("discounts"),
        (-money.total("amount", is_return)).cast(money.SUM).alias("returns"),
        F.sum(F.when(counts, tax)).cast(money.SUM).alias("tax"),
        money.total("amount", (F.col("line_class") == "shipping") & counts).alias("shipping"),
        money.total("amount", (F.col("line_class") == "other") & counts).alias("other"),
        count_distinct(F.when(is_cancelled_sale, F.col("order_id"))).alias("cancelled_orders"),
        money.total("amount", is_cancelled_sale).alias("cancelled_sales"),
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
        "tax",
        "shipping",
        "other",
        "cancelled_orders",
        "cancelled_sales",
        (before_returns / F.nullif("orders", F.lit(0))).cast(money.SUM).alias("average_order_value"),
    )
