"""The life of each customer: sign-up, first order, drop-out, and visits in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import DAY, MINUTE
from shoplake.simulate.realistic.customers.rates import COVARIATES, draw_covariates, draw_occasions
from shoplake.simulate.rng import draw_weighted, rng_for

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.realistic.business_time import BusinessTime
    from shoplake.simulate.realistic.customers.people import People
    from shoplake.simulate.realistic.markets import Markets
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.rng import Floats, Ints

NEVER = np.iinfo(np.int64).max
GONE_VISIT_SHARE = 0.2
"""Visits of customers who dropped out, as a share of the rate of living ones."""
SIGN_UP_AT_CHECKOUT = 0.6
MAX_SIGN_UP_DAYS = 60


class Lives:
    """Arrays have one value per customer; times are UTC ms.

    `buyers` are the customers who order; `rates` and `occasions` number them from 0.
    """

    def __init__(
        self, options: Options, calendar: Calendar, business: BusinessTime, people: People, markets: Markets
    ) -> None:
        rng = rng_for(options.seed, "lives")
        self.opened, self.closed = int(calendar.starts[0]), int(calendar.starts[-1])
        self._business, count = business, options.customers
        self.buyers: Ints = np.sort(rng.permutation(count)[: options.buyers])
        is_mobile = people.device_type(people.main_device(self.buyers)) == 0
        self.rates, self.occasions = draw_occasions(
            rng, draw_covariates(rng, is_mobile), options.orders - options.guest_orders, business.total
        )
        self.home_market = markets.draw(rng, people.size)
        self.first_order_at: Ints = np.full(count, NEVER, dtype=np.int64)
        firsts = self.occasions.ordinal == 0
        self.first_order_at[self.buyers] = business.to_utc(self.occasions.at[firsts])
        self.left_at: Ints = np.full(count, NEVER, dtype=np.int64)
        last = self.occasions.leaves
        self.left_at[self.buyers[self.occasions.buyer[last]]] = business.to_utc(self.occasions.at[last])
        self.signed_up_at = self._draw_sign_ups(rng, has_identity=options.has("identity"))

    def _draw_sign_ups(self, rng: np.random.Generator, *, has_identity: bool) -> Ints:
        """Draw the sign-ups: at the first order or before it; without identity before the first visit."""
        count = len(self.first_order_at)
        earlier = (DAY * (MAX_SIGN_UP_DAYS * (0.5 + 0.5 * rng.random(count)))).astype(np.int64)
        at_checkout = rng.random(count) < (SIGN_UP_AT_CHECKOUT if has_identity else 0.0)
        alone = (self.opened + rng.random(count) * (self.closed - self.opened)).astype(np.int64)
        orders = self.first_order_at != NEVER
        before = np.where(at_checkout, MINUTE, earlier)
        return np.where(orders, np.where(orders, self.first_order_at, 0) - before, alone)

    def covariate(self, name: str) -> Ints:
        """Return one covariate of each buyer as 0 or 1."""
        return self.rates.covariates[:, COVARIATES.index(name)].astype(np.int64)

    def draw_visits(self, rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
        """Draw `count` visits of buyers in proportion to their rates; those who left visit less. Who, and when."""
        first = self._business.from_utc(self.first_order_at[self.buyers])
        left = self._business.from_utc(np.minimum(self.left_at[self.buyers], self.closed))
        alive, gone = left - first, (self._business.total - left) * GONE_VISIT_SHARE
        buyer = draw_weighted(rng, self.rates.rate * (alive + gone) + 1e-12, count)
        spot: Floats = rng.random(count) * (alive + gone)[buyer]
        is_alive = spot < alive[buyer]
        at = np.where(is_alive, first[buyer] + spot, left[buyer] + (spot - alive[buyer]) / GONE_VISIT_SHARE)
        return self.buyers[buyer], self._business.to_utc(at)

    def markets(self, rng: np.random.Generator, person: Ints) -> Ints:
        """Return the countries that persons order from: their own, and sometimes another."""
        home = self.home_market[person]
        return np.where(rng.random(len(person)) < 0.02, self.home_market[rng.permutation(person)], home)
