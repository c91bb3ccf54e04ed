"""What a customer has bought and does not need yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.transforms.known_columns import select_distinct
from shoplake.transforms.products.personal_candidates import CUSTOMER, is_bought

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

PRODUCT = ["feed", "product_id"]


def find_taken_products(
    bought: DataFrame, order_lines: DataFrame, current: DataFrame, rebuyable_categories: Sequence[str]
) -> DataFrame:
    """Return the rows of `bought` that are not to be recommended, with `category`, and columns that begin with `_`.

    These are all products but those of `rebuyable_categories` whose usual gap has passed on the last day of the feed
    with a purchase. The usual gap of a product is the median number of days between two days on which a customer bought
    it; of one that nobody has bought again, that of all products of its category; 0 where there is none.
    """
    named = bought.join(current, on=PRODUCT, how="left")
    if not rebuyable_categories:
        return named
    gaps = _find_gaps(order_lines).join(current.select(*PRODUCT, "category"), on=PRODUCT, how="left")
    usual = gaps.groupBy(*PRODUCT).agg(F.percentile("_gap", 0.5).alias("_usual"))
    of_category = gaps.groupBy("feed", "category").agg(F.percentile("_gap", 0.5).alias("_of_category"))
    last = bought.groupBy("feed").agg(F.max("last_on").alias("_last"))
    known = (
        named.join(usual, on=PRODUCT, how="left")
        .join(of_category, on=["feed", "category"], how="left")
        .join(F.broadcast(last), on="feed", how="inner")
    )
    gap = F.coalesce("_usual", "_of_category", F.lit(0.0))
    is_due = F.col("category").isin(*rebuyable_categories) & (F.datediff("_last", "last_on") >= gap)
    return known.where(~F.coalesce(is_due, F.lit(False)))


def _find_gaps(order_lines: DataFrame) -> DataFrame:
    """One row per customer, product and day on which it was bought again: `_gap`, the days since the time before."""
    days = select_distinct(order_lines.where(is_bought()), (*CUSTOMER, "product_id", "order_date"))
    before = F.lag("order_date").over(Window.partitionBy(*CUSTOMER, "product_id").orderBy("order_date"))
    return days.select(*PRODUCT, F.datediff("order_date", before).alias("_gap")).where(F.col("_gap").isNotNull())
