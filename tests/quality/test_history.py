from datetime import date, timedelta

import pytest
from pyspark.sql import functions as F

from shoplake.declare import nulls_like_history, rows_like_history, shares_like_history
from shoplake.quality.history import check_history, check_written

FIRST = date(2026, 1, 1)


@pytest.fixture(scope="module")
def rows(spark):
    """Forty days of a hundred rows each; on the last closed day there are twenty, all without a name."""
    cells = []
    for number in range(40):
        count = 20 if number == 38 else 100
        for each in range(count):
            cells.append(("shop", str(each), FIRST + timedelta(days=number), None if number == 38 else "ada", each % 2))
    return spark.createDataFrame(cells, "feed string, id string, day date, who string, n int")


def anomalies(rows, gate, days=5):
    found = check_history(rows, gate, days)
    return [(each.slice, each.measured) for each in found if each.band and each.band.is_anomaly]


def test_a_day_of_few_rows_is_an_anomaly_and_the_open_day_is_not_looked_at(rows):
    assert anomalies(rows, rows_like_history("day")) == [("shop 2026-02-08", 20)]


def test_nulls_that_were_never_there_are_an_anomaly(rows):
    assert anomalies(rows, nulls_like_history("who", by="day")) == [("shop 2026-02-08 null", 1.0)]


def test_a_value_whose_share_is_another_is_an_anomaly(rows):
    assert ("shop 2026-02-08 ada", 0.0) in anomalies(rows, shares_like_history("who", by="day"))
    assert anomalies(rows, shares_like_history("n", by="day")) == []


def test_only_the_days_asked_for_are_judged(rows):
    judged = list(check_history(rows, rows_like_history("day"), 3))

    assert [each.day.day for each in judged] == [6, 7, 8]


def written(rows, first, last, left_out=()):
    """The days that a write of the days from `first` to `last` is judged by; the others are in the table."""
    is_new = f"day BETWEEN date_add(DATE '2026-01-01', {first}) AND date_add(DATE '2026-01-01', {last})"
    gate = rows_like_history("day")
    days = check_written(rows.where(is_new), rows.where(f"NOT ({is_new})"), gate, left_out)
    return [((each.day - FIRST).days, each.band.is_anomaly) for each in days if each.band]


def test_a_write_is_judged_by_the_days_that_it_changes_and_closes(rows):
    assert written(rows, 36, 36) == [(36, False)]
    assert written(rows, 38, 39) == [(37, False), (38, True)]


def test_a_day_without_a_row_is_judged_once_a_later_one_begins(rows):
    gone = rows.where("day NOT BETWEEN DATE '2026-02-07' AND DATE '2026-02-08'")

    assert written(gone, 39, 39) == [(36, False), (37, True), (38, True)]


def test_a_first_write_is_judged_by_its_last_closed_day_alone(rows):
    gate = rows_like_history("day")

    days = list(check_written(rows, None, gate))

    assert [(each.day - FIRST).days for each in days if each.band] == [38]
    assert [each.measured for each in days] == [100] * 38 + [20]


def test_an_acknowledged_day_is_neither_judged_nor_history(rows):
    assert written(rows, 38, 39, {"shop 2026-02-08"}) == [(37, False)]
    assert written(rows, 38, 39, {"other 2026-02-08"}) == [(37, False), (38, True)]


@pytest.fixture(scope="module")
def ahead(rows, spark):
    """The rows, and one of a device whose clock is months ahead."""
    cells = [("shop", "ahead", date(2026, 12, 24), "ada", 0)]
    return rows.unionByName(spark.createDataFrame(cells, rows.schema))


def day(number):
    return FIRST + timedelta(days=number)


def test_a_row_of_a_clock_that_is_ahead_closes_no_day(ahead):
    judged = list(check_history(ahead, rows_like_history("day"), 2, today={"shop": day(39)}))

    assert [each.slice for each in judged] == ["shop 2026-02-07", "shop 2026-02-08"]


def test_behind_a_row_of_a_clock_that_is_ahead_days_close_by_the_clock(ahead):
    new, gate = ahead.where("day = DATE '2026-02-09'"), rows_like_history("day")
    kept = ahead.where("day <> DATE '2026-02-09'")

    judged = {number: check_written(new, kept, gate, today={"shop": day(number)}) for number in (39, 40)}

    assert [each.slice for each in judged[39]] == ["shop 2026-02-08"]
    assert [each.slice for each in judged[40]] == ["shop 2026-02-08", "shop 2026-02-09"]


def test_a_clock_that_is_behind_all_rows_says_nothing_of_them(rows):
    judged = list(check_history(rows, rows_like_history("day"), 1, today={"shop": date(2020, 1, 1)}))

    assert [each.slice for each in judged] == ["shop 2026-02-08"]


def test_a_new_value_is_an_anomaly_however_many_values_there_are(spark):
    cells = [
        ("shop", FIRST + timedelta(days=number), "new" if number == 38 and each < 90 else f"c{each % 30}")
        for number in range(40)
        for each in range(300)
    ]
    rows = spark.createDataFrame(cells, "feed string, day date, campaign string")

    found = anomalies(rows, shares_like_history("campaign", by="day"))

    assert found == [("shop 2026-02-08 new", 0.3)]


def test_the_day_before_a_pause_is_compared_with_the_weeks_before_it(rows):
    is_kept = f"day < DATE '{day(35)}' OR (day = DATE '{day(35)}' AND CAST(id AS int) < 30)"
    kept = rows.where(is_kept)
    new = rows.where(f"day = DATE '{day(39)}'").selectExpr("feed", "id", "date_add(day, 50) AS day", "who", "n")

    judged = {each.day: each.band for each in check_written(new, kept, rows_like_history("day"))}

    assert judged[day(35)].is_anomaly
    assert [judged[day(36 + each)].is_anomaly for each in range(10)] == [True] * 10


@pytest.mark.parametrize("paused", [40, 64, 200])
def test_the_days_of_a_pause_are_judged_by_the_run_as_by_a_check_however_long_it_was(rows, paused):
    late = rows.where("day = DATE '2026-01-01'").withColumn("day", F.expr(f"date_add(day, {39 + paused})"))
    other = late.withColumn("feed", F.lit("other")).withColumn("day", F.expr("date_add(day, -1)"))
    gate = rows_like_history("day")

    by_run = list(check_written(late.unionByName(other), rows, gate))
    by_check = list(check_history(late.unionByName(other).unionByName(rows), gate, days=paused))

    assert by_run == by_check
    assert len(by_run) == paused and by_run[1].band.is_anomaly
