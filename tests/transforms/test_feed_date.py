from datetime import date

from pyspark.sql import functions as F

from shoplake.transforms.feed_date import feed_date


def test_a_time_is_on_the_local_day_of_its_feed(spark, zenith):
    rows = spark.createDataFrame([("shop",), ("elsewhere",)], "feed string")
    at = F.to_timestamp(F.lit("2026-06-01 23:30:00"))

    days = rows.select("feed", at.alias("at")).select(feed_date("at", (zenith,))).collect()

    assert [day for (day,) in days] == [date(2026, 6, 2), None]
