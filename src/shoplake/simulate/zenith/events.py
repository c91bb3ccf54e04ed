"""The events of each day, made from the visits that start on it and those that last past midnight."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.rng import Popularity, chance_of, weighted
from shoplake.simulate.zenith.journeys import EVENTS_A_VISIT, PURCHASE, Journeys, walk
from shoplake.simulate.zenith.pages import CHANNEL_SHARE, CHANNEL_ZEAL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.rng import Flags, Ints
    from shoplake.simulate.zenith.customers import Clientele
    from shoplake.simulate.zenith.shop import Shop
    from shoplake.simulate.zenith.visitors import Crowd

TAGS_EVERY_EVENT = 0.3


@dataclass(frozen=True)
class Rows:
    """Events, one value a column each.

    `number` is unique and makes the event's id; `at` is UTC ms; `order` is 0 unless it is a purchase;
    `channel` is a position in `CHANNELS`; `product` is -1 and `quantity` 0 where there is none.
    """

    number: Ints
    at: Ints
    visitor: Ints
    visit: Ints
    name: Ints
    product: Ints
    quantity: Ints
    page: Ints
    channel: Ints
    order: Ints

    def __len__(self) -> int:
        return len(self.at)

    def columns(self) -> Iterator[tuple[str, Ints]]:
        """The columns with their names."""
        return ((field.name, getattr(self, field.name)) for field in fields(self))

    def take(self, which: Ints | Flags | slice) -> Rows:
        """Some of the events."""
        return Rows(**{name: column[which] for name, column in self.columns()})

    def followed_by(self, others: Rows) -> Rows:
        """These events and then the others."""
        pairs = zip(self.columns(), others.columns(), strict=True)
        return Rows(**{name: np.concatenate([mine, theirs]) for (name, mine), (_, theirs) in pairs})


@dataclass(frozen=True)
class Visits:
    """The visits that start on one day: their visitors, and the last step of the funnel each reaches."""

    visitor: Ints
    depth: Ints


class Traffic:
    """Makes the days one after the other, remembering who was here and what is still to come."""

    def __init__(self, shop: Shop, calendar: Calendar, crowd: Crowd, clientele: Clientele) -> None:
        self._shop, self._calendar, self._crowd, self._clientele = shop, calendar, crowd, clientele
        self._popularity = Popularity(shop.products, shop.seed)
        self._after_midnight = Rows(*(np.empty(0, dtype=np.int64) for _ in fields(Rows)))
        self.events = self._visits = self.orders = 0

    def day(self, day: int) -> tuple[Rows, Visits]:
        """The events of a local day in the order they happen, and the visits that start on it."""
        chance = chance_of(self._shop.seed, "traffic", day)
        visitor, starts, journeys, channel = self._visits_of(chance, day)
        stays = self._stays(day, starts, journeys.length)
        self._crowd.leave(visitor[stays], starts[stays], (starts + journeys.length)[stays])
        rows = self._after_midnight.followed_by(self._rows(chance, visitor, starts, journeys, stays, channel))
        is_later = rows.at >= self._calendar.starts[day + 1]
        self._after_midnight = rows.take(is_later)
        today = rows.take(~is_later)
        return today.take(np.argsort(today.at, kind="stable")), Visits(visitor[stays], journeys.depth[stays])

    def _visits_of(self, chance: np.random.Generator, day: int) -> tuple[Ints, Ints, Journeys, Ints]:
        wanted = self._calendar.events_by_end_of(day) - self.events
        visits = max(round(wanted / EVENTS_A_VISIT), int(self._visits == 0))
        known = self._clientele.known_by(int(self._calendar.starts[day]))
        visitor = self._crowd.draw(chance, visits, known)
        device, is_bot, channel = (
            self._crowd.device(visitor),
            self._crowd.is_bot(visitor),
            self._channels(chance, visits),
        )
        journeys = walk(chance, device, is_bot, self._popularity, CHANNEL_ZEAL[channel])
        moments = self._calendar.moments(chance, day, visits)
        return visitor, self._crowd.schedule(visitor, moments, journeys.length), journeys, channel

    @staticmethod
    def _channels(chance: np.random.Generator, visits: int) -> Ints:
        return weighted(chance, CHANNEL_SHARE, visits)

    def _stays(self, day: int, starts: Ints, length: Ints) -> Flags:
        """Visits pushed past midnight by an earlier one do not happen, nor do those that would outlast the last day."""
        end = self._calendar.starts[day + 1]
        is_last = day == self._calendar.last_day
        stays: Flags = (starts + length < end) if is_last else (starts < end)
        return stays

    def _rows(
        self, chance: np.random.Generator, visitor: Ints, starts: Ints, journeys: Journeys, stays: Flags, channels: Ints
    ) -> Rows:
        chosen = np.flatnonzero(stays[journeys.visit])
        visit, count = journeys.visit[chosen], len(chosen)
        name, offset = journeys.name[chosen], journeys.offset[chosen]
        number = np.arange(self.events, self.events + count)
        is_tagged = (chance.random(len(starts)) < TAGS_EVERY_EVENT)[visit] | (offset == 0)
        rows = Rows(
            number=number,
            at=starts[visit] + offset,
            visitor=visitor[visit],
            visit=self._visits + visit,
            name=name,
            product=journeys.product[chosen],
            quantity=journeys.quantity[chosen],
            page=journeys.page[chosen],
            channel=np.where(is_tagged, channels[visit], 0),
            order=self._order_numbers(visit, name),
        )
        self.events += count
        self._visits += len(starts)
        return rows

    def _order_numbers(self, visit: Ints, name: Ints) -> Ints:
        """A new number for each visit that buys, 0 for the events that are no purchase."""
        is_purchase = name == PURCHASE
        buys = np.zeros(int(visit.max(initial=0)) + 1, dtype=np.int64)
        buys[visit[is_purchase]] = 1
        numbers = np.cumsum(buys) + self.orders
        self.orders += int(buys.sum())
        return np.where(is_purchase, numbers[visit], 0)
