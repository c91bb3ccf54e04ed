from datetime import date, timedelta

import pytest
from sample_tables import marks

from shoplake.declare import nulls_like_history, rows_like_history, shares_like_history
from shoplake.quality.history import check_history

FIRST = date(2026, 1, 1)


@pytest.fixture(scope="module")
def reader(spark):
    """Forty days of a hundred rows each; on the last closed day there are twenty, all without a name."""
    rows = []
    for number in range(40):
        count = 20 if number == 38 else 100
        for each in range(count):
            rows.append(("shop", str(each), FIRST + timedelta(days=number), None if number == 38 else "ada", each % 2))
    frame = spark.createDataFrame(rows, "feed string, id string, day date, who string, n int")

    class Reader:
        def read(self, table):
            return frame

    return Reader()


def anomalies(reader, gate, days=5):
    return [(each.slice, each.band.value) for each in check_history(reader, marks, gate, days) if each.band.is_anomaly]


def test_a_day_of_few_rows_is_an_anomaly_and_the_open_day_is_not_looked_at(reader):
    assert anomalies(reader, rows_like_history("day")) == [("shop 2026-02-08", 20)]


def test_nulls_that_were_never_there_are_an_anomaly(reader):
    assert anomalies(reader, nulls_like_history("who", by="day")) == [("shop 2026-02-08 null", 1.0)]


def test_a_value_whose_share_is_another_is_an_anomaly(reader):
    assert ("shop 2026-02-08 ada", 0.0) in anomalies(reader, shares_like_history("who", by="day"))
    assert anomalies(reader, shares_like_history("n", by="day")) == []


def test_only_the_days_asked_for_are_judged(reader):
    judged = list(check_history(reader, marks, rows_like_history("day"), 3))

    assert [each.day.day for each in judged] == [6, 7, 8]
