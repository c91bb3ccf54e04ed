"""The events of each day, from the sessions that start on it and those that last past midnight."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.rng import Popularity, draw_weighted, rng_for
from shoplake.simulate.zenith.journeys import EVENTS_PER_SESSION, PURCHASE, Journeys, draw_journeys
from shoplake.simulate.zenith.pages import CHANNEL_CONVERSION, CHANNEL_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.rng import Flags, Ints
    from shoplake.simulate.zenith.customers import Customers
    from shoplake.simulate.zenith.shop import Shop
    from shoplake.simulate.zenith.visitors import Visitors

TAGGED_SESSION_RATE = 0.3


@dataclass(frozen=True)
class EventRows:
    """Events as columns, one value per event.

    `number` is unique and determines the event's id; `at` is UTC ms; `order` is 0 unless it is a purchase;
    `channel` is a position in `CHANNELS`; `product` is -1 and `quantity` 0 where there is none.
    """

    number: Ints
    at: Ints
    visitor: Ints
    session: Ints
    name: Ints
    product: Ints
    quantity: Ints
    page: Ints
    channel: Ints
    order: Ints

    def __len__(self) -> int:
        return len(self.at)

    def columns(self) -> Iterator[tuple[str, Ints]]:
        """Return the columns with their names."""
        return ((field.name, getattr(self, field.name)) for field in fields(self))

    def take(self, which: Ints | Flags | slice) -> EventRows:
        """Return the selected events."""
        return EventRows(**{name: column[which] for name, column in self.columns()})

    def concat(self, others: EventRows) -> EventRows:
        """Append other events."""
        pairs = zip(self.columns(), others.columns(), strict=True)
        return EventRows(**{name: np.concatenate([mine, theirs]) for (name, mine), (_, theirs) in pairs})


@dataclass(frozen=True)
class Sessions:
    """The sessions that start on one day: their visitors, and the last funnel step each reaches."""

    visitor: Ints
    depth: Ints


class EventGenerator:
    """Generates the days in order; keeps the end of each visitor's last session and the events after midnight."""

    def __init__(self, shop: Shop, calendar: Calendar, visitors: Visitors, customers: Customers) -> None:
        self._shop, self._calendar, self._visitors, self._customers = shop, calendar, visitors, customers
        self._popularity = Popularity(shop.products, shop.seed)
        self._next_day = EventRows(*(np.empty(0, dtype=np.int64) for _ in fields(EventRows)))
        self.events = self._sessions = self.orders = 0

    def generate_day(self, day: int) -> tuple[EventRows, Sessions]:
        """Generate the events of a local day in time order, and the sessions that start on it."""
        rng = rng_for(self._shop.seed, "traffic", day)
        visitor, starts, journeys, channel = self._draw_sessions(rng, day)
        is_kept = self._fits_period(day, starts, journeys.length)
        self._visitors.record_ends(visitor[is_kept], starts[is_kept], (starts + journeys.length)[is_kept])
        rows = self._next_day.concat(self._build_rows(rng, visitor, starts, journeys, is_kept, channel))
        is_later = rows.at >= self._calendar.starts[day + 1]
        self._next_day = rows.take(is_later)
        today = rows.take(~is_later)
        return today.take(np.argsort(today.at, kind="stable")), Sessions(visitor[is_kept], journeys.depth[is_kept])

    def _draw_sessions(self, rng: np.random.Generator, day: int) -> tuple[Ints, Ints, Journeys, Ints]:
        wanted = self._calendar.events_by_end_of(day) - self.events
        sessions = max(round(wanted / EVENTS_PER_SESSION), int(self._sessions == 0))
        known = self._customers.count_signed_up(int(self._calendar.starts[day]))
        visitor = self._visitors.draw(rng, sessions, known)
        device, is_bot, channel = (
            self._visitors.device(visitor),
            self._visitors.is_bot(visitor),
            self._draw_channels(rng, sessions),
        )
        journeys = draw_journeys(rng, device, is_bot, self._popularity, CHANNEL_CONVERSION[channel])
        draw_times = self._calendar.draw_times(rng, day, sessions)
        return visitor, self._visitors.schedule(visitor, draw_times, journeys.length), journeys, channel

    @staticmethod
    def _draw_channels(rng: np.random.Generator, sessions: int) -> Ints:
        return draw_weighted(rng, CHANNEL_SHARE, sessions)

    def _fits_period(self, day: int, starts: Ints, length: Ints) -> Flags:
        """Whether sessions start before midnight and, on the last day, also end before it; others are dropped."""
        end = self._calendar.starts[day + 1]
        is_last = day == self._calendar.last_day
        is_kept: Flags = (starts + length < end) if is_last else (starts < end)
        return is_kept

    def _build_rows(
        self,
        rng: np.random.Generator,
        visitor: Ints,
        starts: Ints,
        journeys: Journeys,
        is_kept: Flags,
        channels: Ints,
    ) -> EventRows:
        chosen = np.flatnonzero(is_kept[journeys.session])
        session, count = journeys.session[chosen], len(chosen)
        name, offset = journeys.name[chosen], journeys.offset[chosen]
        number = np.arange(self.events, self.events + count)
        is_tagged = (rng.random(len(starts)) < TAGGED_SESSION_RATE)[session] | (offset == 0)
        rows = EventRows(
            number=number,
            at=starts[session] + offset,
            visitor=visitor[session],
            session=self._sessions + session,
            name=name,
            product=journeys.product[chosen],
            quantity=journeys.quantity[chosen],
            page=journeys.page[chosen],
            channel=np.where(is_tagged, channels[session], 0),
            order=self._order_numbers(session, name),
        )
        self.events += count
        self._sessions += len(starts)
        return rows

    def _order_numbers(self, session: Ints, name: Ints) -> Ints:
        """Assign a new number to each session with a purchase; 0 for the events that are no purchase."""
        is_purchase = name == PURCHASE
        buys = np.zeros(int(session.max(initial=0)) + 1, dtype=np.int64)
        buys[session[is_purchase]] = 1
        numbers = np.cumsum(buys) + self.orders
        self.orders += int(buys.sum())
        return np.where(is_purchase, numbers[session], 0)
