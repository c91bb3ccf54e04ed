from datetime import date, timedelta

import pytest

from shoplake.tables.gold.watching.daily_measures import daily_measures
from shoplake.transforms.anomalies.expect import evaluate
from shoplake.transforms.anomalies.find import find_anomalies

START = date(2026, 1, 1)
DAYS = 45


def rows(values, segment="(all)", measure="orders", feed="shop"):
    same = {"feed": feed, "measure": measure, "segment": segment}
    return [
        same | {"measure_date": str(START + timedelta(days=day)), "value": value, "observations": int(value)}
        for day, value in enumerate(values)
        if value
    ]


@pytest.fixture
def found(some):
    """The anomalies of series."""

    def of(*series):
        return find_anomalies(some(daily_measures, *[row for each in series for row in each])).collect()

    return of


def test_an_anomaly_has_its_numbers_and_what_explains_it(found):
    email, direct = [40.0] * DAYS, [60.0] * DAYS
    email[40] = 1.0
    total = [one + other for one, other in zip(email, direct, strict=True)]
    expected = evaluate(total, total)[40]

    result = {
        row.segment: row
        for row in found(rows(total, "(all)"), rows(email, "channel=email"), rows(direct, "channel=direct"))
    }

    assert expected.score == pytest.approx(-3.9)
    assert result.keys() == {"channel=email"}
    assert (result["channel=email"].kind, result["channel=email"].anomaly_date) == ("drop", START + timedelta(days=40))


def test_a_day_without_rows_is_an_outage_that_is_explained(found):
    mobile, desktop = [900.0] * DAYS, [300.0] * DAYS
    mobile[40] = 0.0
    total = [one + other for one, other in zip(mobile, desktop, strict=True)]

    result = {
        row.segment: row for row in found(rows(total), rows(mobile, "device=mobile"), rows(desktop, "device=desktop"))
    }

    assert (result["(all)"].kind, result["(all)"].explained_by) == ("drop", "device=mobile")
    assert (result["device=mobile"].kind, result["device=mobile"].actual) == ("outage", 0.0)
    assert result["device=mobile"].explained_by is None


def test_the_last_day_is_not_judged(found):
    assert found(rows([100.0] * DAYS + [1.0])) == []
    assert [row.actual for row in found(rows([100.0] * DAYS + [1.0, 100.0]))] == [1.0]


def test_series_of_other_measures_and_feeds_are_apart(found):
    drop = [100.0] * 40 + [1.0] * 1 + [100.0] * 4

    result = found(rows([100.0] * DAYS), rows(drop, measure="sessions"), rows(drop, feed="other"))

    assert sorted((row.feed, row.measure) for row in result) == [("other", "orders"), ("shop", "sessions")]


def test_a_series_of_the_last_day_alone_and_a_feed_of_one_day_have_no_anomaly(found):
    returns = rows([0.0] * (DAYS - 1) + [5.0], measure="returns")

    assert found(rows([50.0] * DAYS), returns, rows([9.0], feed="new")) == []
