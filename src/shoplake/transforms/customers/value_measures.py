"""Sales measures of order values, each on the day on which it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.distinct import count_distinct
from shoplake.declare import Replace, col

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

UNKNOWN = "(unknown)"
"""The row of lines whose country or category is unknown."""
MEASURES = (
    col("orders", "bigint", "Distinct orders with a sale, without cancelled ones; not additive", unit="orders"),
    col("first_orders", "bigint", "Those that are their customer's first; not additive", unit="orders"),
    col("customers", "bigint", "Distinct known customers with a sale; not additive", unit="customers"),
    col("units_sold", "bigint", "Goods sold", unit="pieces"),
    col("gross_sales", "decimal(18,4)", "Sum of the goods sales", unit="currency"),
    col("discounts", "decimal(18,4)", "Discounts, positive, allocated over the goods", unit="currency"),
    col("returns", "decimal(18,4)", "Goods returned on that day, positive", unit="currency"),
    col("net_sales", "decimal(18,4)", "gross_sales - discounts - returns", unit="currency"),
    col("cost", "decimal(18,4)", "Cost of the goods sold, less that of the goods returned", unit="currency"),
    col("margin", "decimal(18,4)", "Net sales less cost, of goods whose cost is known", unit="currency"),
    col("cancelled_orders", "bigint", "Distinct cancelled orders with a sale; not additive", unit="orders"),
    col("cancelled_sales", "decimal(18,4)", "Sum of their goods sales, which no other measure counts", unit="currency"),
    col(
        "average_order_value",
        "decimal(18,2)",
        "(gross_sales - discounts) / orders; not additive; null without orders",
        unit="currency",
    ),
)
"""Four decimals, so that the sums over a day are those of the day before they are rounded."""
ADDITIVE = ("units_sold", "gross_sales", "discounts", "returns", "net_sales", "cost", "margin", "cancelled_sales")
"""The measures that add up over countries, categories and channels."""
PER_LINE = ("feed", "currency")
DAY = ("feed", "sales_date", "currency")
"""The key of the sales of a day."""
BY_DAY = Replace(partition_by="sales_date", input_partitions={"order_values": "sales_dates"})
"""How a table of the sales of a day is written."""


def dated_values(order_values: DataFrame, *dimensions: str) -> DataFrame:
    """Return one row per order value on the day of the order, and per return on the day of the return.

    Columns: `feed, currency`, the `dimensions`, `sales_date`, and what the row adds to the measures, null where it adds
    nothing: `order_id, first_order_id, customer_id, units, gross, discount, return_id, returned, cost, margin,
    cancelled_order_id, cancelled_gross`. A cancelled line adds to the last two only.
    """
    is_sale, is_cancelled = F.col("kind") == "sale", F.col("is_cancelled")

    def of_sale(value: str, where: Column = ~is_cancelled) -> Column:
        return F.when(is_sale & where, F.col(value))

    ordered = order_values.select(
        *(*PER_LINE, *dimensions),
        F.col("order_date").alias("sales_date"),
        of_sale("order_id").alias("order_id"),
        of_sale("order_id", F.col("is_first_order") & ~is_cancelled).alias("first_order_id"),
        of_sale("customer_id").alias("customer_id"),
        of_sale("quantity").alias("units"),
        of_sale("gross").alias("gross"),
        F.when(~is_cancelled, F.col("discount")).alias("discount"),
        _nothing("string", "return_id"),
        _nothing(money.UNIT, "returned"),
        of_sale("cost").alias("cost"),
        F.when(~is_cancelled, F.col("margin")).alias("margin"),
        of_sale("order_id", is_cancelled).alias("cancelled_order_id"),
        of_sale("gross", is_cancelled).alias("cancelled_gross"),
    )
    return ordered.unionAll(_dated_returns(order_values, *PER_LINE, *dimensions))


def _dated_returns(order_values: DataFrame, *names: str) -> DataFrame:
    each = order_values.select(*names, "order_id", "unit_cost", F.explode("returns").alias("each"))
    cost = (-money.amount(F.col("each.quantity"), F.col("unit_cost"))).cast(money.UNIT)
    return each.select(
        *names,
        F.col("each.return_date").alias("sales_date"),
        *[_nothing("string", name) for name in ("sold_id", "first_order_id", "customer_id")],
        _nothing("int", "units"),
        *[_nothing(money.UNIT, name) for name in ("gross", "discount")],
        F.col("order_id").alias("return_id"),
        F.col("each.amount").alias("returned"),
        cost.alias("cost"),
        (-F.col("each.amount") - cost).cast(money.UNIT).alias("margin"),
        _nothing("string", "cancelled_order_id"),
        _nothing(money.UNIT, "cancelled_gross"),
    )


def aggregate_values(dated: DataFrame, by: Sequence[str]) -> DataFrame:
    """Aggregate the rows of `dated_values` to the columns `by` and `MEASURES`."""
    totals = dated.groupBy(*by).agg(
        count_distinct(F.col("order_id")).alias("orders"),
        count_distinct(F.col("first_order_id")).alias("first_orders"),
        count_distinct(F.col("customer_id")).alias("customers"),
        F.coalesce(F.sum("units"), F.lit(0)).cast("bigint").alias("units_sold"),
        _total("gross", "order_id").alias("gross_sales"),
        _total("discount").alias("discounts"),
        _total("returned", "return_id").alias("returns"),
        _total("cost", "order_id", "return_id").alias("cost"),
        _total("margin", "order_id", "return_id").alias("margin"),
        count_distinct(F.col("cancelled_order_id")).alias("cancelled_orders"),
        _total("cancelled_gross", "cancelled_order_id").alias("cancelled_sales"),
    )
    before_returns = F.col("gross_sales") - F.col("discounts")
    derived = totals.withColumns(
        {
            "net_sales": (before_returns - F.col("returns")).cast(money.UNIT),
            "average_order_value": (before_returns / F.nullif("orders", F.lit(0))).cast(money.SUM),
        }
    )
    return derived.select(*by, *[each.name for each in MEASURES])


def break_down(order_values: DataFrame, *dimensions: str) -> DataFrame:
    """Aggregate order values to the sales of a feed, day and currency by `dimensions`, in which unknown is a value."""
    values = order_values.withColumns({name: known(name) for name in dimensions})
    return aggregate_values(dated_values(values, *dimensions), (*DAY, *dimensions))


def known(dimension: str) -> Column:
    """Return a dimension in which the unknown is a value of its own."""
    return F.when(F.col(dimension).isNull(), F.lit(UNKNOWN)).otherwise(F.col(dimension)).alias(dimension)


def _total(amount: str, *present: str) -> Column:
    """Sum the known amounts: 0 where there is nothing to add, null where a column of `present` is and no amount."""
    is_absent = F.lit(True)
    for name in present:
        is_absent = is_absent & (F.count(name) == 0)
    return F.coalesce(F.sum(amount), F.when(is_absent, F.lit(0))).cast(money.UNIT)


def _nothing(type: str, name: str) -> Column:
    return F.lit(None).cast(type).alias(name)
