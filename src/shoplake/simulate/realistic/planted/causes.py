"""Causes for which events, orders and payments differ, each planted into one in a hundred orders.

An order has at most one planted cause. Discounts, shipping, refunds, cancelled and edited orders are causes too, but
happen anyway. A chargeback is a payment with that status: the money was taken back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import SECOND
from shoplake.simulate.realistic.events.visits import Events
from shoplake.simulate.realistic.money import round_to_cents
from shoplake.simulate.rng import draw_integers

if TYPE_CHECKING:
    from shoplake.simulate.realistic.orders.placed import Placed
    from shoplake.simulate.realistic.orders.priced import Priced
    from shoplake.simulate.rng import Flags, Ints

PLANTED = (
    "no_event",
    "no_order",
    "duplicate_event",
    "quantity_differs",
    "price_differs",
    "product_missing",
    "currency",
    "unpaid",
    "overpaid",
    "chargeback",
)
SHARE = 0.01
NO_CAUSE = -1
NET_PERCENT = 80
"""The event's price in percent of the order's, where they differ."""


def draw_causes(rng: np.random.Generator, placed: Placed, priced: Priced, currencies: int, closed: int) -> Ints:
    """Draw each order's planted cause as a position in `PLANTED`, or -1.

    Only orders from the web that are neither cancelled nor edited have one.
    """
    count = len(placed)
    draws = np.floor(rng.random(count) / SHARE).astype(np.int64)
    causes = np.where(draws < len(PLANTED), draws, NO_CAUSE)
    lines = np.bincount(priced.lines.order, minlength=count)
    causes[(causes == PLANTED.index("product_missing")) & (lines < 2)] = NO_CAUSE
    if currencies == 1:
        causes[causes == PLANTED.index("currency")] = NO_CAUSE
    fits = placed.is_web & ~priced.is_cancelled & ~priced.is_edited & (priced.at < closed - 10 * SECOND)
    causes[~fits] = NO_CAUSE
    return causes


def has_cause(causes: Ints, *names: str) -> Flags:
    """Whether orders have one of the planted causes."""
    flags: Flags = np.isin(causes, [PLANTED.index(name) for name in names])
    return flags


def plant_in_events(rng: np.random.Generator, events: Events, causes: Ints, priced: Priced) -> Events:
    """Return the events with the causes that concern them, in time order."""
    cause = np.append(causes, NO_CAUSE)[events.order]
    number = np.append(priced.lines.number, 0)[events.line]
    last = np.zeros(len(priced.at), dtype=np.int64)
    np.maximum.at(last, priced.lines.order, priced.lines.number)
    is_last = number == np.append(last, -1)[events.order]
    is_first = number == 1
    differs = has_cause(cause, "price_differs") & is_first
    foreign = has_cause(cause, "currency")
    planted = replace(
        events,
        quantity=events.quantity + (has_cause(cause, "quantity_differs") & is_first),
        price=np.where(differs, round_to_cents(events.price * NET_PERCENT // 100), events.price),
        currency=np.where(foreign, np.where(events.currency == 0, 1, 0), events.currency),
    )
    lost = has_cause(cause, "no_event") | (has_cause(cause, "product_missing") & is_last)
    again = events.take(has_cause(cause, "duplicate_event"))
    again = replace(again, at=again.at + draw_integers(rng, SECOND, 9 * SECOND, len(again)))
    together = Events.concat(planted.take(~lost), again)
    return together.take(np.argsort(together.at, kind="stable"))
