"""Customers with location and contact data, and their changes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.calendar import DAY, SNAPSHOT_EVERY_DAYS
from shoplake.simulate.rng import draw_integers, rng_for
from shoplake.simulate.text import (
    TIME,
    join_texts,
    repeat_template,
    take_texts,
    to_strings,
    write_date,
    write_digits,
    write_time,
)

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.rng import Ints
    from shoplake.simulate.zenith.shop import Shop

HEADER = "customer_id,signup_date,location,email,phone,updated_at\n"
FOUNDING_SHARE = 0.85
CHANGES = 0.05

# As in a CSV file: quoted where the value contains a comma or a quotation mark.
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


class Customers:
    """All customers in the order of sign-up; number `n` is customer `C` + `n + 1`."""

    def __init__(self, shop: Shop, calendar: Calendar) -> None:
        rng = rng_for(shop.seed, "customers")
        self._seed, self._calendar, count = shop.seed, calendar, shop.customers
        self.signed_up_at = _draw_sign_ups(rng, count, calendar)
        self.updated_at = self.signed_up_at.copy()
        self._local_days = np.array([_local_day(at, calendar) for at in self.signed_up_at.tolist()], dtype=np.int64)
        self._location = draw_integers(rng, 0, len(LOCATIONS), count)
        self._mail_host = draw_integers(rng, 0, len(MAIL_HOSTS), count)
        self._phone = draw_integers(rng, 0, 10**9, count)
        self._first_name = draw_integers(rng, 0, len(FIRST_NAMES), count)
        self._last_name = draw_integers(rng, 0, len(LAST_NAMES), count)
        self.snapshot_size, self.changes = 0, 0

    def count_signed_up(self, at: int) -> int:
        """Return the number of customers signed up before `at` (UTC ms): they are the first ones by number."""
        return int(np.searchsorted(self.signed_up_at, at))

    def advance(self, day: int) -> None:
        """Advance to the snapshot of `day`: some customers of the last one have a new location or contact data."""
        if day > 0:
            self._apply_changes(day)
        self.snapshot_size = self.count_signed_up(int(self._calendar.starts[day]))

    def _apply_changes(self, day: int) -> None:
        rng = rng_for(self._seed, "moves", day)
        changing = np.flatnonzero(rng.random(self.snapshot_size) < CHANGES)
        if len(changing) == 0:
            changing = np.array([rng.integers(self.snapshot_size)])
        what = rng.integers(0, 4, len(changing))
        moving, mailing, calling = changing[what <= 1], changing[(what == 1) | (what == 2)], changing[what == 3]
        self._location[moving] = _draw_other(rng, self._location[moving], len(LOCATIONS))
        self._mail_host[mailing] = _draw_other(rng, self._mail_host[mailing], len(MAIL_HOSTS))
        self._phone[calling] = (self._phone[calling] + draw_integers(rng, 1, 10**9, len(calling))) % 10**9
        after, before = self._calendar.starts[day - SNAPSHOT_EVERY_DAYS] + 1, self._calendar.starts[day]
        self.updated_at[changing] = draw_integers(rng, after, before, len(changing))
        self.changes += len(changing)

    @property
    def versions(self) -> int:
        """Number of versions in the snapshots so far: one per customer and one per change."""
        return self.snapshot_size + self.changes

    def snapshot(self) -> pa.StringArray:
        """Format the lines of the full snapshot of the current day."""
        now = slice(0, self.snapshot_size)
        first, last, hosts = (pa.array(names) for names in (FIRST_NAMES, LAST_NAMES, MAIL_HOSTS))
        number = repeat_template("0000000", self.snapshot_size)
        write_digits(number, 0, 7, np.arange(1, self.snapshot_size + 1))
        return join_texts(
            self._format_identities(now),
            take_texts(pa.array(LOCATIONS), self._location[now]),
            ",",
            join_texts(
                take_texts(first, self._first_name[now]),
                ".",
                take_texts(last, self._last_name[now]),
                to_strings(number),
            ),
            "@",
            take_texts(hosts, self._mail_host[now]),
            self._format_contacts(now),
        )

    def _format_identities(self, now: slice) -> pa.StringArray:
        cells = repeat_template("C0000000,2026-03-01,", self.snapshot_size)
        write_digits(cells, 1, 7, np.arange(1, self.snapshot_size + 1))
        write_date(cells, 9, self._local_days[now])
        return to_strings(cells)

    def _format_contacts(self, now: slice) -> pa.StringArray:
        cells = repeat_template(f",+440000000000,{TIME}\n", self.snapshot_size)
        write_digits(cells, 5, 9, self._phone[now])
        write_time(cells, 15, self.updated_at[now])
        return to_strings(cells)


def _draw_sign_ups(rng: np.random.Generator, count: int, calendar: Calendar) -> Ints:
    opened, closing = int(calendar.starts[0]), calendar.last_snapshot_at()
    founding = count if closing <= opened else max(1, round(count * FOUNDING_SHARE))
    before = draw_integers(rng, opened - 700 * DAY, opened - DAY, founding)
    later = draw_integers(rng, opened, max(closing, opened + 1), count - founding)
    return np.sort(np.concatenate([before, later]))


def _local_day(at: int, calendar: Calendar) -> int:
    return calendar.local_date(at).toordinal() - _EPOCH


def _draw_other(rng: np.random.Generator, now: Ints, count: int) -> Ints:
    return (now + draw_integers(rng, 1, count, len(now))) % count


_EPOCH = 719_163
