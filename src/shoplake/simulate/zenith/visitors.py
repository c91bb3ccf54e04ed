"""Visitors by number: known customers, anonymous visitors and bots, and the times of their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import MINUTE, SECOND
from shoplake.simulate.rng import draw_weighted, rng_for
from shoplake.simulate.user_agents import BOTS, DEVICES, PEOPLE, USER_AGENTS

if TYPE_CHECKING:
    from shoplake.simulate.rng import Flags, Ints
    from shoplake.simulate.zenith.shop import Shop

SESSION_GAP = 30 * MINUTE
"""The longest gap inside a session, in ms."""
MIN_ABSENCE = SESSION_GAP + SECOND
"""The shortest gap between two sessions of one visitor, in ms."""

KNOWN_SHARE = 0.35
BOT_SHARE = 0.03
MAX_KNOWN_SESSIONS = 1.5
LONG_AGO = -(2**62)


class Visitors:
    """All possible visitors: first the customers, then the anonymous ones, then the bots.

    A visitor is always known or always anonymous, and always uses the same user agent.
    """

    def __init__(self, shop: Shop) -> None:
        rng = rng_for(shop.seed, "crowd")
        self.customers = shop.customers
        anonymous = max(10, shop.events // 8)
        self.first_bot = shop.customers + anonymous
        self.size = self.first_bot + max(3, shop.events // 5_000)
        people = draw_weighted(rng, tuple(user_agent.share for user_agent in PEOPLE), self.first_bot)
        bots = draw_weighted(rng, tuple(user_agent.share for user_agent in BOTS), self.size - self.first_bot)
        self.user_agent = np.concatenate([people, bots + len(PEOPLE)]).astype(np.uint8)
        self._device = np.array([DEVICES.index(user_agent.device) for user_agent in USER_AGENTS], dtype=np.uint8)
        self._last_seen_at = np.full(self.size, LONG_AGO, dtype=np.int64)

    def is_bot(self, visitor: Ints) -> Flags:
        """Whether the visitors are bots."""
        is_bot: Flags = visitor >= self.first_bot
        return is_bot

    def device(self, visitor: Ints) -> Ints:
        """Return the visitors' devices as positions in `DEVICES`."""
        return self._device[self.user_agent[visitor]].astype(np.int64)

    def draw(self, rng: np.random.Generator, sessions: int, known: int) -> Ints:
        """Draw the visitors of `sessions` sessions with repetition; only the first `known` customers may appear."""
        who = rng.random(sessions)
        known_share = min(KNOWN_SHARE, known * MAX_KNOWN_SESSIONS / max(sessions, 1))
        loyalty = rng.random(sessions) ** 1.25
        customer = (loyalty * known).astype(np.int64)
        anonymous = self.customers + (loyalty * (self.first_bot - self.customers)).astype(np.int64)
        bot = self.first_bot + (loyalty * (self.size - self.first_bot)).astype(np.int64)
        is_known = who < BOT_SHARE + known_share
        return np.where(who < BOT_SHARE, bot, np.where(is_known, customer, anonymous))

    def schedule(self, visitor: Ints, wanted_at: Ints, length: Ints) -> Ints:
        """Return the session starts: as wanted, or later where a visitor would return within 30 minutes.

        `length` is the time from the first to the last event of a session, in ms.
        """
        order = np.lexsort((wanted_at, visitor))
        who, wanted = visitor[order], wanted_at[order]
        is_first = np.concatenate([[True], who[1:] != who[:-1]])[: len(who)]
        earliest = self._last_seen_at[who] + MIN_ABSENCE
        wanted = np.where(is_first, np.maximum(wanted, earliest), wanted)
        starts = np.empty_like(wanted_at)
        starts[order] = earliest_starts(wanted, length[order] + MIN_ABSENCE, is_first)
        return starts

    def record_ends(self, visitor: Ints, starts: Ints, ends: Ints) -> None:
        """Record the end of each visitor's last session."""
        order = np.argsort(starts, kind="stable")
        self._last_seen_at[visitor[order]] = ends[order]


def earliest_starts(wanted: Ints, needed: Ints, is_first: Flags) -> Ints:
    """Return the earliest times >= `wanted` that leave `needed` after the previous one, within each visitor's run.

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
