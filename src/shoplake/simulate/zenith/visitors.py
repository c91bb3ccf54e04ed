"""Who visits and when: known customers, anonymous visitors and bots, each by a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import MINUTE, SECOND
from shoplake.simulate.rng import chance_of, weighted
from shoplake.simulate.user_agents import AGENTS, BOTS, DEVICES, PEOPLE

if TYPE_CHECKING:
    from shoplake.simulate.rng import Flags, Ints
    from shoplake.simulate.zenith.shop import Shop

PAUSE = 30 * MINUTE
"""The longest gap inside a visit, in ms."""
LEAST_ABSENCE = PAUSE + SECOND
"""The shortest gap between two visits of one visitor, in ms."""

KNOWN_SHARE = 0.35
BOT_SHARE = 0.03
MOST_KNOWN_VISITS = 1.5
LONG_AGO = -(2**62)


class Crowd:
    """All visitors who may come: first the customers, then the anonymous ones, then the bots.

    A visitor is always known or always anonymous, and always uses the same user agent.
    """

    def __init__(self, shop: Shop) -> None:
        chance = chance_of(shop.seed, "crowd")
        self.customers = shop.customers
        anonymous = max(10, shop.events // 8)
        self.first_bot = shop.customers + anonymous
        self.size = self.first_bot + max(3, shop.events // 5_000)
        people = weighted(chance, tuple(agent.share for agent in PEOPLE), self.first_bot)
        bots = weighted(chance, tuple(agent.share for agent in BOTS), self.size - self.first_bot)
        self.agent = np.concatenate([people, bots + len(PEOPLE)]).astype(np.uint8)
        self._device = np.array([DEVICES.index(agent.device) for agent in AGENTS], dtype=np.uint8)
        self._last_seen_at = np.full(self.size, LONG_AGO, dtype=np.int64)

    def is_bot(self, visitor: Ints) -> Flags:
        """Whether the visitors are bots."""
        is_bot: Flags = visitor >= self.first_bot
        return is_bot

    def device(self, visitor: Ints) -> Ints:
        """The visitors' devices, by position in `DEVICES`."""
        return self._device[self.agent[visitor]].astype(np.int64)

    def draw(self, chance: np.random.Generator, visits: int, known: int) -> Ints:
        """The visitors of so many visits, some of them more than once; the first `known` customers may come."""
        who = chance.random(visits)
        known_share = min(KNOWN_SHARE, known * MOST_KNOWN_VISITS / max(visits, 1))
        fond = chance.random(visits) ** 1.25
        customer = (fond * known).astype(np.int64)
        anonymous = self.customers + (fond * (self.first_bot - self.customers)).astype(np.int64)
        bot = self.first_bot + (fond * (self.size - self.first_bot)).astype(np.int64)
        is_known = who < BOT_SHARE + known_share
        return np.where(who < BOT_SHARE, bot, np.where(is_known, customer, anonymous))

    def schedule(self, visitor: Ints, wanted_at: Ints, length: Ints) -> Ints:
        """When the visits start: as wanted, or later, so that nobody comes back within 30 minutes.

        `length` is the time from the first to the last event of a visit.
        """
        order = np.lexsort((wanted_at, visitor))
        who, wanted = visitor[order], wanted_at[order]
        is_first = np.concatenate([[True], who[1:] != who[:-1]])[: len(who)]
        earliest = self._last_seen_at[who] + LEAST_ABSENCE
        wanted = np.where(is_first, np.maximum(wanted, earliest), wanted)
        starts = np.empty_like(wanted_at)
        starts[order] = _one_after_the_other(wanted, length[order] + LEAST_ABSENCE, is_first)
        return starts

    def leave(self, visitor: Ints, starts: Ints, ends: Ints) -> None:
        """Remember when each visitor's last visit ended."""
        order = np.argsort(starts, kind="stable")
        self._last_seen_at[visitor[order]] = ends[order]


def _one_after_the_other(wanted: Ints, needed: Ints, is_first: Flags) -> Ints:
    """The earliest times >= `wanted` that leave `needed` after the one before, within each visitor's run.

    With c the time needed by all earlier ones of the run, start - c is the running maximum of wanted - c.
    """
    before = np.cumsum(needed) - needed
    before -= np.maximum.accumulate(np.where(is_first, before, 0))
    slack = wanted - before
    if len(slack) == 0:
        return slack
    run = np.cumsum(is_first) * (slack.max() - slack.min() + 1)
    starts: Ints = np.maximum.accumulate(slack + run) - run + before
    return starts
