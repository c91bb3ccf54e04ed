import numpy as np
import pytest

from shoplake.simulate.calendar import DAY, Calendar
from shoplake.simulate.realistic.business_time import SEASON, BusinessTime


@pytest.fixture
def business(calendar):
    return BusinessTime(calendar)


def test_times_survive_the_way_there_and_back(business, calendar):
    at = np.linspace(calendar.starts[0], calendar.starts[-1] - 1, 500).astype(np.int64)

    assert np.abs(business.to_utc(business.from_utc(at)) - at).max() <= 1


def test_a_day_lasts_as_long_as_its_season_and_weekday_say(business, calendar):
    passed = np.diff(business.from_utc(calendar.starts))

    assert passed == pytest.approx(business.day_factors)
    assert business.total == pytest.approx(business.day_factors.sum())


def test_november_is_busier_than_august(options):
    year = BusinessTime(Calendar(options(days=365).shop()))
    months = np.array([day.month for day in Calendar(options(days=365).shop()).dates])

    by_month = {month: year.day_factors[months == month].mean() for month in (8, 11)}
    assert by_month[11] / by_month[8] == pytest.approx(SEASON[10] / SEASON[7], rel=0.02)


def test_an_evening_is_busier_than_a_night(business, calendar):
    start = calendar.starts[0]
    hours = business.from_utc(
        np.array([start + 3 * DAY // 24, start + 4 * DAY // 24, start + 20 * DAY // 24, start + 21 * DAY // 24])
    )

    assert hours[3] - hours[2] > 10 * (hours[1] - hours[0])
