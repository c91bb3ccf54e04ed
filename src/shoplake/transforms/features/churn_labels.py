"""The outcome that churn models learn: no order within 90 days of the as-of day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.ml.churn.rows import HORIZON_DAYS
from shoplake.transforms.features.churn_features import SALE
from shoplake.transforms.features.point_in_time import KEY, with_as_of
from shoplake.transforms.feed_date import feed_date

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pyspark.sql import DataFrame

    from shoplake.declare import Feeds


def label_churn(rows: DataFrame, order_lines: DataFrame, as_of: Sequence[date], feeds: Feeds) -> DataFrame:
    """Add `is_churned` to rows of customers on as-of days: whether no goods are ordered in the 90 days from it.

    The as-of day itself is the first of the 90, as features end before it. Cancelled orders are no orders.
    """
    sales = order_lines.where(F.expr(SALE) & F.col("customer_id").isNotNull())
    dated = sales.select("feed", "customer_id", feed_date("ordered_at", feeds).alias("_day")).distinct()
    days = F.datediff("_day", "as_of_date")
    buyers = with_as_of(dated, as_of).where(days.between(0, HORIZON_DAYS - 1)).select(*KEY).distinct()
    joined = rows.join(buyers.withColumn("_buys", F.lit(True)), on=list(KEY), how="left")
    return joined.withColumn("is_churned", F.col("_buys").isNull()).drop("_buys")
