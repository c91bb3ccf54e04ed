"""What is expected of each day of a series, from the weeks before, and which days are not it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"

WEEK, WEEKS, LEVEL_DAYS, MIN_DAYS = 7, 8, 14, 28
SPAN = WEEK * WEEKS
"""Days before a day that make what is expected of it."""
MAD_TO_SIGMA = 1.4826
"""The ratio of the standard deviation to the median absolute deviation of a normal distribution."""
ONE_DAY, TWO_DAYS = 4.0, 3.0
"""The score of an anomaly of one day, and of each of two days in a row."""
MIN_OBSERVATIONS = 10
"""The orders or sessions that a day usually has if it is judged: of fewer, even none at all is within the noise."""
NEW_LEVEL_DAYS = 14
"""After so many anomalies of one sign in a row the series has a new level, and they become history."""


@dataclass(frozen=True)
class Expectation:
    """What was expected of a day; the score is (actual - expected) / sigma."""

    actual: float
    expected: float
    sigma: float
    is_anomaly: bool = False

    @property
    def score(self) -> float:
        """How many standard deviations the day is off."""
        return (self.actual - self.expected) / self.sigma

    @property
    def low(self) -> float:
        """The least value that is no anomaly of one day, not below 0."""
        return max(0.0, self.expected - ONE_DAY * self.sigma)

    @property
    def high(self) -> float:
        """The greatest value that is no anomaly of one day."""
        return self.expected + ONE_DAY * self.sigma


def evaluate(values: Sequence[float], counts: Sequence[float]) -> list[Expectation | None]:
    """Return what is expected of each day of one series, as `evaluate_all` does."""
    return evaluate_all([values], [counts])[0]


def evaluate_all(
    values: Sequence[Sequence[float]], counts: Sequence[Sequence[float]]
) -> list[list[Expectation | None]]:
    """Return what is expected of each day of each series; None for a day that is not judged.

    That is one with less than four weeks before it, or one that usually has less than `MIN_OBSERVATIONS`.

    `values` are of the same consecutive days, `counts` the number of orders or sessions that each is made of. The
    expected value is the median of the same weekday in the eight weeks before, times the level of the last 14 days: the
    median of their ratios to the medians of their weekdays. Sigma is that of the errors of the eight weeks by their
    median absolute deviation, and at least the noise of a count: expected / √count. The error of a day is its
    difference from what was expected of it, in the first weeks from the median of its weekday. Earlier anomalies are no
    history.
    """
    if not values:
        return []
    past = _Past(np.array(values, np.float64), np.array(counts, np.float64))
    judges = [_Judge(past, number) for number in range(len(values))]
    for day in range(past.days):
        guesses = past.expect(day) if day >= MIN_DAYS else {}
        for number, judge in enumerate(judges):
            judge.add(day, guesses.get(number))
    return [judge.result for judge in judges]


class _Past:
    """The days of all series, with `SPAN` days of nothing before them, so that each day has the same window."""

    def __init__(self, values: Floats, counts: Floats) -> None:
        self.days = values.shape[1]
        self.values, self.counts = (_padded(each, np.nan) for each in (values, counts))
        self.expected = np.full_like(self.values, np.nan)
        self.is_history = _padded(np.ones(values.shape, bool), fill=False)

    def expect(self, day: int) -> dict[int, Expectation]:
        """Return what is expected of a day, by the number of the series; of those that are judged."""
        before = slice(day, day + SPAN)
        history = self.is_history[:, before]
        values = np.where(history, self.values[:, before], np.nan)
        bases = _median(_by_weekday(values), axis=1)
        same_weekday = np.where(history, self.counts[:, before], np.nan)[:, ::WEEK]
        usual = np.repeat(bases[:, None], WEEKS, axis=1).reshape(values.shape)
        ratios = np.divide(values, usual, out=np.full_like(values, np.nan), where=usual > 0)[:, -LEVEL_DAYS:]
        level = np.nan_to_num(_median(ratios, axis=1), nan=1.0)
        count, expected = level * _median(same_weekday, axis=1), bases[:, 0] * level
        is_judged = (history.sum(axis=1) >= MIN_DAYS // 2) & (count >= MIN_OBSERVATIONS)
        judged = np.flatnonzero(is_judged & ~np.isnan(expected))
        known = self.expected[judged, before]
        errors = np.abs(values[judged] - np.where(np.isnan(known), usual[judged], known))
        noise = expected[judged] / np.sqrt(count[judged])
        sigma = np.maximum(np.maximum(MAD_TO_SIGMA * _median(errors, axis=1), noise), _least_sigma(values[judged]))
        today = day + SPAN
        self.expected[judged, today] = expected[judged]
        return {
            int(number): Expectation(float(self.values[number, today]), float(expected[number]), float(each))
            for number, each in zip(judged, sigma, strict=True)
        }


@dataclass
class _Judge:
    """Judges one series day by day, and says which days of it are history."""

    past: _Past
    number: int
    run: int = 0

    def __post_init__(self) -> None:
        self.result: list[Expectation | None] = []

    def add(self, day: int, guess: Expectation | None) -> None:
        """Judge a day, and with it the day before."""
        if guess is None:
            self.result.append(None)
            return
        history, today = self.past.is_history[self.number], day + SPAN
        before = self.result[-1]
        is_second = before is not None and abs(before.score) > TWO_DAYS and before.score * guess.score > 0
        is_anomaly = abs(guess.score) > ONE_DAY or (is_second and abs(guess.score) > TWO_DAYS)
        if is_anomaly and is_second and before is not None:
            self.result[-1] = Expectation(before.actual, before.expected, before.sigma, True)
            history[today - 1] = False
        self.run = _run_length(self.result, is_anomaly, guess, self.run)
        history[today] = not is_anomaly
        if self.run >= NEW_LEVEL_DAYS:
            history[today - self.run + 1 : today + 1] = True
        self.result.append(Expectation(guess.actual, guess.expected, guess.sigma, is_anomaly))


def _run_length(result: Sequence[Expectation | None], is_anomaly: bool, guess: Expectation, run: int) -> int:
    """Return how many days in a row, up to this one, are anomalies of one sign."""
    before = result[-1]
    if not is_anomaly:
        return 0
    if before is None or not before.is_anomaly or before.score * guess.score <= 0:
        return 1
    return max(run, 1) + 1


def _padded(rows: Any, fill: float | bool) -> Any:
    return np.pad(rows, ((0, 0), (SPAN, 0)), constant_values=fill)


def _by_weekday(rows: Floats) -> Floats:
    """Return windows as weeks and weekdays; the first weekday is that of the day after the window."""
    return rows.reshape(len(rows), WEEKS, WEEK)


def _least_sigma(values: Floats) -> Floats:
    """Return a hundredth of the mean, for a series that never changes; 1 for one that is always 0."""
    least = np.nansum(values, axis=1) / np.maximum((~np.isnan(values)).sum(axis=1), 1) / 100
    return np.asarray(np.where(least == 0, 1.0, least))


def _median(values: Floats, axis: int) -> Floats:
    """Return the median of what is there along an axis; nan where nothing is."""
    ordered = np.sort(values, axis=axis)  # nan comes last
    count = (~np.isnan(values)).sum(axis=axis, keepdims=True)
    low, high = (np.take_along_axis(ordered, np.maximum(at, 0), axis) for at in ((count - 1) // 2, count // 2))
    middle = np.where(count % 2 == 1, low, (low + np.where(count > 0, high, 0)) / 2)
    return np.asarray(np.squeeze(np.where(count > 0, middle, np.nan), axis))
