from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.columns.distinct import count_distinct
from shoplake.declare import Replace, col, table
from shoplake.transforms.products.association import wilson_high, wilson_low
from shoplake.transforms.sales.sales_measures import cancel_refunds, is_cancelled


@table(
    "gold",
    key=["feed", "product_id"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("product_id", "string", "The product"),
        col("orders", "bigint", "Distinct orders that bought it", unit="orders"),
        col("units_sold", "bigint", "Pieces sold", unit="pieces"),
        col("units_returned", "bigint", "Pieces returned, positive", unit="pieces"),
        col("return_rate", "double", "units_returned / units_sold; null without sales, above 1 if sold earlier"),
        col("rate_low", "double", "Lower bound of its 95 % Wilson interval", unit="ratio"),
        col("rate_high", "double", "Upper bound of its 95 % Wilson interval", unit="ratio"),
        col("first_order_date", "date", "The first sale; null without sales"),
        col("last_return_date", "date", "The last return; null without returns"),
    ],
)
def product_returns(order_lines: DataFrame, cancelled_order_refunds: DataFrame) -> DataFrame:
    """One row per feed and product that was sold or returned: its return rate in pieces over all time.

    A return counts whenever it arrives, for whichever order: the pieces of the last weeks may still come back, so that
    the rate of a new product is too low. Rates by money, or by the orders of a cohort, differ. The interval treats
    pieces as independent; an order that returns several at once makes it too narrow. More returns than sales count as
    all of them in the interval. Cancelled orders and their refunds are left out.
    """
    is_counted = (F.col("line_class") == "goods") & F.col("kind").isin("sale", "return") & ~is_cancelled()
    is_sale, is_return = F.col("kind") == "sale", F.col("kind") == "return"
    pieces = F.col("quantity").cast("bigint")
    known = cancel_refunds(order_lines, cancelled_order_refunds)
    counts = known.where(is_counted & F.col("product_id").isNotNull()).groupBy("feed", "product_id")
    sums = counts.agg(
        count_distinct(F.when(is_sale, F.col("order_id"))).alias("orders"),
        F.coalesce(F.sum(F.when(is_sale, pieces)), F.lit(0)).cast("bigint").alias("units_sold"),
        F.coalesce(F.sum(F.when(is_return, -pieces)), F.lit(0)).cast("bigint").alias("units_returned"),
        F.min(F.when(is_sale, F.col("order_date"))).alias("first_order_date"),
        F.max(F.when(is_return, F.col("order_date"))).alias("last_return_date"),
    )
    capped = sums.withColumn("_returned", F.least("units_returned", "units_sold"))
    return capped.select(
        *("feed", "product_id", "orders", "units_sold", "units_returned"),
        money.ratio("units_returned", "units_sold").alias("return_rate"),
        wilson_low("_returned", "units_sold").alias("rate_low"),
        wilson_high("_returned", "units_sold").alias("rate_high"),
        *("first_order_date", "last_return_date"),
    )
