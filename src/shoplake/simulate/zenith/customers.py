"""The customers who signed up: where they live, how to reach them, and what of it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.calendar import DAY, SNAPSHOT_EVERY_DAYS
from shoplake.simulate.rng import between, chance_of
from shoplake.simulate.text import TIME, block, joined, strings, taken, write_date, write_digits, write_time

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.shop import Shop

HEADER = "customer_id,signup_date,location,email,phone,updated_at\n"
FOUNDING_SHARE = 0.85
CHANGES = 0.05

# As they stand in a CSV file: quoted where the value holds a comma or a quotation mark.
LOCATIONS = (
    "London",
    "Manchester",
    "Bristol",
    "Edinburgh",
    "Cardiff",
    "Dublin",
    "Paris",
    "Lyon",
    "Berlin",
    "Wien",
    "København",
    "Łódź",
    "São Paulo",
    "東京",
    '"Zürich, Altstadt"',
    '"Köln, Nordrhein-Westfalen"',
    '"Portland, Oregon"',
    '"Hamburg ""HafenCity"""',
    '"Kraków, ""Stare Miasto"""',
)
FIRST_NAMES = (
    "ada",
    "ben",
    "chloe",
    "david",
    "emma",
    "farid",
    "grace",
    "hugo",
    "ines",
    "jan",
    "kim",
    "lea",
    "max",
    "nia",
)
LAST_NAMES = ("abe", "brown", "chen", "diaz", "evans", "fischer", "garcia", "hughes", "ito", "jones", "kaya", "lopez")
MAIL_HOSTS = ("example.com", "example.org", "mail.example", "post.example", "inbox.example")


class Clientele:
    """All customers, in the order they sign up; number `n` is customer `C` + `n + 1`."""

    def __init__(self, shop: Shop, calendar: Calendar) -> None:
        chance = chance_of(shop.seed, "customers")
        self._seed, self._calendar, count = shop.seed, calendar, shop.customers
        self.signed_up_at = _sign_ups(chance, count, calendar)
        self.updated_at = self.signed_up_at.copy()
        self._local_days = np.array([_local_day(at, calendar) for at in self.signed_up_at.tolist()], dtype=np.int64)
        self._location = between(chance, 0, len(LOCATIONS), count)
        self._mail_host = between(chance, 0, len(MAIL_HOSTS), count)
        self._phone = between(chance, 0, 10**9, count)
        self._first_name = between(chance, 0, len(FIRST_NAMES), count)
        self._last_name = between(chance, 0, len(LAST_NAMES), count)
        self.seen, self.changes = 0, 0

    def known_by(self, at: int) -> int:
        """How many have signed up before a moment: they are the first ones by number."""
        return int(np.searchsorted(self.signed_up_at, at))

    def advance(self, day: int) -> None:
        """Come to the snapshot of `day`: some of those in the last one have moved or changed how they are reached."""
        if day > 0:
            self._change(day)
        self.seen = self.known_by(int(self._calendar.starts[day]))

    def _change(self, day: int) -> None:
        chance = chance_of(self._seed, "moves", day)
        changing = np.flatnonzero(chance.random(self.seen) < CHANGES)
        if len(changing) == 0:
            changing = np.array([chance.integers(self.seen)])
        what = chance.integers(0, 4, len(changing))
        moving, mailing, calling = changing[what <= 1], changing[(what == 1) | (what == 2)], changing[what == 3]
        self._location[moving] = _another(chance, self._location[moving], len(LOCATIONS))
        self._mail_host[mailing] = _another(chance, self._mail_host[mailing], len(MAIL_HOSTS))
        self._phone[calling] = (self._phone[calling] + between(chance, 1, 10**9, len(calling))) % 10**9
        after, before = self._calendar.starts[day - SNAPSHOT_EVERY_DAYS] + 1, self._calendar.starts[day]
        self.updated_at[changing] = between(chance, after, before, len(changing))
        self.changes += len(changing)

    @property
    def versions(self) -> int:
        """How many versions the snapshots up to now hold: one a customer and one a change."""
        return self.seen + self.changes

    def snapshot(self) -> pa.StringArray:
        """The lines of the full snapshot as of the day come to."""
        now = slice(0, self.seen)
        first, last, hosts = (pa.array(names) for names in (FIRST_NAMES, LAST_NAMES, MAIL_HOSTS))
        number = block("0000000", self.seen)
        write_digits(number, 0, 7, np.arange(1, self.seen + 1))
        return joined(
            self._identity(now),
            taken(pa.array(LOCATIONS), self._location[now]),
            ",",
            joined(taken(first, self._first_name[now]), ".", taken(last, self._last_name[now]), strings(number)),
            "@",
            taken(hosts, self._mail_host[now]),
            self._reached(now),
        )

    def _identity(self, now: slice) -> pa.StringArray:
        cells = block("C0000000,2026-03-01,", self.seen)
        write_digits(cells, 1, 7, np.arange(1, self.seen + 1))
        write_date(cells, 9, self._local_days[now])
        return strings(cells)

    def _reached(self, now: slice) -> pa.StringArray:
        cells = block(f",+440000000000,{TIME}\n", self.seen)
        write_digits(cells, 5, 9, self._phone[now])
        write_time(cells, 15, self.updated_at[now])
        return strings(cells)


def _sign_ups(chance: np.random.Generator, count: int, calendar: Calendar) -> Ints:
    opened, closing = int(calendar.starts[0]), calendar.last_snapshot_at()
    founding = count if closing <= opened else max(1, round(count * FOUNDING_SHARE))
    before = between(chance, opened - 700 * DAY, opened - DAY, founding)
    later = between(chance, opened, max(closing, opened + 1), count - founding)
    return np.sort(np.concatenate([before, later]))


def _local_day(at: int, calendar: Calendar) -> int:
    return calendar.local_date(at).toordinal() - _EPOCH


def _another(chance: np.random.Generator, now: Ints, count: int) -> Ints:
    return (now + between(chance, 1, count, len(now))) % count


_EPOCH = 719_163
