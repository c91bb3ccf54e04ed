from datetime import date, datetime

import pytest
from pyspark.sql import functions as F

from shoplake.columns.raw_record import parse_as
from shoplake.columns.time import from_local, from_millis, from_seconds, local_date
from shoplake.errors import DeclarationError


def test_the_day_of_an_instant_depends_on_where_the_shop_is(spark):
    instant = F.lit("2026-03-01 23:30:00").cast("timestamp")
    zones = ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Asia/Kathmandu")

    days = spark.range(1).select(*[local_date(instant, zone) for zone in zones]).first()

    assert tuple(days) == tuple(date(2026, 3, day) for day in (1, 2, 1, 2, 2))


def test_the_wall_clock_becomes_utc_on_the_days_the_clock_changes(spark):
    local = {
        "2026-03-29 00:59:59": "2026-03-29 00:59:59",
        "2026-03-29 01:30:00": "2026-03-29 01:30:00",  # skipped, read as if it had not been
        "2026-03-29 02:00:00": "2026-03-29 01:00:00",
        "2026-10-25 00:59:59": "2026-10-24 23:59:59",
        "2026-10-25 01:30:00": "2026-10-25 00:30:00",  # comes twice: the first
        "2026-10-25 02:00:00": "2026-10-25 02:00:00",
    }
    rows = spark.createDataFrame([(text,) for text in local], "clock string")

    records = rows.select("clock", from_local("clock", "Europe/London").cast("string").alias("utc")).collect()

    assert {row.clock: row.utc for row in records} == local


def test_a_local_time_that_says_its_offset_is_not_moved_again(spark):
    at = {
        "2026-03-02T18:05:00+01:00": "2026-03-02 17:05:00",
        "2026-03-02 18:05:00Z": "2026-03-02 18:05:00",
        "2026-03-02T18:05:00.5-0500": "2026-03-02 23:05:00.5",
        "2026-03-02T18:05+01:00": "2026-03-02 17:05:00",
        "2026-03-02T18:05:00.5": "2026-03-02 23:05:00.5",
        "2026-03-02 18:05": "2026-03-02 23:05:00",
        "2026-03-02": "2026-03-02 05:00:00",
    }
    rows = spark.createDataFrame([(text,) for text in at], "clock string")

    records = rows.select("clock", from_local("clock", "America/New_York").cast("string").alias("utc")).collect()

    assert {row.clock: row.utc for row in records} == at


def test_each_local_time_may_have_a_zone_of_its_own(spark):
    zones = {
        "Europe/Berlin": "17:05",
        "America/New_York": "23:05",
        "PST": "02:05",
        "EDT": "22:05",
        "CET": "17:05",
        "CEST": None,
        "Eastern Time": None,
        "Here/There": None,
        None: None,
    }
    rows = spark.createDataFrame([("2026-03-02 18:05:00", zone) for zone in zones], "clock string, zone string")

    utc = F.date_format(from_local("clock", F.col("zone")), "HH:mm").alias("utc")

    assert {row.zone: row.utc for row in rows.select("zone", utc).collect()} == zones


def test_no_day_and_no_time_is_outside_of_the_years_1_to_9999(spark):
    rows = spark.createDataFrame([("0001-01-01 00:00:00",), ("9999-12-31 23:59:59",)], "clock string")
    instant = F.col("clock").cast("timestamp")

    west, east = (local_date(instant, zone).alias(zone) for zone in ("America/New_York", "Asia/Tokyo"))
    found = rows.select(west, east, from_local("clock", "Asia/Tokyo").isNull(), from_local("clock", "UTC").isNull())

    assert [tuple(row) for row in found.orderBy("clock").collect()] == [
        (date(1, 1, 1), date(1, 1, 1), True, False),
        (date(9999, 12, 31), date(9999, 12, 31), False, False),
    ]


def test_what_is_no_time_is_null(spark):
    rows = spark.createDataFrame([("soon",), ("2026-02-30 10:00:00",), (None,)], "clock string")

    assert [row[0] for row in rows.select(from_local("clock", "Europe/London")).collect()] == [None] * 3


def test_milliseconds_become_a_time_and_what_is_none_is_null(spark):
    texts = ["1433221332117", "0", "253402300799999", "253402300800000", "-1", "soon", None]

    rows = spark.createDataFrame([(at, text) for at, text in enumerate(texts)], "at int, text string")
    result = rows.select("at", from_millis("text").alias("time")).orderBy("at").collect()

    assert [row.time for row in result] == [
        datetime(2015, 6, 2, 5, 2, 12, 117_000),
        datetime(1970, 1, 1),
        datetime(9999, 12, 31, 23, 59, 59, 999_000),
        *[None] * 4,
    ]


def test_seconds_become_a_time_and_what_is_none_is_null(spark):
    texts = ["1433221332", "0", "253402300799", "253402300800", "1433221332117", "-1", "soon", None]

    rows = spark.createDataFrame([(at, text) for at, text in enumerate(texts)], "at int, text string")
    result = rows.select("at", from_seconds("text").alias("time")).orderBy("at").collect()

    times = [datetime(2015, 6, 2, 5, 2, 12), datetime(1970, 1, 1), datetime(9999, 12, 31, 23, 59, 59)]
    assert [row.time for row in result] == [*times, *[None] * 5]


@pytest.mark.parametrize("name", ["BST", "IST", "AST", "ECT", "NST", "SST", "CTT", "BST "])
def test_a_name_of_several_zones_behind_a_time_is_no_time(spark, name):
    rows = spark.createDataFrame([(f"2026-07-13 10:05:00 {name}",)], "clock string")

    for at in (parse_as("clock", "timestamp"), from_local("clock", "Europe/London")):
        assert rows.select(at).first()[0] is None


@pytest.mark.parametrize("name", ["UTC", "+0200", "Europe/Berlin", "EST", "JST", "CET", "GMT"])
def test_a_name_of_one_zone_behind_a_time_is_heeded(spark, name):
    hours = {"UTC": 10, "GMT": 10, "EST": 15, "JST": 1}

    at = (
        spark.createDataFrame([(f"2026-07-13 10:05:00 {name}",)], "t string").select(parse_as("t", "timestamp")).first()
    )

    assert at[0] == datetime(2026, 7, 13, hours.get(name, 8), 5)


def test_no_instant_has_no_day(spark):
    rows = spark.createDataFrame([(None,)], "at timestamp")

    assert rows.select(local_date(F.col("at"), "Asia/Tokyo")).first()[0] is None


def test_the_names_of_zones_in_a_column_stand_for_what_is_declared(spark):
    zones = {"CET": "+01:00", "CEST": "+02:00", "IST": "Asia/Kolkata", "NST": "-03:30", "CST": "Asia/Shanghai"}
    utc = {
        ("2026-10-25 02:30:00", "CEST"): "2026-10-25 00:30:00",
        ("2026-10-25 02:30:00", "CET"): "2026-10-25 01:30:00",  # the second of the two
        ("2026-07-01 10:00:00", "IST"): "2026-07-01 04:30:00",
        ("2026-07-01 10:00:00", "NST"): "2026-07-01 13:30:00",
        ("2026-07-01 10:00:00", "CST"): "2026-07-01 02:00:00",
        ("2026-07-01 10:00:00", "PDT"): "2026-07-01 17:00:00",
        ("2026-07-01 10:00:00+03:00", "CEST"): "2026-07-01 07:00:00",
        ("2026-07-01 10:00:00", "BST"): None,
        ("2026-07-01 10:00:00", None): None,
    }
    rows = spark.createDataFrame(list(utc), "clock string, zone string")

    found = rows.select("clock", "zone", from_local("clock", F.col("zone"), zones).cast("string").alias("utc"))

    assert {(row.clock, row.zone): row.utc for row in found.collect()} == utc


def test_a_declared_zone_is_an_iana_name_or_an_offset():
    with pytest.raises(DeclarationError, match=r"zones has 'Europe/Berln' for 'CET'.*Did you mean 'Europe/Berlin'\?"):
        from_local("clock", F.lit("CET"), {"CET": "Europe/Berln"})
