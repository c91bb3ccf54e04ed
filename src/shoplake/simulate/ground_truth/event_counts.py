"""Counts of events, visitors and visits, taken along the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.text import money_text
from shoplake.simulate.zenith.journeys import FUNNEL, NAMES, PURCHASE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.ground_truth.schema import Counts, TrafficTruth
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.events import Rows, Visits
    from shoplake.simulate.zenith.visitors import Crowd

STEPS = [NAMES[step] for step in FUNNEL]
_CAME = 1 << 7
"""Set beside the bits of the funnel's steps for everyone who came."""


class TrafficTally:
    """Adds up the traffic; a day's numbers stand in the row of that day."""

    def __init__(self, calendar: Calendar, crowd: Crowd) -> None:
        self._dates, self._crowd = [date.isoformat() for date in calendar.dates], crowd
        days = len(calendar)
        self._names = np.zeros((days, len(NAMES)), dtype=np.int64)
        self._visits = np.zeros((days, 2), dtype=np.int64)
        self._visitors_by_step = np.zeros((days, len(FUNNEL)), dtype=np.int64)
        self._visits_by_step = np.zeros((days, len(FUNNEL)), dtype=np.int64)
        self._seen = np.zeros(crowd.size, dtype=np.uint8)
        self._bot_events = self._revenue = 0

    def add_events(self, day: int, rows: Rows, price: Ints) -> None:
        """Count a day's events; `price` is in cents, and anything where there is no product."""
        is_bot = self._crowd.is_bot(rows.visitor)
        is_purchase = rows.name == PURCHASE
        self._names[day] += np.bincount(rows.name, minlength=len(NAMES))
        self._bot_events += int(is_bot.sum())
        self._revenue += int((rows.quantity * price)[is_purchase].sum())
        self._seen[rows.visitor] |= _CAME
        today = np.zeros(self._crowd.first_bot, dtype=np.uint8)
        for column, step in enumerate(FUNNEL):
            today[rows.visitor[(rows.name == step) & ~is_bot]] |= 1 << column
            self._visitors_by_step[day, column] = np.count_nonzero(today & (1 << column))
        self._seen[: self._crowd.first_bot] |= today

    def add_visits(self, day: int, visits: Visits) -> None:
        """Count the visits that start on a day."""
        is_bot = self._crowd.is_bot(visits.visitor)
        self._visits[day] += (len(is_bot), int(is_bot.sum()))
        for step in range(len(FUNNEL)):
            self._visits_by_step[day, step] = np.count_nonzero((visits.depth >= step) & ~is_bot)

    def truth(self) -> TrafficTruth:
        """Everything counted."""
        return {
            "events": int(self._names.sum()),
            "bot_events": self._bot_events,
            "events_by_name": _named(NAMES, self._names.sum(axis=0)),
            "events_daily": _named(self._dates, self._names.sum(axis=1)),
            "visitors": int(np.count_nonzero(self._seen)),
            "bot_visitors": int(np.count_nonzero(self._seen[self._crowd.first_bot :])),
            "sessions": int(self._visits[:, 0].sum()),
            "bot_sessions": int(self._visits[:, 1].sum()),
            "sessions_daily": _named(self._dates, self._visits[:, 0]),
            "funnel_visitors": {
                name: int(np.count_nonzero(self._seen & (1 << column))) for column, name in enumerate(STEPS)
            },
            "funnel_daily": self._by_date_and_step(self._visitors_by_step),
            "funnel_sessions_daily": self._by_date_and_step(self._visits_by_step),
            "event_revenue": money_text(self._revenue),
        }

    def _by_date_and_step(self, rows: Ints) -> dict[str, Counts]:
        return {date: _named(STEPS, row) for date, row in zip(self._dates, rows, strict=True)}


def _named(names: Iterable[str], column: Ints) -> Counts:
    return dict(zip(names, column.tolist(), strict=True))
