from pyspark.sql import DataFrame

from shoplake.declare import col, table
from shoplake.transforms.customers import value_measures
from shoplake.transforms.sales.sales_metrics import money_by
from shoplake.transforms.sales.sales_ties import breakdown_ties

BY = ("top_category", "category")


@table(
    "gold",
    key=[*value_measures.DAY, *BY],
    write=value_measures.BY_DAY,
    columns=[
        col("feed", "string", "The feed"),
        col("sales_date", "date", "The shop's local day; a return counts on the day of the return"),
        col("currency", "string", "ISO 4217 code; null if unknown"),
        col("top_category", "string", "The root of the category; (unknown) where the product has none"),
        col("category", "string", "The product's category at the time of the order; (unknown) where it has none"),
        *value_measures.MEASURES,
    ],
    ties=breakdown_ties("gold.sales_by_category_daily", BY, "categories"),
    metrics=money_by(*BY),
)
def sales_by_category_daily(order_values: DataFrame) -> DataFrame:
    """One row per feed, day, currency and category of the product: sales, discounts and returns of goods.

    The category is that of the product at the time of the order, also for returns; sums over the categories of a
    `top_category` are its sales. A product that changes its category leaves its earlier sales where they were.

    Units and money add up to those of `gold.sales_daily`; numbers of orders and customers do not, because an
    order may have goods of several categories.
    Tax, shipping and other charges belong to an order as a whole and are in `gold.sales_daily` alone.
    """
    return value_measures.break_down(order_values, *BY)
