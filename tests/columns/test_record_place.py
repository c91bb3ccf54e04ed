from datetime import datetime

import pytest
from pyspark.sql import functions as F

from shoplake.columns.record_place import (
    arrival_of_undated,
    arrival_order,
    corrected_file,
    file_and_line,
    file_order,
    file_order_of,
    fix_file,
    landed_batch,
    landed_file,
    landed_id,
    landed_place,
    record_id,
    record_id_of,
)

FIX, RECORD = "_fixes/0123456789abcdef.ndjson", "fedcba9876543210"
CORRECTED = corrected_file(FIX, RECORD, "b000000002", "orders/a b.json")


def test_a_corrected_record_names_the_record_that_it_replaces():
    assert f"{FIX}/{RECORD}/b000000002/orders/a b.json" == CORRECTED
    assert (landed_file(CORRECTED), fix_file(CORRECTED)) == ("orders/a b.json", FIX)


def test_a_correction_of_a_correction_names_the_landed_record():
    other = FIX.replace("0", "1")

    assert corrected_file(other, "0" * 16, "b000000009", CORRECTED) == CORRECTED.replace(FIX, other)


@pytest.mark.parametrize("file", ["orders/a.json", FIX, "_fixes/short"])
def test_another_file_is_itself(file):
    assert landed_file(file) == fix_file(file) == file


def test_columns_read_what_the_name_of_the_file_says(spark):
    frame = spark.createDataFrame([(CORRECTED,), (FIX,), ("orders/a.json",)], "file string")

    rows = frame.select(landed_place(), landed_batch(), landed_id()).collect()

    assert [row[0] for row in rows] == ["orders/a b.json", FIX, "orders/a.json"]
    assert tuple(rows[0][1:]) == ("b000000002", RECORD)


@pytest.mark.parametrize(
    "cells", [("shop", "a.json", 3, '{"é":1}'), ("shop", "a.parquet", None, ""), ("s", CORRECTED, 1, "x")]
)
def test_an_id_is_the_same_in_python(spark, cells):
    [row] = (
        spark.createDataFrame([cells], "feed string, file string, line bigint, raw string")
        .select(record_id())
        .collect()
    )

    assert row[0] == record_id_of(*cells)


def test_a_corrected_record_has_the_place_of_the_landed_one_in_its_id():
    assert record_id_of("shop", CORRECTED, 1, "x") == record_id_of("shop", "orders/a b.json", 1, "x")


IN_ORDER = (
    *("2026-03/orders.csv", "2026-3/orders.csv", "2026-10/orders.csv", "a.csv", "a.csv.gz", "a (1).csv", "a (9).csv"),
    *("a (10).csv", "a - Copy.csv", "a-2.csv", "a-12345678901234567890.csv", "a_20260301.csv", "a_20260302.csv", "b"),
)


def test_files_are_in_order_by_name_and_by_the_value_of_its_numbers(spark):
    rows = spark.createDataFrame([(file,) for file in reversed(IN_ORDER)], "file string")

    ordered = [row.file for row in rows.orderBy(F.expr(file_order("file"))).collect()]

    assert ordered == sorted(IN_ORDER, key=file_order_of) == list(IN_ORDER)


def test_the_order_of_a_file_is_one_text_in_both_languages(spark):
    files = [*IN_ORDER, "", "9" * 25 + "x.csv", "\u0665.csv", "é 7.csv"]
    rows = spark.createDataFrame([(file,) for file in files], "file string")

    found = [row.file_order for row in rows.select(F.expr(file_order("file")).alias("file_order")).collect()]

    assert found == [file_order_of(file) for file in files]


ARRIVED = [
    *(("b1", "z.csv", 99), ("b2", "", None), ("b2", "a-9.csv", 5), ("b2", "a-10.csv", None), ("b2", "a-10.csv", 9)),
    *(("b2", "a-10.csv", 10), ("b2", "a-10.csv.gz", 1), ("b2", "a-11.csv", 1), ("b3", "a.csv", 1)),
]


def test_records_are_in_order_by_batch_file_and_line(spark):
    rows = spark.createDataFrame(ARRIVED[::-1], "batch_id string, source_file string, version_line bigint")

    arrived = rows.withColumn("arrived", F.expr(arrival_order())).orderBy("arrived")

    assert [tuple(row)[:3] for row in arrived.collect()] == ARRIVED
    assert [tuple(row) for row in arrived.select(*file_and_line(F.col("arrived"))).collect()] == [
        (file, line) for _, file, line in ARRIVED
    ]


def test_a_file_that_is_not_known_is_before_all_of_its_batch(spark):
    unknown, known = arrival_order("'b1'", "NULL", "NULL"), arrival_order("'b1'", "'a'", "1")
    rows = spark.sql(f"SELECT {unknown} < {known}")

    assert rows.collect()[0][0] is True


def test_only_a_row_that_is_dated_by_its_arrival_has_an_order_of_arrival(spark):
    columns = "at timestamp, ingested_at timestamp, batch_id string, source_file string, version_line bigint"
    rows = [(None, datetime(2026, 3, 2)), (datetime(2026, 3, 1), datetime(2026, 3, 2)), (datetime(2026, 3, 2),) * 2]
    frame = spark.createDataFrame([(*row, "b1", "f", 1) for row in rows], columns)

    found = frame.select(F.expr(arrival_of_undated("at")).isNotNull()).collect()

    assert [row[0] for row in found] == [False, False, True]
