"""Applies planned anomalies to orders, sessions, prices and events."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import DAY
from shoplake.simulate.realistic.channels import CHANNELS, DIRECT
from shoplake.simulate.realistic.events.sessions import Sessions
from shoplake.simulate.realistic.events.visits import Events
from shoplake.simulate.realistic.markets import MARKETS
from shoplake.simulate.realistic.orders.placed import NONE, Placed
from shoplake.simulate.realistic.planted.anomaly_plan import Anomaly, find, is_during
from shoplake.simulate.rng import rng_for
from shoplake.simulate.user_agents import DEVICES
from shoplake.simulate.zenith.journeys import PURCHASE

if TYPE_CHECKING:
    from shoplake.simulate.realistic.customers.people import People
    from shoplake.simulate.realistic.orders.priced import Priced
    from shoplake.simulate.rng import Flags, Ints

HOLIDAY_ORDERS, HOLIDAY_VISITS = 0.6, 0.4
PAYMENT_LOSS, MOBILE_LOSS = 0.8, 0.9
CAMPAIGN_GAIN, FLOOD_GAIN = 1.0, 6.0
OUTAGE_HOURS = (9, 22)
PRICE_FACTOR = 100
EMAIL = next(number for number, channel in enumerate(CHANNELS) if channel.medium == "email")
PAID_SEARCH = [number for number, channel in enumerate(CHANNELS) if channel.medium == "cpc"]
COUNTRIES = [market.country for market in MARKETS]


class Anomalies:
    """The planned anomalies; `moved` counts what each kind takes away (below 0) or adds, in its measure."""

    def __init__(self, seed: int, planned: list[Anomaly], people: People) -> None:
        self._rng, self.planned, self._people = rng_for(seed, "anomalous days"), planned, people
        self.moved: Counter[str] = Counter()

    def in_orders(self, placed: Placed) -> Placed:
        """Return the orders without those that nobody places, and with those of the campaign."""
        draws = self._rng.random(len(placed))
        absent = self._count("site_outage", placed, self._is_offline(placed.at))
        absent |= self._count("bank_holiday", placed, draws < HOLIDAY_ORDERS, ~absent)
        absent |= self._count("country_outage", placed, placed.market == COUNTRIES.index("DE"), ~absent)
        remaining = placed.take(~absent)
        is_paused = is_during(self.planned, "paid_search_paused", remaining.at) & np.isin(remaining.lead, PAID_SEARCH)
        remaining = replace(
            remaining,
            lead=np.where(is_paused, DIRECT, remaining.lead),
            is_incremental=remaining.is_incremental & ~is_paused,
        )
        during = np.flatnonzero(is_during(self.planned, "campaign", remaining.at))
        copied = remaining.take(np.repeat(during, self._rng.poisson(CAMPAIGN_GAIN, len(during))))
        self.moved["campaign"] += len(copied)
        return _concat(remaining, self._by_email(copied))

    def in_touches(self, sessions: Sessions) -> Sessions:
        """Return the sessions around orders; while paid search is paused, people come directly."""
        is_paused = is_during(self.planned, "paid_search_paused", sessions.at) & np.isin(sessions.channel, PAID_SEARCH)
        self.moved["paid_search_paused"] -= int(is_paused.sum())
        return replace(sessions, channel=np.where(is_paused, DIRECT, sessions.channel))

    def in_sessions(self, sessions: Sessions) -> tuple[Sessions, Flags]:
        """Return the visits without an order that happen, and which of them are of the bot flood, from desktops."""
        draws = self._rng.random(len(sessions))
        is_paused = is_during(self.planned, "paid_search_paused", sessions.at) & np.isin(sessions.channel, PAID_SEARCH)
        self.moved["paid_search_paused"] -= int(is_paused.sum())
        absent = is_paused | (is_during(self.planned, "bank_holiday", sessions.at) & (draws < HOLIDAY_VISITS))
        kept = sessions.take(~absent)
        during = np.flatnonzero(is_during(self.planned, "bot_flood", kept.at))
        flood = kept.take(np.repeat(during, self._rng.poisson(FLOOD_GAIN, len(during))))
        person, none = self._on_desktops(len(flood)), np.full(len(flood), NONE)
        device = self._people.main_device(person)
        flood = replace(flood, person=person, customer=none, device=device, login=np.zeros_like(none))
        is_flood = np.arange(len(kept) + len(flood)) >= len(kept)
        return Sessions.concat(kept, flood), is_flood

    def failing_orders(self, placed: Placed, at: Ints, device: Ints) -> Flags:
        """Return the orders that fail at their checkout at `at` (UTC ms): the session has no purchase.

        `device` has the device of each order, -1 without a session.
        """
        is_mobile = (device >= 0) & (self._people.device_type(np.maximum(device, 0)) == DEVICES.index("mobile"))
        draws = self._rng.random(len(placed))
        fails = is_during(self.planned, "payment_outage", at) & (draws < PAYMENT_LOSS) & placed.is_web
        self.moved["payment_outage"] -= int(fails.sum())
        broken = is_during(self.planned, "mobile_checkout_broken", at) & is_mobile & (draws < MOBILE_LOSS) & ~fails
        self.moved["mobile_checkout_broken"] -= int(broken.sum())
        offline = self._is_offline(at) & ~fails & ~broken
        self.moved["site_outage"] -= int(offline.sum())
        failing: Flags = fails | broken | offline
        return failing

    def in_prices(self, placed: Placed, priced: Priced, exists: Flags) -> None:
        """Multiply the prices of some orders."""
        wrong = is_during(self.planned, "price_x100", priced.at) & (placed.market == COUNTRIES.index("GB"))
        before = priced.goods()[wrong & exists].sum()
        priced.unit_price = np.where(wrong[priced.lines.order], priced.unit_price * PRICE_FACTOR, priced.unit_price)
        self.moved["price_x100"] += int(priced.goods()[wrong & exists].sum() - before)

    def in_events(self, events: Events, fails: Flags, is_flood: Flags) -> Events:
        """Return the events that the tracker records; `fails` is by order, `is_flood` by session."""
        lost = (events.name == PURCHASE) & np.append(fails, False)[events.order]
        offline = self._is_offline(events.at)
        untracked = is_during(self.planned, "tracker_outage", events.at) & ~lost & ~offline
        self.moved["tracker_outage"] -= int(untracked.sum())
        kept = events.take(~(lost | offline | untracked))
        self.moved["bot_flood"] += int(is_flood[kept.session].sum())
        again = kept.take(is_during(self.planned, "doubled_events", kept.at))
        self.moved["doubled_events"] += len(again)
        together = Events.concat(kept, again)
        return together.take(np.argsort(together.at, kind="stable"))

    def _on_desktops(self, count: int) -> Ints:
        """Draw anonymous visitors who use a desktop, or any where there is none."""
        anonymous = np.arange(self._people.first_anonymous, self._people.first_bot)
        types = self._people.device_type(self._people.main_device(anonymous))
        on_desktop = anonymous[types == DEVICES.index("desktop")]
        return self._rng.choice(on_desktop if len(on_desktop) else anonymous, count)

    def _is_offline(self, at: Ints) -> Flags:
        """Whether times are in the hours of the site outage."""
        outage = find(self.planned, "site_outage")
        if outage is None:
            return np.zeros(len(at), dtype=np.bool_)
        first, last = (outage.starts_at + hour * DAY // 24 for hour in OUTAGE_HOURS)
        flags: Flags = (at >= first) & (at < last)
        return flags

    def _count(self, kind: str, placed: Placed, which: Flags, others: Flags | None = None) -> Flags:
        absent = is_during(self.planned, kind, placed.at) & which
        absent = absent if others is None else absent & others
        self.moved[kind] -= int(absent.sum())
        return absent

    def _by_email(self, placed: Placed) -> Placed:
        """Return copies of orders by other people who follow the newsletter."""
        count = len(placed)
        person = self._rng.integers(self._people.first_anonymous, self._people.first_bot, count)
        no, none = np.zeros(count, dtype=np.bool_), np.full(count, NONE)
        return replace(
            placed,
            at=placed.at + self._rng.integers(0, DAY // 24, count),
            person=person,
            customer=none,
            ordinal=np.zeros_like(none),
            leaves=no,
            lead=np.full(count, EMAIL),
            is_incremental=~no,
            is_web=~no,
            has_first_discount=no,
        )


def _concat(one: Placed, other: Placed) -> Placed:
    names = [field.name for field in fields(Placed)]
    return Placed(**{name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in names})
