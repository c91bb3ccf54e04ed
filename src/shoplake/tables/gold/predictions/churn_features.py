from collections.abc import Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Feature, Feeds, OnDemand, col, table
from shoplake.transforms.features.churn_features import CHURN_FEATURES
from shoplake.transforms.features.point_in_time import Knowledge, compute_features

KEY = ("feed", "customer_id", "as_of_date")


@table(
    "gold",
    key=KEY,
    write=OnDemand(partition_by="as_of_date", command="shoplake train churn"),
    partition_by=["as_of_date"],
    columns=[
        col("feed", "string", "The feed"),
        col("customer_id", "string", "The customer"),
        col("as_of_date", "date", "The shop's local day; what happened on it is in no feature"),
        *[col(each.name, each.dtype, each.meaning, unit=each.unit) for each in CHURN_FEATURES],
        col("own_features", "string", "The project's own features, as a JSON object of numbers by name"),
    ],
)
def churn_features(
    order_lines: DataFrame,
    events: DataFrame,
    *,
    feeds: Feeds,
    as_of: Sequence[date] = (),
    knowledge: Knowledge | None = None,
    own: Sequence[Feature] = (),
) -> DataFrame:
    """One row per customer and as-of day, of customers with an order in the 365 days before it.

    Features are made of what happened strictly before the local midnight of the as-of day, and was ingested by then.
    `shoplake train churn` and `score churn` add as-of days, every 30 days; a day that is there never changes. Guests
    and cancelled orders do not count.
    """
    sources = {"silver.order_lines": order_lines, "silver.events": events}
    rows = compute_features((*CHURN_FEATURES, *own), sources, None, as_of, feeds, knowledge)
    active = rows.where(F.col("order_days_365d") > 0)
    cells = [F.col(each.name).cast("double").alias(each.name) for each in own]
    named = F.to_json(F.struct(*cells)) if own else F.lit("{}")
    return active.withColumn("own_features", named).select(*[each.name for each in churn_features.columns])
