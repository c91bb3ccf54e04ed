"""The shop's local days in UTC milliseconds, and their share of the traffic."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from datetime import date

    from shoplake.simulate.rng import Floats, Ints
    from shoplake.simulate.zenith.shop import Shop

SECOND = 1_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
SNAPSHOT_EVERY_DAYS = 7

WEEKDAY_SHARE = (0.95, 0.93, 0.95, 0.98, 1.02, 1.07, 1.10)
HOUR_SHARE = (14, 8, 5, 3, 3, 5, 12, 24, 36, 46, 52, 56, 62, 60, 54, 52, 54, 58, 66, 78, 86, 80, 58, 32)


class Calendar:
    """Local days, numbered from 0; day `n` lasts from `starts[n]` up to, not including, `starts[n + 1]`."""

    def __init__(self, shop: Shop) -> None:
        self._zone = zone = shop.zone()
        self.dates = [shop.starts_on + timedelta(days=day) for day in range(shop.days)]
        bounds = [*self.dates, shop.starts_on + timedelta(days=shop.days)]
        midnights = [datetime.combine(day, time(), tzinfo=zone).timestamp() for day in bounds]
        self.starts: Ints = np.array([int(at) * SECOND for at in midnights], dtype=np.int64)
        share = np.array([WEEKDAY_SHARE[day.weekday()] for day in self.dates])
        self._events_by_end: Ints = np.rint(np.cumsum(share) / share.sum() * shop.events).astype(np.int64)
        self._hours: Floats = np.concatenate([[0.0], np.cumsum(HOUR_SHARE) / sum(HOUR_SHARE)])

    def __len__(self) -> int:
        return len(self.dates)

    @property
    def last_day(self) -> int:
        """The number of the last day."""
        return len(self) - 1

    def day_of(self, at: int) -> int:
        """Return the number of the day that contains `at` (UTC ms)."""
        return int(np.searchsorted(self.starts, at, side="right")) - 1

    def events_by_end_of(self, day: int) -> int:
        """Return the cumulative number of events due at the end of `day`."""
        return int(self._events_by_end[day])

    def draw_times(self, rng: np.random.Generator, day: int, count: int) -> Ints:
        """Draw `count` times of `day` in UTC ms, more of them in busy hours."""
        hour = np.interp(rng.random(count), self._hours, np.arange(25.0))
        length = int(self.starts[day + 1] - self.starts[day])
        times: Ints = self.starts[day] + np.minimum(hour / 24 * length, length - 1).astype(np.int64)
        return times

    def local_date(self, at: int) -> date:
        """Return the shop's local date at `at` (UTC ms), which may lie before the first day."""
        return datetime.fromtimestamp(at // SECOND, UTC).astimezone(self._zone).date()

    def has_snapshot(self, day: int) -> bool:
        """Whether full snapshots of customers and products are written on `day`."""
        return day % SNAPSHOT_EVERY_DAYS == 0

    def snapshot_interval(self, day: int) -> tuple[int, int] | None:
        """Return the times of the snapshot of `day` and of the next one; None for the last snapshot."""
        following = day + SNAPSHOT_EVERY_DAYS
        return (int(self.starts[day]), int(self.starts[following])) if following < len(self) else None

    def last_snapshot_at(self) -> int:
        """Return the time of the last snapshot in UTC ms."""
        return int(self.starts[self.last_day // SNAPSHOT_EVERY_DAYS * SNAPSHOT_EVERY_DAYS])
