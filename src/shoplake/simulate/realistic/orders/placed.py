"""Who places an order, when and from where."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.realistic.channels import INCREMENTALITY, LOOKALIKE, draw_channels
from shoplake.simulate.rng import rng_for

if TYPE_CHECKING:
    from shoplake.simulate.realistic.business_time import BusinessTime
    from shoplake.simulate.realistic.customers.life import Lives
    from shoplake.simulate.realistic.customers.people import People
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.rng import Flags, Ints

NONE = -1
PHONE_SHARE = 0.015


@dataclass(frozen=True)
class Placed:
    """Orders as columns, in no particular order. `customer` is -1 for a guest.

    `ordinal` counts a customer's orders from 0; `leaves` is true for the last one before drop-out. `lead` is the
    channel that began the journey, and `is_incremental` whether the order would not exist without it. An order that is
    not `is_web` comes by phone and has no events.
    """

    at: Ints
    person: Ints
    customer: Ints
    ordinal: Ints
    leaves: Flags
    market: Ints
    lead: Ints
    is_incremental: Flags
    is_web: Flags
    has_first_discount: Flags

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Ints | Flags) -> Placed:
        """Return the selected orders."""
        return Placed(**{field.name: getattr(self, field.name)[which] for field in fields(self)})


def draw_placed(options: Options, business: BusinessTime, people: People, lives: Lives) -> Placed:
    """Draw the orders of customers and guests."""
    rng = rng_for(options.seed, "placed")
    occasions, guests = lives.occasions, options.guest_orders
    customer = lives.buyers[occasions.buyer]
    at = business.to_utc(np.concatenate([occasions.at, rng.random(guests) * business.total]))
    account = np.concatenate([customer, np.full(guests, NONE)])
    person = np.concatenate([customer, people.first_guest + np.arange(guests)])
    ordinal = np.concatenate([occasions.ordinal, np.zeros(guests, dtype=np.int64)])
    first = np.concatenate([occasions.ordinal == 0, np.zeros(guests, dtype=np.bool_)])
    count = len(at)
    lead = draw_channels(rng, "leads", count)
    first_social, first_discount = (
        np.concatenate([lives.covariate(name)[occasions.buyer] == 1, np.zeros(guests, dtype=np.bool_)])
        for name in ("paid_social", "discounted_first_order")
    )
    lead[first & first_social] = LOOKALIKE
    lead[first & ~first_social & (lead == LOOKALIKE)] = 0
    is_web = (rng.random(count) >= PHONE_SHARE) | first
    lead[~is_web] = NONE
    return Placed(
        at=at,
        person=person,
        customer=account,
        ordinal=ordinal,
        leaves=np.concatenate([occasions.leaves, np.zeros(guests, dtype=np.bool_)]),
        market=lives.markets(rng, person),
        lead=lead,
        is_incremental=(rng.random(count) < np.append(INCREMENTALITY, 0.0)[lead]) & is_web,
        is_web=is_web,
        has_first_discount=first & first_discount,
    )
