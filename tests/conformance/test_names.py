"""Names of files, fields and zones mean the same on both engines."""

from __future__ import annotations

from pyspark.sql import functions as F

from shoplake.columns.json import names_pattern, parse_json, quoted_name
from shoplake.columns.record_place import file_order, file_order_of
from shoplake.columns.time import from_local

FILES = ("2026-3/a.csv", "2026-10/a.csv", "a.csv", "a (1).csv", "a (10).csv", "a-2.csv", "é 7.csv", f"{'9' * 25}.csv")


def test_files_have_one_order_on_every_engine(session):
    rows = session.createDataFrame([(file,) for file in FILES], "file string")

    found = {row.file: row.place for row in rows.select("file", F.expr(file_order("file")).alias("place")).collect()}

    assert found == {file: file_order_of(file) for file in FILES}


def test_a_field_may_have_any_name(session):
    rows = session.createDataFrame([('{"$id (net)": 1.5, "a b": "x"}',)], "raw string")
    names = ("$id (net)", "a b")
    fields = parse_json("raw", ", ".join(f"{quoted_name(name)} string" for name in names))

    read = rows.withColumn("_json", fields).select(*[F.col(f"_json.{quoted_name(name)}") for name in names])
    quoted = F.regexp_replace("raw", f'"({names_pattern(names)})": ', '"$1":')

    assert [tuple(row) for row in read.collect()] == [("1.5", "x")]
    assert rows.select(quoted).collect()[0][0] == '{"$id (net)":1.5, "a b":"x"}'


def test_abbreviations_of_zones_are_those_of_a_standard(session):
    zones = {"PST": "20:00", "PDT": "19:00", "EST": "17:00", "CET": "11:00", "CEST": None}
    rows = session.createDataFrame([("2026-03-02 12:00:00", zone) for zone in zones], "clock string, zone string")

    at = F.date_format(from_local("clock", F.col("zone")), "HH:mm").alias("at")

    assert {row.zone: row["at"] for row in rows.select("zone", at).collect()} == zones
