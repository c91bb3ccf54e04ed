from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Feeds, Replace, col, table
from shoplake.transforms.feed_date import feed_date
from shoplake.transforms.sales.sales_measures import is_cancelled

PRODUCT = ["feed", "product_id"]
CHANGE = [*PRODUCT, "changed_at", "change_date", "old_price", "new_price", "has_other_change"]


@table(
    "gold",
    key=["feed", "product_id", "changed_at"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("product_id", "string", "The product"),
        col("changed_at", "timestamp", "When the new list price became valid", unit="UTC"),
        col("change_date", "date", "The shop's local day of `changed_at`"),
        col("old_price", "decimal(18,4)", "The list price before", unit="currency per piece"),
        col("new_price", "decimal(18,4)", "The list price from then on", unit="currency per piece"),
        col("change_ratio", "double", "new_price / old_price - 1; null if it was 0", unit="ratio"),
        col("units_before", "bigint", "Pieces sold on the days before the change date", unit="pieces"),
        col("units_after", "bigint", "Pieces sold on as many days after it", unit="pieces"),
        col("is_complete", "boolean", "Whether the feed has orders from before all these days to after them"),
        col("has_other_change", "boolean", "Whether the price changes again in these days"),
    ],
)
def price_changes(products: DataFrame, order_lines: DataFrame, *, feeds: Feeds, days: int = 7) -> DataFrame:
    """One row per feed, product and change of its list price: pieces sold in the `days` days before and after.

    The day of the change is in neither. Cancelled orders are left out, returns do not count. A product that had no
    price before has no change. The two counts are no effect of the price: seasons, campaigns, stock and the reason for
    the change itself differ as well. Elasticities need an experiment or a model of these.
    """
    units = _count_units(order_lines)
    changes = _find_changes(products, feeds, days)
    sold = units.select(*[F.col(name).alias(f"_{name}") for name in (*PRODUCT, "order_date", "units")])
    is_same = (F.col("feed") == F.col("_feed")) & (F.col("product_id") == F.col("_product_id"))
    distance = F.date_diff("_order_date", "change_date")
    near = changes.join(sold, on=is_same & distance.between(-days, days), how="left")
    before, after = F.when(distance < 0, F.col("_units")), F.when(distance > 0, F.col("_units"))
    counted = near.groupBy(*CHANGE).agg(
        F.coalesce(F.sum(before), F.lit(0)).cast("bigint").alias("units_before"),
        F.coalesce(F.sum(after), F.lit(0)).cast("bigint").alias("units_after"),
    )
    span = units.groupBy("feed").agg(F.min("order_date").alias("first_date"), F.max("order_date").alias("last_date"))
    starts_early = F.date_diff("change_date", "first_date") >= days
    ends_late = F.date_diff("last_date", "change_date") >= days
    return counted.join(span, on="feed", how="left").select(
        *("feed", "product_id", "changed_at", "change_date", "old_price", "new_price"),
        money.ratio(F.col("new_price") - F.col("old_price"), "old_price").alias("change_ratio"),
        *("units_before", "units_after"),
        F.coalesce(starts_early & ends_late, F.lit(False)).alias("is_complete"),
        "has_other_change",
    )


def _find_changes(products: DataFrame, feeds: Feeds, days: int) -> DataFrame:
    in_order = Window.partitionBy(*PRODUCT).orderBy("valid_from")
    priced = products.where(F.col("price").isNotNull()).select(
        *PRODUCT,
        F.col("valid_from").alias("changed_at"),
        F.lag("price").over(in_order).alias("old_price"),
        F.col("price").alias("new_price"),
    )
    changes = priced.where("old_price <> new_price").withColumn("change_date", feed_date("changed_at", feeds))
    again = Window.partitionBy(*PRODUCT).orderBy("changed_at")
    since = F.date_diff("change_date", F.lag("change_date").over(again))
    until = F.date_diff(F.lead("change_date").over(again), "change_date")
    return changes.withColumn("has_other_change", F.coalesce(F.least(since, until) <= days, F.lit(False)))


def _count_units(order_lines: DataFrame) -> DataFrame:
    is_sale = (F.col("line_class") == "goods") & (F.col("kind") == "sale") & ~is_cancelled()
    days = order_lines.where(is_sale).groupBy(*PRODUCT, "order_date")
    return days.agg(F.sum(F.col("quantity").cast("bigint")).cast("bigint").alias("units"))
