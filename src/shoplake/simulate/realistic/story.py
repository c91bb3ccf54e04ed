"""All that happens in the realistic shop, before it is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import Calendar
from shoplake.simulate.realistic.business_time import BusinessTime
from shoplake.simulate.realistic.catalogue import Catalogue
from shoplake.simulate.realistic.customers.life import Lives
from shoplake.simulate.realistic.customers.people import People
from shoplake.simulate.realistic.events.sessions import SESSIONS_PER_ANONYMOUS, SessionDraws, Sessions
from shoplake.simulate.realistic.events.steps import SESSION_EVENTS, draw_steps
from shoplake.simulate.realistic.events.visits import Events, build_events, schedule
from shoplake.simulate.realistic.markets import Markets
from shoplake.simulate.realistic.orders.baskets import Lines, draw_baskets
from shoplake.simulate.realistic.orders.payments import PaymentDraws
from shoplake.simulate.realistic.orders.placed import Placed, draw_placed
from shoplake.simulate.realistic.orders.priced import Priced, price_orders
from shoplake.simulate.realistic.orders.refunds import Refund, draw_earlier_returns, draw_refunds
from shoplake.simulate.realistic.planted.anomalies import Anomalies
from shoplake.simulate.realistic.planted.anomaly_plan import Anomaly, plan_anomalies
from shoplake.simulate.realistic.planted.causes import NO_CAUSE, draw_causes, has_cause, plant_in_events
from shoplake.simulate.realistic.planted.referrals import (
    NO_REFERRAL,
    draw_payments,
    draw_self_referrals,
    tag_purchases,
)
from shoplake.simulate.rng import rng_for

if TYPE_CHECKING:
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.rng import Flags, Ints

EVENTS_PER_BUYING_SESSION = 8.5
NO_DEVICE = -1


@dataclass(frozen=True)
class World:
    """The shop, its products and its people."""

    options: Options
    calendar: Calendar
    business: BusinessTime
    markets: Markets
    catalogue: Catalogue
    people: People
    lives: Lives
    planned: list[Anomaly]


@dataclass(frozen=True)
class Story:
    """Orders by position, refunds, sessions and events. `numbers` is the number of each order by time, 0 for none.

    An order whose session did not end before the period has no number and is in no file. `causes` are the planted
    causes of the orders as positions in `PLANTED`, or -1.
    """

    world: World
    placed: Placed
    priced: Priced
    payments: PaymentDraws
    refunds: list[Refund]
    numbers: Ints
    events: Events
    causes: Ints
    anomalies: Anomalies

    @property
    def exists(self) -> Flags:
        """Whether the orders are in the files."""
        flags: Flags = (self.numbers > 0) & ~has_cause(self.causes, "no_order")
        return flags


def build_world(options: Options) -> World:
    """Create the shop before its first day."""
    calendar = Calendar(options.shop())
    business, markets = BusinessTime(calendar), Markets(options, calendar)
    anonymous = max(10, round(options.events / SESSION_EVENTS / 2 / SESSIONS_PER_ANONYMOUS))
    people = People(options, anonymous)
    lives = Lives(options, calendar, business, people, markets)
    planned = plan_anomalies(options, calendar)
    catalogue = Catalogue(options, calendar, markets, planned)
    return World(options, calendar, business, markets, catalogue, people, lives, planned)


def tell_story(world: World) -> Story:
    """Draw all orders, refunds, sessions and events of the period."""
    options, lives = world.options, world.lives
    anomalies = Anomalies(options.seed, world.planned, world.people)
    placed = anomalies.in_orders(draw_placed(options, world.business, world.people, lives))
    lines = draw_baskets(rng_for(options.seed, "baskets"), placed.at, world.catalogue)
    events, ordered_at, is_kept = _draw_events(world, placed, lines, anomalies)
    priced = price_orders(options, placed, ordered_at, lines, world.catalogue, world.markets, lives.closed)
    anomalies.in_prices(placed, priced, is_kept)
    causes = np.full(len(placed), NO_CAUSE)
    events = price_events(world, priced, events)
    if options.has("reconciliation"):
        rng = rng_for(options.seed, "causes")
        causes = draw_causes(rng, placed, priced, len(world.markets.currencies), lives.closed)
        events = plant_in_events(rng, events, causes, priced)
    numbers = np.zeros(len(placed), dtype=np.int64)
    in_time = np.flatnonzero(is_kept)[np.argsort(ordered_at[is_kept], kind="stable")]
    numbers[in_time] = 1 + np.arange(len(in_time))
    drawn = draw_refunds(options, priced, placed.customer.tolist(), placed.market.tolist(), lives.closed)
    refunds = [refund for refund in drawn if is_kept[refund.order] and causes[refund.order] == NO_CAUSE]
    if options.has("corrections"):
        refunds += draw_earlier_returns(options, lives, world.catalogue)
    refunds.sort(key=lambda refund: (refund.at, refund.number))
    return Story(
        world, placed, priced, PaymentDraws(options, priced, causes), refunds, numbers, events, causes, anomalies
    )


def price_events(world: World, priced: Priced, events: Events) -> Events:
    """Return the events with prices and currencies: those of the order for a purchase, else of the product then."""
    currency = world.markets.currency_of(events.market)
    price = world.catalogue.price_at(np.maximum(events.product, 0), events.at, currency)
    bought = events.line >= 0
    price[bought] = priced.unit_price[events.line[bought]]
    currency[bought] = priced.currency[events.order[bought]]
    return replace(events, price=price, currency=currency)


def _draw_events(world: World, placed: Placed, lines: Lines, anomalies: Anomalies) -> tuple[Events, Ints, Flags]:
    """Draw the events; return also the final time of each order, and whether it is made in the period."""
    options, people, lives = world.options, world.people, world.lives
    rng = rng_for(options.seed, "visits")
    draws = SessionDraws(rng, people, lives, has_identity=options.has("identity"))
    around = anomalies.in_touches(draws.around_orders(placed))
    buying_sessions = np.count_nonzero(placed.is_web)
    known = (len(around) - buying_sessions) * SESSION_EVENTS + buying_sessions * EVENTS_PER_BUYING_SESSION
    others = draws.other_visits(round((options.events - known) / SESSION_EVENTS), world.business)
    others, is_flood = anomalies.in_sessions(others)
    has_referrals = options.has("channels")
    sessions = Sessions.concat(around, draw_self_referrals(rng, others) if has_referrals else others)
    is_flood = np.concatenate([np.zeros(len(around), dtype=np.bool_), is_flood])
    steps = draw_steps(rng, sessions, people.is_bot(sessions.person) | is_flood, lines, world.catalogue.popularity)
    provider = np.full(len(sessions), NO_REFERRAL)
    if has_referrals:
        steps, provider = draw_payments(rng, sessions, steps)
    starts = schedule(people, sessions, steps, lives.opened)
    events = tag_purchases(build_events(rng, sessions, steps, starts, lives.closed), provider)
    buying = np.flatnonzero(sessions.order >= 0)
    order = sessions.order[buying]
    at, is_kept = placed.at.copy(), np.ones(len(placed), dtype=np.bool_)
    at[order] = (starts + steps.ordered)[buying]
    is_kept[order] = (starts + steps.length)[buying] < lives.closed
    device = np.full(len(placed), NO_DEVICE)
    device[order] = sessions.device[buying]
    fails = anomalies.failing_orders(placed, at, device)
    events = anomalies.in_events(events, fails, is_flood)
    return (events if options.events else events.take(slice(0, 0))), at, is_kept & ~fails
