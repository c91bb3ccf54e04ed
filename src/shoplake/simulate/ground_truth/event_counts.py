"""Counts of events, visitors and sessions, collected during generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.text import format_money
from shoplake.simulate.zenith.journeys import FUNNEL, NAMES, PURCHASE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.ground_truth.schema import Counts, EventsGroundTruth
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.events import EventRows, Sessions
    from shoplake.simulate.zenith.visitors import Visitors

STEPS = [NAMES[step] for step in FUNNEL]
_SEEN = 1 << 7
"""The bit of every visitor with an event, beside the bits of the funnel steps."""


class EventCounter:
    """Counts events and sessions; arrays have one row per day."""

    def __init__(self, calendar: Calendar, visitors: Visitors) -> None:
        self._dates, self._visitors = [date.isoformat() for date in calendar.dates], visitors
        days = len(calendar)
        self._names = np.zeros((days, len(NAMES)), dtype=np.int64)
        self._sessions = np.zeros((days, 2), dtype=np.int64)
        self._visitors_by_step = np.zeros((days, len(FUNNEL)), dtype=np.int64)
        self._sessions_by_step = np.zeros((days, len(FUNNEL)), dtype=np.int64)
        self._steps_by_visitor = np.zeros(visitors.size, dtype=np.uint8)
        self._bot_events = self._revenue = 0

    def add_events(self, day: int, rows: EventRows, price: Ints) -> None:
        """Count a day's events; `price` is in cents and arbitrary where there is no product."""
        is_bot = self._visitors.is_bot(rows.visitor)
        is_purchase = rows.name == PURCHASE
        self._names[day] += np.bincount(rows.name, minlength=len(NAMES))
        self._bot_events += int(is_bot.sum())
        self._revenue += int((rows.quantity * price)[is_purchase].sum())
        self._steps_by_visitor[rows.visitor] |= _SEEN
        today = np.zeros(self._visitors.first_bot, dtype=np.uint8)
        for column, step in enumerate(FUNNEL):
            today[rows.visitor[(rows.name == step) & ~is_bot]] |= 1 << column
            self._visitors_by_step[day, column] = np.count_nonzero(today & (1 << column))
        self._steps_by_visitor[: self._visitors.first_bot] |= today

    def add_sessions(self, day: int, sessions: Sessions) -> None:
        """Count the sessions that start on a day."""
        is_bot = self._visitors.is_bot(sessions.visitor)
        self._sessions[day] += (len(is_bot), int(is_bot.sum()))
        for step in range(len(FUNNEL)):
            self._sessions_by_step[day, step] = np.count_nonzero((sessions.depth >= step) & ~is_bot)

    def ground_truth(self) -> EventsGroundTruth:
        """Return everything counted."""
        return {
            "events": int(self._names.sum()),
            "bot_events": self._bot_events,
            "events_by_name": _by_name(NAMES, self._names.sum(axis=0)),
            "events_daily": _by_name(self._dates, self._names.sum(axis=1)),
            "visitors": int(np.count_nonzero(self._steps_by_visitor)),
            "bot_visitors": int(np.count_nonzero(self._steps_by_visitor[self._visitors.first_bot :])),
            "sessions": int(self._sessions[:, 0].sum()),
            "bot_sessions": int(self._sessions[:, 1].sum()),
            "sessions_daily": _by_name(self._dates, self._sessions[:, 0]),
            "funnel_visitors": {
                name: int(np.count_nonzero(self._steps_by_visitor & (1 << column))) for column, name in enumerate(STEPS)
            },
            "funnel_daily": self._by_date_and_step(self._visitors_by_step),
            "funnel_sessions_daily": self._by_date_and_step(self._sessions_by_step),
            "event_revenue": format_money(self._revenue),
        }

    def _by_date_and_step(self, rows: Ints) -> dict[str, Counts]:
        return {date: _by_name(STEPS, row) for date, row in zip(self._dates, rows, strict=True)}


def _by_name(names: Iterable[str], column: Ints) -> Counts:
    return dict(zip(names, column.tolist(), strict=True))
