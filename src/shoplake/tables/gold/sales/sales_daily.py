from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Feeds, Replace, agrees, col, table
from shoplake.transforms.customers import value_measures
from shoplake.transforms.sales import sales_measures, sales_metrics
from shoplake.transforms.sales.convert_currency import line_currency
from shoplake.transforms.sales.sales_ties import day_ties

KEY = ("feed", "sales_date", "currency")
ADDED = (
    col("first_orders", "bigint", "Those orders that are their customer's first; guests have none", unit="orders"),
    col("cost", "decimal(18,2)", "Cost of the goods sold, less that of the goods returned", unit="currency"),
    col("margin", "decimal(18,2)", "Net sales less cost, of goods whose cost is known", unit="currency"),
)
"""The measures that need more than order lines."""


@table(
    "gold",
    key=KEY,
    write=Replace(
        partition_by="sales_date",
        input_partitions={
            "order_lines": "order_date",
            "cancelled_order_refunds": ("first_date", "last_date"),
            "order_values": "sales_dates",
        },
    ),
    columns=[
        col("feed", "string", "The feed"),
        col("sales_date", "date", "The shop's local day; a return counts on the day of the return"),
        col("currency", "string", "ISO 4217 code of the lines, or else of the feed; null if neither has one"),
        *sales_measures.MEASURES,
        *ADDED,
    ],
    ties=day_ties(),
    metrics=sales_metrics.SALES,
    gates=[
        agrees(
            "net_sales_of_order_lines",
            "SELECT sum(coalesce(gross_sales, 0) - coalesce(discounts, 0) - coalesce(returns, 0)) "
            "FROM gold.sales_daily",
            "SELECT cast(sum(amount) AS decimal(18,2)) FROM silver.order_lines "
            "LEFT ANTI JOIN silver.cancelled_order_refunds USING (feed, order_id) "
            "WHERE coalesce(status, '') <> 'cancelled' "
            "AND (line_class = 'discount' OR (line_class = 'goods' AND kind IN ('sale', 'return')))",
            cents_per_row=1,
        )
    ],
)
def sales_daily(
    order_lines: DataFrame, cancelled_order_refunds: DataFrame, order_values: DataFrame, *, feeds: Feeds
) -> DataFrame:
    """One row per feed, day and currency: sales, discounts and returns.

    Money of different currencies is never added up. A sum leaves out lines whose price is unknown, and is null where
    no price is known. A cancelled order is no sale: it only counts in `cancelled_orders` and `cancelled_sales`, on the
    day of the order. Nor is its refund a return, whichever of the two arrives first. Returns count on their own day,
    where many shop reports change the day of the order.

    The margin is net sales less the cost of the goods, of those lines whose cost is known: discounts and returns lower
    it, shipping and tax do not. Where every cost is known it is `net_sales - cost`.
    """
    lines = sales_measures.cancel_refunds(order_lines, cancelled_order_refunds)
    days = lines.groupBy("feed", F.col("order_date").alias("sales_date"), line_currency(feeds).alias("currency"))
    sums = sales_measures.aggregate_sales(days, *KEY)
    values = value_measures.aggregate_values(value_measures.dated_values(order_values), KEY)
    names = [each.name for each in ADDED]
    added = values.select(*[F.col(name).alias(f"_{name}") for name in KEY], *names)
    is_same = F.lit(True)
    for name in KEY:
        is_same = is_same & F.col(name).eqNullSafe(F.col(f"_{name}"))
    return sums.join(added, on=is_same, how="left").select(
        *sums.columns,
        F.coalesce("first_orders", F.lit(0)).alias("first_orders"),
        *[
            F.coalesce(name, F.when(F.col("_feed").isNull(), F.lit(0))).cast(money.SUM).alias(name)
            for name in names[1:]
        ],
    )
