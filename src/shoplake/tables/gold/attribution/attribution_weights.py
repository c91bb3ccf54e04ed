from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.attribution.markov import CONVERSION, fit_removal_effects
from shoplake.transforms.attribution.orders import order_persons, sum_orders
from shoplake.transforms.attribution.transitions import count_transitions


@table(
    "gold",
    key=["feed", "fit_month", "channel"],
    write=Replace(),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("fit_month", "date", "First day of the month whose paths it is fitted to"),
        col("channel", "string", "Marketing channel"),
        col("first_date", "date", "First day of orders that it is used for"),
        col("last_date", "date", "Last day of orders that it is used for"),
        col("removal_effect", "double", "Share of the conversions lost without the channel, 0 to 1", unit="ratio"),
        col("weight", "double", "removal_effect / Σ removal_effect of the month", unit="ratio"),
    ],
)
def attribution_weights(order_values: DataFrame, purchases: DataFrame, session_touches: DataFrame) -> DataFrame:
    """One row per feed, month and channel: its removal effect, which the data-driven model uses in the next month.

    The paths of a month are the touches of each person in it, from a start to an order, and from there on anew; a path
    without an order at its end is a non-converting one. The first month of a feed is used for itself too. An effect is
    clipped at 0 (see Anderl et al. 2016). Other tools fit to converting paths alone, which cannot tell a channel that
    leads to orders from one that is merely frequent.
    """
    touches = session_touches.where("is_touch").select(
        "feed",
        "person_id",
        F.col("touched_at").alias("at"),
        F.col("session_id").alias("id"),
        F.col("channel").alias("state"),
        F.col("session_date").alias("day"),
    )
    persons = order_persons(sum_orders(order_values).where("has_sale"), purchases, session_touches)
    orders = (
        persons.groupBy("feed", "order_id")
        .agg(F.max("person_id").alias("person_id"), F.min("ordered_at").alias("at"), F.min("order_date").alias("day"))
        .select(
            "feed",
            "person_id",
            "at",
            F.col("order_id").alias("id"),
            F.lit(CONVERSION).alias("state"),
            "day",
        )
    )
    fitted = fit_removal_effects(count_transitions(touches.unionAll(orders)), ["feed", "month"])
    month = F.to_date("month")
    is_first = F.min(month).over(Window.partitionBy("feed")) == month
    return fitted.select(
        "feed",
        month.alias("fit_month"),
        "channel",
        F.when(is_first, month).otherwise(F.add_months(month, 1)).alias("first_date"),
        F.date_sub(F.add_months(month, 2), 1).alias("last_date"),
        F.col("effect").alias("removal_effect"),
        "weight",
    )
