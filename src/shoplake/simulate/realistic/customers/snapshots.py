"""Full snapshots of the customers, with twins by e-mail and an e-mail that changes owner."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shoplake.simulate.calendar import DAY
from shoplake.simulate.realistic.markets import MARKETS
from shoplake.simulate.realistic.orders.documents import customer_number
from shoplake.simulate.rng import draw_integers, rng_for
from shoplake.simulate.text import format_time
from shoplake.simulate.zenith.customers import FIRST_NAMES, LAST_NAMES, MAIL_HOSTS

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.realistic.customers.life import Lives
    from shoplake.simulate.realistic.customers.people import People
    from shoplake.simulate.realistic.options import Options

CITIES = {
    "GB": ("London", "Manchester", "Bristol", "Edinburgh"),
    "IE": ("Dublin", "Cork"),
    "DE": ("Berlin", '"Köln, Nordrhein-Westfalen"', '"Hamburg ""HafenCity"""'),
    "FR": ("Paris", "Lyon"),
    "NL": ("Amsterdam", "Utrecht"),
    "CH": ('"Zürich, Altstadt"', "Genève"),
    "US": ('"Portland, Oregon"', "Boston"),
}
MOVES_A_YEAR = 0.4
MOVED_EMAIL_SHARE = 0.002


class EmailMove(NamedTuple):
    """An e-mail that passes from one customer to another at a time (UTC ms)."""

    email: str
    from_customer: int
    to_customer: int
    at: int


class CustomerSnapshots:
    """The customers' contact data over time; ask for snapshots in the order of time."""

    def __init__(self, options: Options, calendar: Calendar, people: People, lives: Lives) -> None:
        rng = rng_for(options.seed, "contacts")
        self._calendar, self._lives, count = calendar, lives, options.customers
        first, last, host = (
            rng.integers(0, len(names), count).tolist() for names in (FIRST_NAMES, LAST_NAMES, MAIL_HOSTS)
        )
        self._phones = draw_integers(rng, 0, 10**9, count).tolist()
        self._emails = [
            f"{FIRST_NAMES[one]}.{LAST_NAMES[two]}{number + 1:07}@{MAIL_HOSTS[three]}"
            for number, (one, two, three) in enumerate(zip(first, last, host, strict=True))
        ]
        for customer in np.flatnonzero(people.person != np.arange(count)).tolist():
            self._emails[customer] = self._emails[int(people.person[customer])].title()
        self._cities = [CITIES[MARKETS[market].country] for market in lives.home_market[:count].tolist()]
        self._city = draw_integers(rng, 0, 10**6, count).tolist()
        self._updated_at = lives.signed_up_at.tolist()
        self._signed_up_on = [calendar.local_date(at).isoformat() for at in lives.signed_up_at.tolist()]
        moves = rng.poisson(MOVES_A_YEAR * options.days / 365 * count)
        who, when = rng.integers(0, count, moves), draw_integers(rng, lives.opened, lives.closed, moves)
        self._moves = deque(sorted(zip(when.tolist(), who.tolist(), strict=True)))
        self.email_moves = self._plan_email_moves(rng, people) if options.has("identity") else []
        self._passed = deque(self.email_moves)

    def _plan_email_moves(self, rng: np.random.Generator, people: People) -> list[EmailMove]:
        """Choose e-mails that change owner in the second half of the period, between different persons."""
        lives, accounts = self._lives, np.arange(len(self._emails))
        middle = (lives.opened + lives.closed) // 2
        alone = (people.person == accounts) & (np.bincount(people.person, minlength=len(accounts)) == 1)
        chosen = rng.permutation(np.flatnonzero(alone & (lives.signed_up_at < middle - DAY)))
        pairs = min(max(1, round(len(accounts) * MOVED_EMAIL_SHARE)), len(chosen) // 2)
        at = np.sort(draw_integers(rng, middle, max(middle + 1, lives.closed - DAY), pairs))
        rows = zip(chosen[:pairs].tolist(), chosen[pairs : 2 * pairs].tolist(), at.tolist(), strict=True)
        return [EmailMove(self._emails[one], one, two, when) for one, two, when in rows]

    def lines(self, day: int) -> list[str]:
        """Format the snapshot at the start of a local day, and apply all changes before it."""
        now = int(self._calendar.starts[day])
        self._apply(now)
        there = np.flatnonzero(self._lives.signed_up_at < now).tolist()
        return [self._format(customer) for customer in there]

    def _apply(self, now: int) -> None:
        while self._moves and self._moves[0][0] < now:
            at, customer = self._moves.popleft()
            if at > self._updated_at[customer]:
                self._city[customer] += 1
                self._updated_at[customer] = at
        while self._passed and self._passed[0].at < now:
            move = self._passed.popleft()
            for customer, email in (
                (move.from_customer, f"new.{move.email}"),
                (move.to_customer, move.email),
            ):
                self._emails[customer] = email
                self._updated_at[customer] = max(move.at, self._updated_at[customer])

    def _format(self, customer: int) -> str:
        cities = self._cities[customer]
        return (
            f"{customer_number(customer)},{self._signed_up_on[customer]},"
            f"{cities[self._city[customer] % len(cities)]},{self._emails[customer]},"
            f"+44{self._phones[customer]:010},{format_time(self._updated_at[customer])}\n"
        )
