"""Business time: the shop's time weighted by season, weekday and hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import HOUR_SHARE, WEEKDAY_SHARE

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.rng import Floats, Ints

SEASON = (0.94, 0.90, 0.96, 0.97, 1.00, 0.95, 0.92, 0.91, 0.98, 1.06, 1.22, 1.19)
"""Factor on all rates by month, January first."""


class BusinessTime:
    """Converts between UTC milliseconds and business days; a day with the factor 1 lasts one business day."""

    def __init__(self, calendar: Calendar) -> None:
        self.day_factors = np.array([WEEKDAY_SHARE[day.weekday()] * SEASON[day.month - 1] for day in calendar.dates])
        hours = np.array(HOUR_SHARE) / sum(HOUR_SHARE)
        starts, lengths = calendar.starts[:-1], np.diff(calendar.starts)
        ticks = starts[:, None] + lengths[:, None] * np.arange(24) // 24
        self._ticks: Floats = np.append(ticks.ravel(), calendar.starts[-1]).astype(np.float64)
        passed = np.cumsum(np.outer(self.day_factors, hours).ravel())
        self._passed: Floats = np.concatenate([[0.0], passed])

    @property
    def total(self) -> float:
        """The business days of the whole period."""
        return float(self._passed[-1])

    def to_utc(self, business_days: Floats) -> Ints:
        """Convert business days since the start to UTC ms; times after the end become the end."""
        at: Ints = np.interp(business_days, self._passed, self._ticks).astype(np.int64)
        return at

    def from_utc(self, at: Ints) -> Floats:
        """Convert UTC ms to business days since the start."""
        return np.interp(at.astype(np.float64), self._ticks, self._passed)
