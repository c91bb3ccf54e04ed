"""Who people are: persons, their accounts and their devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.rng import draw_weighted, rng_for
from shoplake.simulate.user_agents import BOTS, DEVICES, PEOPLE, USER_AGENTS

if TYPE_CHECKING:
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.rng import Flags, Ints

DEVICE_SHARES = (55.0, 33.0, 12.0)
"""Shares of customers with one, two and three devices."""
MAIN_DEVICE_SHARE = 0.7
SHARED_SHARE, TWIN_SHARE = 0.05, 0.03
BOT_COUNT = 12


class People:
    """Persons by number: first one for each customer, then guests, then anonymous visitors, then bots.

    A customer whose `person` is another customer's number is a second account of that person, with the same e-mail.
    Persons of one household share a device and never visit at the same time.
    """

    def __init__(self, options: Options, anonymous: int) -> None:
        rng = rng_for(options.seed, "people")
        has_identity = options.has("identity")
        self.customers = customers = options.customers
        self.first_guest, self.first_anonymous = customers, customers + options.guest_orders
        self.first_bot = self.first_anonymous + anonymous
        self.size = self.first_bot + BOT_COUNT
        self.person: Ints = np.arange(customers)
        self.household: Ints = np.arange(self.size)
        self.shared: Ints = np.empty(0, dtype=np.int64)
        self._devices = np.ones(self.size, dtype=np.int64)
        if has_identity:
            self._devices[:customers] = 1 + draw_weighted(rng, DEVICE_SHARES, customers)
        self._first_device: Ints = np.cumsum(self._devices) - self._devices
        self._alias: Ints = np.arange(int(self._devices.sum()))
        if has_identity:
            self._plan_identity(rng)
        self.user_agent = self._draw_user_agents(rng)

    def _plan_identity(self, rng: np.random.Generator) -> None:
        """Choose the twins and the shared devices, from different customers."""
        order = rng.permutation(self.customers)
        twins = max(1, round(self.customers * TWIN_SHARE / 2)) if self.customers >= 4 else 0
        shared = max(1, round(self._first_device[self.customers - 1] * SHARED_SHARE)) if self.customers >= 4 else 0
        shared = min(shared, (self.customers - 2 * twins) // 2)
        one, two = order[:twins], order[twins : 2 * twins]
        self.person[two] = one
        owners = order[2 * twins : 2 * twins + shared]
        borrowers = order[2 * twins + shared : 2 * twins + 2 * shared]
        self._alias[self._first_device[borrowers]] = self._first_device[owners]
        self.household[borrowers] = owners
        self.shared = self._first_device[owners]

    def _draw_user_agents(self, rng: np.random.Generator) -> Ints:
        """Draw the user agent of each device."""
        count, first_bot = len(self._alias), int(self._first_device[self.first_bot])
        people = draw_weighted(rng, tuple(agent.share for agent in PEOPLE), count)
        bots = draw_weighted(rng, tuple(agent.share for agent in BOTS), count) + len(PEOPLE)
        return np.where(np.arange(count) < first_bot, people, bots)

    def draw_devices(self, rng: np.random.Generator, person: Ints) -> Ints:
        """Draw the device of each visit; most are on the person's main device."""
        other = rng.integers(0, self._devices[person])
        which = np.where(rng.random(len(person)) < MAIN_DEVICE_SHARE, 0, other)
        return self._alias[self._first_device[person] + which]

    def main_device(self, person: Ints) -> Ints:
        """Return each person's main device."""
        return self._alias[self._first_device[person]]

    def device_type(self, device: Ints) -> Ints:
        """Return the types of devices as positions in `DEVICES`."""
        types = np.array([DEVICES.index(agent.device) for agent in USER_AGENTS], dtype=np.int64)
        return types[self.user_agent[device]]

    def is_bot(self, person: Ints) -> Flags:
        """Whether the persons are bots."""
        flags: Flags = person >= self.first_bot
        return flags
