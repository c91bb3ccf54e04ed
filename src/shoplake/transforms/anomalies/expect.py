"""What is expected of each day of a series, from the weeks before, and which days are not it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WEEK, WEEKS, LEVEL_DAYS, MIN_DAYS = 7, 8, 14, 28
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
    """Return what is expected of each day of a series; None for a day that is not judged.

    That is one with less than four weeks before it, or one that usually has less than `MIN_OBSERVATIONS`.

    `values` are of consecutive days, `counts` the number of orders or sessions that each is made of. The expected value
    is the median of the same weekday in the eight weeks before, times the level of the last 14 days: the median of
    their ratios to the medians of their weekdays. Sigma is that of the errors of the eight weeks by their median
    absolute deviation, and at least the noise of a count: expected / √count. The error of a day is its difference from
    what was expected of it, in the first weeks from the median of its weekday. Earlier anomalies are no history.
    """
    result: list[Expectation | None] = []
    is_history = [True] * len(values)
    run = 0
    for day, value in enumerate(values):
        guess = _expect(values, counts, is_history, day, result)
        if guess is None:
            result.append(None)
            continue
        before = result[-1]
        is_second = before is not None and abs(before.score) > TWO_DAYS and before.score * guess.score > 0
        is_anomaly = abs(guess.score) > ONE_DAY or (is_second and abs(guess.score) > TWO_DAYS)
        if is_anomaly and is_second and before is not None:
            result[-1], is_history[day - 1] = Expectation(before.actual, before.expected, before.sigma, True), False
        run = _run_length(result, is_anomaly, guess, run)
        is_history[day] = not is_anomaly
        if run >= NEW_LEVEL_DAYS:
            is_history[day - run + 1 : day + 1] = [True] * run
        result.append(Expectation(value, guess.expected, guess.sigma, is_anomaly))
    return result


def _run_length(result: Sequence[Expectation | None], is_anomaly: bool, guess: Expectation, run: int) -> int:
    """Return how many days in a row, up to this one, are anomalies of one sign."""
    before = result[-1]
    if not is_anomaly:
        return 0
    if before is None or not before.is_anomaly or before.score * guess.score <= 0:
        return 1
    return max(run, 1) + 1


def _expect(
    values: Sequence[float],
    counts: Sequence[float],
    is_history: Sequence[bool],
    day: int,
    before: Sequence[Expectation | None],
) -> Expectation | None:
    days = [past for past in range(max(0, day - WEEK * WEEKS), day) if is_history[past]]
    if day < MIN_DAYS or len(days) < MIN_DAYS // 2:
        return None
    by_weekday: list[list[float]] = [[] for _ in range(WEEK)]
    for past in days:
        by_weekday[(day - past) % WEEK].append(values[past])
    bases = [_median(each) if each else None for each in by_weekday]
    if bases[0] is None:
        return None
    pairs = [(values[past], base, past) for past in days if (base := bases[(day - past) % WEEK]) is not None]
    ratios = [value / base for value, base, past in pairs if past >= day - LEVEL_DAYS and base > 0]
    level = _median(ratios) if ratios else 1.0
    count = level * _median([counts[past] for past in days if (day - past) % WEEK == 0])
    if count < MIN_OBSERVATIONS:
        return None
    expected = bases[0] * level
    errors = [abs(value - (guess.expected if (guess := before[past]) else base)) for value, base, past in pairs]
    sigma = max(MAD_TO_SIGMA * _median(errors), expected / sqrt(count), _least_sigma([values[past] for past in days]))
    return Expectation(values[day], expected, sigma)


def _least_sigma(values: Sequence[float]) -> float:
    """Return a hundredth of the mean, for a series that never changes; 1 for one that is always 0."""
    return sum(values) / len(values) / 100 or 1.0


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
