from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.attribution.markov import fit_removal_effects


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
def attribution_weights(channel_transitions: DataFrame) -> DataFrame:
    """One row per feed, month and channel: its removal effect, which the data-driven model uses in the next month.

    It is fitted to the paths of `channel_transitions`. The first month of a feed is used for itself too. An effect is
    clipped at 0 (see Anderl et al. 2016). Other tools fit to converting paths alone, which cannot tell a channel that
    leads to orders from one that is merely frequent.
    """
    counts = channel_transitions.select(
        *("feed", F.col("fit_month").cast("string").alias("month"), "come_from", "go_to"),
        F.col("transitions").alias("count"),
    )
    fitted = fit_removal_effects(counts, ["feed", "month"])
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
