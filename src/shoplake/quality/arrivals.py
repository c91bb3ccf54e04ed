"""What is expected of each day of a series of counts or shares, from the weeks before.

Counts are compared as logarithms, shares as logits. The level of a day is the median of the 21 days before, without
their weekdays; the weekday's part is the median of the same weekday in eight weeks; the spread is 1.4826 × the median
absolute deviation of the errors, at least 3 %, or the noise of a count as large as the median of the eight weeks. A day
is an anomaly if it is more than four spreads off and changed by 20 % or more. The day itself, later days and days that
are left out are never history. Medians by weekday and their deviations follow the practice of robust control charts
(Hampel 1974, "The Influence Curve").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

WEEK, SEASON_DAYS, LEVEL_DAYS, MIN_DAYS = 7, 56, 21, 21
SPREADS, MAD_TO_SIGMA, LEAST_SPREAD = 4.0, 1.4826, 0.03
PLAIN_FACTOR = 10.0
"""Before three weeks of history, a day is only compared with ten times and a tenth of the median."""


@dataclass(frozen=True)
class Band:
    """What was expected of a day, in the unit of the series; `is_anomaly` where the value is outside."""

    value: float
    expected: float
    low: float
    high: float
    is_anomaly: bool


def evaluate_counts(
    values: Numbers, change: float = 0.2, left_out: Collection[int] = (), first: int = 0
) -> list[Band | None]:
    """Return the band of each of consecutive days from position `first` on; None where too little is known.

    `left_out` are positions of days that are known to be wrong or expected to differ; they are no history.
    """
    bands = _evaluate(np.log1p(values), left_out, first, has_noise=True)
    return [
        None if band is None else _count_band(float(values[day]), band, change) for day, band in enumerate(bands, first)
    ]


def evaluate_shares(
    part: Numbers, whole: Numbers, change: float = 0.2, left_out: Collection[int] = (), first: int = 0
) -> list[Band | None]:
    """Return the band of the share of each day, `part` of `whole` rows; None for a day without rows as well."""
    share = (part + 0.5) / (whole + 1)
    empty = {day for day in range(len(whole)) if whole[day] == 0}
    bands = _evaluate(np.log(share / (1 - share)), {*left_out, *empty}, first)
    return [
        None if band is None or day in empty else _share_band(part[day], whole[day], band, change)
        for day, band in enumerate(bands, first)
    ]


def _evaluate(
    values: Numbers, left_out: Collection[int], first: int, *, has_noise: bool = False
) -> list[tuple[float, float] | None]:
    """Return level and spread expected of each day, on the scale of `values`; a spread of infinity is unknown.

    With `has_noise` the values are logarithms of counts, and the spread is at least the noise of a count of their size.
    """
    usable = np.ones(len(values), dtype=bool)
    usable[[day for day in left_out if 0 <= day < len(values)]] = False
    return [_expect(values, usable, day, has_noise) for day in range(first, len(values))]


def _expect(values: Numbers, usable: NDArray[np.bool_], day: int, has_noise: bool) -> tuple[float, float] | None:
    days = np.arange(max(0, day - SEASON_DAYS), day)
    days = days[usable[days]]
    if len(days) < WEEK:
        return None
    past, weekday = values[days], days % WEEK
    middle = _median(past)
    if len(days) < MIN_DAYS:
        return middle, float("inf")
    season = np.zeros(WEEK)
    for each in range(WEEK):
        if len(same := past[weekday == each]):
            season[each] = _median(same) - middle
    deseasoned = past - season[weekday]
    recent = deseasoned[days >= day - LEVEL_DAYS]
    level = _median(recent) if len(recent) else middle
    spread = MAD_TO_SIGMA * _median(np.abs(deseasoned - _median(deseasoned)))
    noise = 1 / float(np.sqrt(max(np.expm1(middle), 1.0))) if has_noise else 0.0
    return level + float(season[day % WEEK]), max(spread, LEAST_SPREAD, noise)


def _median(values: Numbers) -> float:
    """Return the median; numpy's own takes ten times as long for a few numbers."""
    ordered = np.sort(values)
    count = len(ordered)
    return float(ordered[(count - 1) // 2] + ordered[count // 2]) / 2


def _count_band(value: float, band: tuple[float, float], change: float) -> Band:
    middle, spread = band
    expected = float(np.expm1(middle))
    if np.isinf(spread):
        low, high = expected / PLAIN_FACTOR, expected * PLAIN_FACTOR
        return Band(value, expected, low, high, bool((value == 0 and expected >= 1) or value > high))
    width = max(SPREADS * spread, np.log1p(change))
    low, high = float(np.expm1(middle - width)), float(np.expm1(middle + width))
    low = min(low, expected * (1 - change))
    return Band(value, expected, max(low, 0.0), high, not low <= value <= high)


def _share_band(part: float, rows: float, band: tuple[float, float], change: float) -> Band | None:
    """Return the band of a share: that of its history, and on either side four standard errors of so many rows."""
    middle, spread = band
    if np.isinf(spread):
        return None
    value, expected = float(part / rows), _expit(middle)
    error = SPREADS * float(np.sqrt(expected * (1 - expected) / rows)) + 1 / rows
    low = min(_expit(middle - SPREADS * spread) - error, expected * (1 - change))
    high = max(_expit(middle + SPREADS * spread) + error, expected * (1 + change))
    return Band(value, expected, max(low, 0.0), min(high, 1.0), not low <= value <= high)


def _expit(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))
