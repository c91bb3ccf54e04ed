"""Events with their times: sessions of a household never overlap, and orders get the time of their purchase."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import SECOND
from shoplake.simulate.realistic.events.sessions import FROM_START, MID_VISIT, NONE
from shoplake.simulate.zenith.journeys import CHECKOUT_STARTED
from shoplake.simulate.zenith.visitors import MIN_ABSENCE, earliest_starts

if TYPE_CHECKING:
    from shoplake.simulate.realistic.customers.people import People
    from shoplake.simulate.realistic.events.sessions import Sessions
    from shoplake.simulate.realistic.events.steps import Steps
    from shoplake.simulate.rng import Flags, Ints

TAGGED_RATE = 0.3
SPARE_TIME = 10 * SECOND
"""Events that are sent twice may be this much later than the end of their session."""


@dataclass(frozen=True)
class Events:
    """Events as columns. `at` is UTC ms; `account` says who acts, `user` the customer that the tracker sees or -1.

    `order` and `line` are positions of an order and its line for a purchase, else -1; `product` is -1 where there is
    none; `channel` is a position in `CHANNELS`, 0 without tags; `market` is a position in `MARKETS`.
    `price` is in ten-thousandths of the currency at position `currency`, and unused without a product.
    """

    at: Ints
    session: Ints
    account: Ints
    user: Ints
    device: Ints
    name: Ints
    product: Ints
    quantity: Ints
    page: Ints
    channel: Ints
    market: Ints
    order: Ints
    line: Ints
    price: Ints
    currency: Ints

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Ints | Flags | slice) -> Events:
        """Return the selected events."""
        return Events(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @staticmethod
    def concat(*parts: Events) -> Events:
        """Join events."""
        return Events(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Events)})


def schedule(people: People, sessions: Sessions, steps: Steps, opened: int) -> Ints:
    """Return the starts of sessions (UTC ms): as wanted, or later where the household was there within 30 minutes."""
    household = people.household[sessions.person]
    wanted = np.maximum(sessions.at - steps.ordered, opened)
    order = np.lexsort((wanted, household))
    is_first = np.diff(household[order], prepend=-1) != 0
    starts: Ints = np.empty_like(wanted)
    starts[order] = earliest_starts(wanted[order], steps.length[order] + MIN_ABSENCE + SPARE_TIME, is_first)
    return starts


def build_events(rng: np.random.Generator, sessions: Sessions, steps: Steps, starts: Ints, closed: int) -> Events:
    """Build the events of the sessions that end before `closed` (UTC ms), in time order."""
    session = steps.session
    is_tagged = (rng.random(len(sessions)) < TAGGED_RATE)[session] | (steps.offset == 0)
    knows = steps.offset >= _login_offsets(rng, sessions, steps)[session]
    events = Events(
        at=starts[session] + steps.offset,
        session=session,
        account=sessions.person[session],
        user=np.where(knows, sessions.customer[session], NONE),
        device=sessions.device[session],
        name=steps.name,
        product=steps.product,
        quantity=steps.quantity,
        page=steps.page,
        channel=np.where(is_tagged, sessions.channel[session], 0),
        market=sessions.market[session],
        order=np.where(steps.line >= 0, sessions.order[session], NONE),
        line=steps.line,
        price=np.zeros_like(session),
        currency=np.zeros_like(session),
    )
    ended = (starts + steps.length < closed)[session]
    order = np.flatnonzero(ended)
    return events.take(order[np.argsort(events.at[order], kind="stable")])


def _login_offsets(rng: np.random.Generator, sessions: Sessions, steps: Steps) -> Ints:
    """Return the time from which each session has a login: its checkout, or any moment of a visit without one."""
    at_checkout = np.zeros(len(sessions), dtype=np.int64)
    checkouts = steps.name == CHECKOUT_STARTED
    at_checkout[steps.session[checkouts]] = steps.offset[checkouts]
    moment = (rng.random(len(sessions)) * steps.length).astype(np.int64)
    middle = np.where(at_checkout > 0, at_checkout, moment + 1)
    never = steps.length + 1
    by_login = np.where(sessions.login == MID_VISIT, middle, never)
    offsets: Ints = np.where(sessions.login == FROM_START, 0, by_login)
    return offsets
