"""Sessions: those that end in an order, those before it, and all others."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import DAY
from shoplake.simulate.realistic.channels import draw_channels
from shoplake.simulate.rng import draw_integers

if TYPE_CHECKING:
    from shoplake.simulate.realistic.business_time import BusinessTime
    from shoplake.simulate.realistic.customers.life import Lives
    from shoplake.simulate.realistic.customers.people import People
    from shoplake.simulate.realistic.orders.placed import Placed
    from shoplake.simulate.rng import Flags, Ints

NONE = -1
NO_LOGIN, FROM_START, MID_VISIT = range(3)
TOUCHES_PER_ORDER = 0.8
MAX_TOUCH_DAYS, MIN_TOUCH_MS = 20, DAY // 12
SIGN_UP_WINDOW = DAY // 12
"""Who signed up less than this before an order did so in the session of the order."""
CUSTOMER_SHARE, BOT_SHARE = 0.48, 0.03
SESSIONS_PER_ANONYMOUS = 1.6


@dataclass(frozen=True)
class Sessions:
    """Sessions as columns. `customer` and `order` are -1 where there is none; `at` is the wanted start (UTC ms).

    `channel` is a position in `CHANNELS`, `market` one in `MARKETS`; `login` is one of the three constants.
    """

    person: Ints
    customer: Ints
    device: Ints
    at: Ints
    channel: Ints
    market: Ints
    order: Ints
    login: Ints

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Ints | Flags) -> Sessions:
        """Return the selected sessions."""
        return Sessions(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @staticmethod
    def concat(*parts: Sessions) -> Sessions:
        """Join sessions."""
        names = [field.name for field in fields(Sessions)]
        return Sessions(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


class SessionDraws:
    """Draws sessions of people; `has_identity` says whether customers visit without a login too."""

    def __init__(self, rng: np.random.Generator, people: People, lives: Lives, *, has_identity: bool) -> None:
        self._rng, self._people, self._lives, self._has_identity = rng, people, lives, has_identity

    def around_orders(self, placed: Placed) -> Sessions:
        """Draw one session for each order with events, and the touches before it; the first one has the lead."""
        web = np.flatnonzero(placed.is_web)
        touches = np.repeat(web, self._rng.poisson(TOUCHES_PER_ORDER, len(web)))
        before = draw_integers(self._rng, MIN_TOUCH_MS, MAX_TOUCH_DAYS * DAY, len(touches))
        order = np.concatenate([web, touches])
        at = placed.at[order] - np.concatenate([np.zeros(len(web), dtype=np.int64), before])
        ends = np.arange(len(order)) < len(web)
        inside = at >= self._lives.opened
        order, at, ends = order[inside], at[inside], ends[inside]
        channel = draw_channels(self._rng, "closes", len(order))
        by_order = np.lexsort((at, order))
        is_first = np.diff(order[by_order], prepend=-1) != 0
        leading = by_order[is_first]
        channel[leading] = placed.lead[order[leading]]
        sessions = self._visits(placed.person[order], placed.customer[order], at, channel, placed.market[order])
        return replace(sessions, order=np.where(ends, order, NONE), login=self._order_logins(sessions, ends))

    def other_visits(self, count: int, business: BusinessTime) -> Sessions:
        """Draw visits without an order: of customers, anonymous visitors and bots."""
        if count <= 0:
            return _empty()
        customers = round(count * CUSTOMER_SHARE)
        who, at = self._lives.draw_visits(self._rng, customers)
        others = count - customers
        is_bot = self._rng.random(others) < BOT_SHARE / (1 - CUSTOMER_SHARE)
        anonymous = self._rng.integers(self._people.first_anonymous, self._people.first_bot, others)
        bots = self._rng.integers(self._people.first_bot, self._people.size, others)
        person = np.concatenate([who, np.where(is_bot, bots, anonymous)])
        moments = business.to_utc(self._rng.random(others) * business.total)
        customer = np.concatenate([who, np.full(others, NONE)])
        channel = draw_channels(self._rng, "browses", count)
        market = self._lives.markets(self._rng, person)
        return self._visits(person, customer, np.concatenate([at, moments]), channel, market)

    def _visits(self, person: Ints, customer: Ints, at: Ints, channel: Ints, market: Ints) -> Sessions:
        devices = self._people.draw_devices(self._rng, person)
        return Sessions(
            person, customer, devices, at, channel, market, np.full(len(at), NONE), self._logins(customer, at)
        )

    def _logins(self, customer: Ints, at: Ints) -> Ints:
        """Draw the logins of visits: none before the sign-up, and none of people without an account."""
        draws = self._rng.random(len(at))
        login = np.where(draws < 0.35, FROM_START, np.where(draws < 0.5, MID_VISIT, NO_LOGIN))
        login = login if self._has_identity else np.full(len(at), FROM_START)
        can_login = (customer >= 0) & (at >= self._lives.signed_up_at[customer])
        return np.where(can_login, login, NO_LOGIN)

    def _order_logins(self, sessions: Sessions, ends: Flags) -> Ints:
        """Draw the logins of sessions with an order: from the start, or at the checkout."""
        draws = self._rng.random(len(sessions))
        login = np.where(draws < 0.45, FROM_START, np.where(draws < 0.95, MID_VISIT, NO_LOGIN))
        login = login if self._has_identity else np.full(len(sessions), FROM_START)
        is_new = sessions.at - self._lives.signed_up_at[sessions.customer] < SIGN_UP_WINDOW
        login = np.where((login == FROM_START) & is_new, MID_VISIT, login)
        return np.where(ends, np.where(sessions.customer >= 0, login, NO_LOGIN), sessions.login)


def _empty() -> Sessions:
    return Sessions(*(np.empty(0, dtype=np.int64) for _ in fields(Sessions)))
