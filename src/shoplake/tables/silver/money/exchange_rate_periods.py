from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table


@table(
    "silver",
    key=["feed", "currency", "first_date"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("currency", "string", "ISO 4217 code"),
        col("first_date", "date", "The first day on which the rate applies"),
        col("last_date", "date", "The day before the next rate; null for the latest rate"),
        col("rate", "decimal(18,10)", "What one unit of the currency is worth in that of the feed", unit="per unit"),
    ],
)
def exchange_rate_periods(exchange_rates: DataFrame) -> DataFrame:
    """One row per feed, currency and period between two rates, in which the earlier one applies."""
    next_date = F.lead("rate_date").over(Window.partitionBy("feed", "currency").orderBy("rate_date"))
    return exchange_rates.select(
        "feed",
        "currency",
        F.col("rate_date").alias("first_date"),
        F.date_sub(next_date, 1).alias("last_date"),
        "rate",
    )
