from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from shoplake.declare import Replace, col, table
from shoplake.transforms.anomalies.find import find_anomalies

NUMBER = "decimal(18,4)"
UNIT = "orders, pieces, currency or sessions"


@table(
    "gold",
    key=["feed", "anomaly_date", "measure", "currency", "segment"],
    write=Replace(),
    watch_interval="15 minutes",
    columns=[
        col("feed", "string", "The feed"),
        col("anomaly_date", "date", "The shop's local day"),
        col("measure", "string", "orders, units, gross_sales, sessions"),
        col("currency", "string", "ISO 4217 code of gross_sales; null for the others"),
        col("segment", "string", "(all), or one value of a dimension such as country=GB"),
        col("actual", NUMBER, "Value of the day", unit=UNIT),
        col("expected", NUMBER, "Value expected of the day", unit=UNIT),
        col("low", NUMBER, "Lowest value that is no anomaly", unit=UNIT),
        col("high", NUMBER, "Highest value that is no anomaly", unit=UNIT),
        col("score", "double", "(actual - expected) / sigma", unit="standard deviations"),
        col("kind", "string", "outage (nothing at all), drop or spike"),
        col(
            "explained_by", "string", "The segment that carries most of the difference, or (overall); null for segments"
        ),
    ],
)
def sales_anomalies(daily_measures: DataFrame) -> DataFrame:
    """One row per feed, day, measure, currency and segment whose value is not what the weeks before make expect.

    The expected value is the median of the same weekday in the eight weeks before, at the level of the last 14 days.
    Sigma is 1.4826 × the median absolute error of those weeks, and at least the noise of a count. A day is an anomaly
    at more than 4 sigma, or at more than 3 on two days in a row with the same sign. Earlier anomalies are left
    out of the weeks; after 14 in a row the series has a new level. The first four weeks and the last day, which may not
    be complete, are not judged, nor are days that usually have less than 10 orders or sessions.

    Other tools compare a day with the mean of all days before, so that each weekend is an anomaly, or look only for
    drops.
    """
    return find_anomalies(daily_measures).select(
        *("feed", "anomaly_date", "measure", "currency", "segment"),
        *[_number(name) for name in ("actual", "expected", "low", "high")],
        F.round("score", 6).alias("score"),
        *("kind", "explained_by"),
    )


def _number(name: str) -> Column:
    return F.col(name).cast(NUMBER).alias(name)
