"""The order in which records arrived is one text on both engines."""

from __future__ import annotations

from datetime import datetime

from pyspark.sql import functions as F

from shoplake.columns.record_place import arrival_of_undated, file_and_line
from shoplake.engine.session import sail

SCHEMA = "at timestamp, ingested_at timestamp, batch_id string, source_file string, version_line bigint"
RUN, OWN = datetime(2026, 3, 2, 6), datetime(2026, 3, 1)
FILES = ("orders-9.csv", "orders (10).csv", "ä/2026-03-01 b.csv.gz", "it's \\n.csv", "9" * 25, None)
ROWS = [(RUN, RUN, "b000000001", file, line) for file in FILES for line in (None, 7, 10)]
ROWS += [(OWN, RUN, "b000000001", "f", 1), (None, RUN, "b000000001", "f", 1)]


def test_records_arrived_in_the_same_order(on_spark):
    def arrived(session):
        rows = session.createDataFrame(ROWS, SCHEMA).withColumn("arrived", F.expr(arrival_of_undated("`at`")))
        return sorted(map(tuple, rows.select("arrived", *file_and_line(F.col("arrived"))).collect()), key=repr)

    assert arrived(on_spark) == arrived(sail.session())
