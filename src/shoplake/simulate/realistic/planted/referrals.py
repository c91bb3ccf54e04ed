"""Referrals that bring nobody: payment providers send customers back, and the shop's own pages link to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import MINUTE
from shoplake.simulate.realistic.channels import PAYMENT_REFERRALS, SELF_REFERRAL
from shoplake.simulate.rng import draw_integers
from shoplake.simulate.zenith.journeys import PURCHASE

if TYPE_CHECKING:
    from shoplake.simulate.realistic.events.sessions import Sessions
    from shoplake.simulate.realistic.events.steps import Steps
    from shoplake.simulate.realistic.events.visits import Events
    from shoplake.simulate.rng import Ints

PAYMENT_SHARE, SELF_SHARE, LONG_PAYMENT_SHARE = 0.10, 0.02, 0.3
LONG_PAYMENT = (31 * MINUTE, 45 * MINUTE)
"""A payment this long ends the session: the purchase is in a session of its own."""
NO_REFERRAL = -1


def draw_self_referrals(rng: np.random.Generator, sessions: Sessions) -> Sessions:
    """Return sessions of which some begin with a referral by the shop itself."""
    is_own = rng.random(len(sessions)) < SELF_SHARE
    return replace(sessions, channel=np.where(is_own, SELF_REFERRAL, sessions.channel))


def draw_payments(rng: np.random.Generator, sessions: Sessions, steps: Steps) -> tuple[Steps, Ints]:
    """Delay the purchase of some sessions by a payment; return also each session's payment provider or -1."""
    count = len(sessions)
    is_paid = (rng.random(count) < PAYMENT_SHARE) & (sessions.order >= 0)
    provider = np.where(is_paid, rng.choice(PAYMENT_REFERRALS, count), NO_REFERRAL)
    is_long = is_paid & (rng.random(count) < LONG_PAYMENT_SHARE)
    delay = np.where(is_long, draw_integers(rng, *LONG_PAYMENT, count), 0)
    late = np.where(steps.name == PURCHASE, delay[steps.session], 0)
    delayed = replace(steps, offset=steps.offset + late, length=steps.length + delay, ordered=steps.ordered + delay)
    return delayed, provider


def tag_purchases(events: Events, provider: Ints) -> Events:
    """Tag the purchases that come back from a payment provider."""
    back = (events.name == PURCHASE) & (provider[events.session] != NO_REFERRAL)
    return replace(events, channel=np.where(back, provider[events.session], events.channel))
