from pyspark.sql import DataFrame

from shoplake.declare import col, table
from shoplake.transforms.customers import value_measures
from shoplake.transforms.sales.sales_metrics import money_by
from shoplake.transforms.sales.sales_ties import breakdown_ties

BY = ("country",)


@table(
    "gold",
    key=[*value_measures.DAY, *BY],
    write=value_measures.BY_DAY,
    columns=[
        col("feed", "string", "The feed"),
        col("sales_date", "date", "The shop's local day; a return counts on the day of the return"),
        col("currency", "string", "ISO 4217 code; null if unknown"),
        col("country", "string", "Country of delivery of the order; (unknown) where it has none"),
        *value_measures.MEASURES,
    ],
    ties=breakdown_ties("gold.sales_by_country_daily", BY, "countries"),
    metrics=money_by(*BY),
)
def sales_by_country_daily(order_values: DataFrame) -> DataFrame:
    """One row per feed, day, currency and country of delivery: sales, discounts and returns of goods.

    A return counts in the country of the order that it returns, or else in its own.

    Units and money add up to those of `gold.sales_daily`; numbers of orders and customers do not, because a customer
    may order from several countries.
    Tax, shipping and other charges belong to an order as a whole and are in `gold.sales_daily` alone.
    """
    return value_measures.break_down(order_values, *BY)
