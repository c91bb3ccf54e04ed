from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from shoplake.columns import money
from shoplake.declare import Replace, col, table

MEASURES = ("recency_days", "frequency", "monetary")


@table(
    "gold",
    key=["feed", "as_of_date", "measure", "score"],
    write=Replace(),
    columns=[
        col("feed", "string", "The feed"),
        col("as_of_date", "date", "Reference day of the scores"),
        col("measure", "string", "recency_days, frequency or monetary"),
        col("score", "int", "The score, from 1 to 5; 5 is best", unit="points"),
        col("lowest_value", "decimal(18,2)", "Least value with the score", unit="of the measure"),
        col("highest_value", "decimal(18,2)", "Greatest value with the score", unit="of the measure"),
        col("customers", "bigint", "Customers with the score", unit="customers"),
    ],
)
def segment_cutoffs(customer_segments: DataFrame) -> DataFrame:
    """One row per feed, measure and score that a customer has: the cut points of `gold.customer_segments`.

    Scores cut at values and never between equal ones, so ranges do not overlap; a score that no value has is missing.
    """
    parts = [
        customer_segments.select(
            "feed",
            "as_of_date",
            F.lit(measure).alias("measure"),
            F.col(f"{measure.removesuffix('_days')}_score").alias("score"),
            F.col(measure).cast(money.SUM).alias("value"),
        )
        for measure in MEASURES
    ]
    values = parts[0].unionAll(parts[1]).unionAll(parts[2]).where(F.col("score").isNotNull())
    return values.groupBy("feed", "as_of_date", "measure", "score").agg(
        F.min("value").alias("lowest_value"),
        F.max("value").alias("highest_value"),
        F.count("*").alias("customers"),
    )
