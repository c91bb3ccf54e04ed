import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoplake.quality.arrivals import evaluate_counts, evaluate_shares

DAYS = 120


def shop(seed=0, rows=10_000.0, days=DAYS):
    """Rows a day with weekdays, growth and 7 % noise."""
    rng = np.random.default_rng(seed)
    weekday = np.array([1.0, 0.9, 0.95, 1.0, 1.1, 1.3, 1.2])[np.arange(days) % 7]
    return np.round(rows * weekday * (1 + np.arange(days) / 500) * np.exp(rng.normal(0, 0.07, days)))


def verdict(values, day, **options):
    [band] = evaluate_counts(values[: day + 1], first=day, **options)
    return band and band.is_anomaly


@pytest.mark.parametrize("factor", [0.0, 0.5, 2.0])
def test_empty_halved_and_doubled_days_are_anomalies(factor):
    found = 0
    for day in range(60, DAYS):
        values = shop(seed=day)
        values[day] *= factor
        found += verdict(values, day)

    assert found == DAYS - 60


def test_a_day_as_usual_is_none_and_false_alarms_are_rare():
    bands = [band for seed in range(12) for band in evaluate_counts(shop(seed, days=365)) if band]

    assert sum(band.is_anomaly for band in bands) / len(bands) * 365 <= 2.5


def test_a_weekday_that_is_always_low_is_as_expected():
    values = np.array([100.0, 100, 100, 100, 100, 20, 10] * 10)

    assert not any(band.is_anomaly for band in evaluate_counts(values) if band)
    assert verdict(np.append(values, [100.0, 100, 100, 100, 100, 100]), 75)


@given(st.floats(0, 1e7))
def test_the_day_itself_is_never_its_own_history(value):
    values = shop()
    values[80] = value
    [band] = evaluate_counts(values[:81], first=80)
    values[80] = 0
    [other] = evaluate_counts(values[:81], first=80)

    assert (band.low, band.high) == (other.low, other.high)


def test_a_day_is_expected_alike_whatever_came_after_it_and_long_before_it():
    values = np.concatenate([np.full(300, 4.0), shop(rows=2_000.0)])
    bands = evaluate_counts(values)

    assert bands[380] == evaluate_counts(values[: 380 + 1], first=380)[0]
    assert bands[380] == evaluate_counts(values[380 - 56 : 380 + 1], first=56)[0]


def test_days_that_are_left_out_are_no_history():
    values = shop()
    values[59:80] = 0

    assert evaluate_counts(values[:81], first=80)[0].expected < values[80] / 2
    assert evaluate_counts(values[:81], first=80, left_out=range(59, 80))[0].expected > values[80] / 2


def test_a_small_change_is_no_anomaly_however_steady_the_series():
    steady = np.full(60, 1_000_000.0)

    assert not verdict(np.append(steady, 810_000.0), 60)
    assert verdict(np.append(steady, 790_000.0), 60)
    assert not verdict(np.append(steady, 790_000.0), 60, change=0.3)


def test_a_young_series_only_has_plain_bounds_and_a_week_has_none():
    values = np.full(15, 50.0)

    assert evaluate_counts(values)[:7] == [None] * 7
    assert not verdict(np.append(values, 6.0), 15)
    assert verdict(np.append(values, 0.0), 15)
    assert verdict(np.append(values, 501.0), 15)


def test_a_share_that_jumps_is_an_anomaly_and_one_of_few_rows_is_not():
    whole = np.full(60, 1_000.0)
    part = np.round(whole * 0.02)

    def last(nulls, rows):
        return evaluate_shares(np.append(part, nulls), np.append(whole, rows), first=60)[0]

    assert not last(25.0, 1_000.0).is_anomaly
    assert last(200.0, 1_000.0).is_anomaly
    assert not last(1.0, 5.0).is_anomaly
    assert last(0.0, 0.0) is None


YEAR = 365
SHOPS = range(12)


def yearly_shop(seed):
    """Sixteen months of rows a day: weekdays, growth, a wave over the year, and 7 % noise."""
    days = np.arange(YEAR + 120)
    wave = 1 + 0.25 * np.sin(days / YEAR * 2 * np.pi + seed)
    return np.round(shop(seed, days=len(days)) * wave)


@pytest.mark.parametrize(("factor", "least"), [(0.0, 1.0), (0.5, 0.98), (2.0, 0.98)])
def test_faults_of_labelled_days_are_found_as_often_as_promised(factor, least):
    found, days = 0, range(120, YEAR + 120, 12)
    for seed in SHOPS:
        for day in days:
            values = yearly_shop(seed)[: day + 1]
            values[day] = round(values[day] * factor)
            found += verdict(values, day)

    assert found / (len(SHOPS) * len(days)) >= least


def test_a_year_of_a_shop_without_faults_has_few_alarms():
    alarms = [sum(band.is_anomaly for band in evaluate_counts(yearly_shop(seed), first=120)) for seed in SHOPS]

    assert sum(alarms) / len(SHOPS) <= 2.5


def test_a_fault_that_was_acknowledged_does_not_hide_the_next_one():
    values = yearly_shop(3)[:200]
    faults = range(150, 190, 2)
    values[list(faults)] = 0
    values[199] *= 0.5

    assert evaluate_counts(values, first=199, left_out=faults)[0].is_anomaly
