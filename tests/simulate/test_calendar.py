from datetime import date

import numpy as np
import pytest

from shoplake.simulate.calendar import DAY, MINUTE, Calendar
from shoplake.simulate.rng import rng_for
from shoplake.simulate.zenith.shop import Shop


@pytest.fixture
def calendar():
    """Nine days around the change to summer time on 29 March."""
    return Calendar(Shop(900, 1, 1, 9, 0, 0.0, date(2026, 3, 24), "Europe/London", "GBP"))


def test_a_day_lasts_from_midnight_to_midnight_also_where_the_clock_changes(calendar):
    hours = (np.diff(calendar.starts) / (60 * MINUTE)).tolist()

    assert hours == [24, 24, 24, 24, 24, 23, 24, 24, 24]
    assert (len(calendar), calendar.last_day) == (9, 8)


def test_a_moment_falls_on_the_day_that_began_last(calendar):
    at = int(calendar.starts[5])

    assert [calendar.day_of(each) for each in (at - 1, at, at + DAY)] == [4, 5, 6]
    assert [str(calendar.local_date(each)) for each in (at - 1, at)] == ["2026-03-28", "2026-03-29"]


def test_the_moments_of_a_day_lie_in_it(calendar):
    draw_times = calendar.draw_times(rng_for(1, "test"), 5, 1_000)

    assert calendar.starts[5] <= draw_times.min() <= draw_times.max() < calendar.starts[6]


def test_the_days_together_have_all_events(calendar):
    ends = [calendar.events_by_end_of(day) for day in range(9)]

    assert ends == sorted(ends)
    assert ends[-1] == 900


def test_there_is_a_snapshot_every_seventh_day(calendar):
    assert [day for day in range(9) if calendar.has_snapshot(day)] == [0, 7]
    assert calendar.snapshot_interval(0) == (calendar.starts[0], calendar.starts[7])
    assert calendar.snapshot_interval(7) is None
    assert calendar.last_snapshot_at() == calendar.starts[7]
