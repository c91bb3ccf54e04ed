from pyspark.sql import DataFrame

from shoplake.declare import col, table
from shoplake.transforms.customers import value_measures
from shoplake.transforms.sales.sales_metrics import money_by
from shoplake.transforms.sales.sales_ties import breakdown_ties

BY = ("channel",)


@table(
    "gold",
    key=[*value_measures.DAY, *BY],
    write=value_measures.BY_DAY,
    columns=[
        col("feed", "string", "The feed"),
        col("sales_date", "date", "The shop's local day; a return counts on the day of the return"),
        col("currency", "string", "ISO 4217 code; null if unknown"),
        col("channel", "string", "Marketing channel of the order's session; (none) without a purchase event"),
        *value_measures.MEASURES,
    ],
    ties=breakdown_ties("gold.sales_by_channel_daily", BY, "channels"),
    metrics=money_by(*BY),
)
def sales_by_channel_daily(order_values: DataFrame) -> DataFrame:
    """One row per feed, day, currency and marketing channel of the order: sales, discounts and returns of goods.

    The channel is that of the session in which the order was placed (last touch), direct visits included; orders
    without a purchase event, such as those by phone, are in (none). `gold.attribution_daily` has other models.

    Units and money add up to those of `gold.sales_daily`; numbers of orders and customers do not, because a customer
    may order through several channels.
    Tax, shipping and other charges belong to an order as a whole and are in `gold.sales_daily` alone.
    """
    return value_measures.break_down(order_values, *BY)
