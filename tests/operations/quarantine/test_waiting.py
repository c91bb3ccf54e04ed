from datetime import UTC, datetime

from pyspark.sql import functions as F

from shoplake.operations.quarantine.waiting import read_waiting
from shoplake.tables.silver.orders.order_lines import order_lines

AT = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = "_source struct<file: string, line: bigint, ingested_at: timestamp, raw: string>"


def test_what_waits_is_in_the_order_of_feeds_files_and_lines(spark):
    places = [("b", "items.csv", 2), ("a", "items.csv", 10), ("a", "items.csv", 9), ("a", "items.parquet", None)]
    rows = [(feed, (file, line, AT, "text")) for feed, file, line in places]
    frame = spark.createDataFrame(rows, f"feed string, {SOURCE}")

    found = read_waiting(order_lines, [frame.where(F.col("feed") == "b"), frame.where(F.col("feed") == "a")])

    assert [(each["feed"], each["file"], each["line"]) for each in found] == [
        ("a", "items.csv", 9),
        ("a", "items.csv", 10),
        ("a", "items.parquet", None),
        ("b", "items.csv", 2),
    ]
    assert {(each["table"], each["raw"]) for each in found} == {("silver.order_lines", "text")}
