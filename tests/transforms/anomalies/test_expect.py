"""Expected values against plain Python, and anomalies against labels."""

from __future__ import annotations

from math import pi, sin
from statistics import median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoplake.transforms.anomalies.expect import ONE_DAY, evaluate, evaluate_all

WEEKDAYS = (1.0, 0.9, 0.9, 1.0, 1.1, 1.4, 1.3)
DAYS = 730


def series(level=500.0, days=DAYS, seed=1):
    """Poisson counts with weekdays, a season and growth."""
    factors = [WEEKDAYS[day % 7] * (1 + 0.2 * sin(2 * pi * day / 365)) * (1 + 0.3 * day / DAYS) for day in range(days)]
    return np.random.default_rng(seed).poisson([level * factor for factor in factors]).astype(float).tolist()


def flagged(values, counts=None):
    return {day for day, each in enumerate(evaluate(values, counts or values)) if each and each.is_anomaly}


def expected_by_hand(values, day):
    """The median of the weekday in eight weeks at the level of two; without anomalies."""
    past = range(max(0, day - 56), day)
    bases = {offset: median(values[each] for each in past if (day - each) % 7 == offset) for offset in range(7)}
    ratios = [values[each] / bases[(day - each) % 7] for each in past if each >= day - 14]
    return bases[0] * median(ratios)


@settings(max_examples=30)
@given(st.lists(st.integers(90, 110), min_size=29, max_size=70))
def test_what_is_expected_is_that_of_plain_python(values):
    found = evaluate(values, [100] * len(values))

    assert found[:28] == [None] * 28
    assert [each.expected for each in found[28:]] == pytest.approx(
        [expected_by_hand(values, day) for day in range(28, len(values))]
    )


def test_sigma_is_the_median_error_scaled_or_the_noise_of_a_count():
    values = [100.0, 120.0] * 70

    exact, counted = (evaluate(values, [count] * 140)[-1] for count in (10_000, 16))

    assert (exact.expected, exact.sigma) == (110.0, pytest.approx(1.4826 * 10))
    assert counted.sigma == 27.5


@pytest.mark.parametrize("seed", range(5))
def test_at_most_one_false_alarm_a_quarter_in_two_years(seed):
    assert len(flagged(series(seed=seed))) <= 8


@pytest.mark.parametrize("seed", range(3))
def test_nine_of_ten_drops_of_thirty_per_cent_are_found(seed):
    values, days = series(seed=seed), range(60, DAYS, 30)
    for number, day in enumerate(days):
        values[day] = float(round(values[day] * (0.7 - 0.03 * (number % 10))))

    found = flagged(values)

    assert len(found & set(days)) >= 0.9 * len(days)
    assert len(found - set(days)) <= 8


def test_weekends_are_no_anomalies():
    assert flagged([100.0, 100.0, 100.0, 100.0, 100.0, 10.0, 0.0] * 20) == set()


def test_two_days_of_a_smaller_drop_are_both_found_and_one_is_not():
    values = [1_000.0] * 60
    one, two = values.copy(), values.copy()
    one[50], two[50], two[51] = 880.0, 880.0, 880.0

    assert (flagged(one), flagged(two)) == (set(), {50, 51})


def test_an_anomaly_is_no_history_of_the_days_after_it():
    values = [1_000.0] * 60
    values[40] = 0.0

    found = evaluate(values, values)

    assert [each.expected for each in found[41:]] == [1_000.0] * 19


def test_after_two_weeks_a_new_level_is_no_anomaly_any_more():
    values = [1_000.0] * 60 + [400.0] * 80

    found = flagged(values)

    assert set(range(60, 74)) <= found
    assert max(found) < 110


def test_the_bounds_are_where_an_anomaly_begins():
    [*_, last] = evaluate([100.0] * 40, [100.0] * 40)

    assert (last.low, last.high) == (100 - ONE_DAY * last.sigma, 100 + ONE_DAY * last.sigma)
    assert last.sigma == pytest.approx(10)


@pytest.mark.parametrize(("usual", "days"), [(9.0, set()), (10.0, {40})])
def test_a_day_that_usually_has_few_observations_is_not_judged(usual, days):
    assert flagged([usual] * 40 + [90.0]) == days


def test_series_that_are_evaluated_together_are_those_of_each_alone():
    drop = series(level=40.0, days=120, seed=2)
    drop[80:83] = [0.0, 1.0, 30.0]
    together = [series(days=120), drop, [0.0] * 120, series(level=12.0, days=120, seed=3)]

    assert evaluate_all(together, together) == [evaluate(each, each) for each in together]
