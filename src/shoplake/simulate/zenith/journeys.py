"""Simulated sessions: landing, product views, cart, checkout, purchase, and drop-off on the way."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import SECOND
from shoplake.simulate.rng import draw_integers, draw_weighted
from shoplake.simulate.zenith.pages import BROWSED_SHARE, CART, CHECKOUT, COMPLETE, FIRST_PRODUCT
from shoplake.simulate.zenith.visitors import SESSION_GAP

if TYPE_CHECKING:
    from shoplake.simulate.rng import Flags, Floats, Ints, Popularity

NAMES = ("page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout_started", "purchase")
PAGE_VIEW, PRODUCT_VIEW, ADD_TO_CART, REMOVE_FROM_CART, CHECKOUT_STARTED, PURCHASE = range(6)
FUNNEL = (PAGE_VIEW, PRODUCT_VIEW, ADD_TO_CART, CHECKOUT_STARTED, PURCHASE)
EVENTS_PER_SESSION = 4.25
MAX_QUANTITY = 4

# By device: mobile, desktop, tablet.
ADD_RATE = np.array([0.070, 0.120, 0.095])
CHECKOUT_RATE = np.array([0.34, 0.46, 0.40])
PURCHASE_RATE = np.array([0.50, 0.64, 0.58])

EAGER_RATE, EAGER_ADDS, IDLE_ADDS = 0.12, 4.0, 0.55
NO_VIEW_RATE, NEXT_VIEW_RATE, MAX_VIEWS = 0.22, 0.62, 15
BOT_NEXT_VIEW_RATE, MAX_BOT_VIEWS = 0.88, 40
BROWSE_RATE, REMOVE_RATE = 0.35, 0.15
LONG_GAP_RATE, EXACT_GAP_RATE = 0.01, 0.0005

_NO_PRODUCT = -1
_LAST_STEP = 1_000
_GAPS = np.array([1_000 * min(max(22 * exp(NormalDist().inv_cdf((n + 0.5) / 4096)), 1), 600) for n in range(4096)])
_BOT_SPEEDUP = 8


@dataclass(frozen=True)
class Journeys:
    """The events of many sessions, session by session in time order.

    `offset` is the time since the session's first event in ms; `product` is -1 and `quantity` 0 where there is none.
    `length` (ms) and `depth` (the last funnel step reached, from 0) have one value per session.
    """

    session: Ints
    name: Ints
    product: Ints
    quantity: Ints
    page: Ints
    offset: Ints
    length: Ints
    depth: Ints


@dataclass(frozen=True)
class _ProductViews:
    """Product views in order, and whether each leads to a cart addition or removal."""

    session: Ints
    number: Ints
    product: Ints
    quantity: Ints
    is_browsed: Flags
    is_added: Flags
    is_removed: Flags


def draw_journeys(
    rng: np.random.Generator, device: Ints, is_bot: Flags, popularity: Popularity, conversion: Floats | float = 1.0
) -> Journeys:
    """Draw one session for each visitor; `conversion` is a factor on the checkout and purchase rates."""
    sessions = len(device)
    views = _draw_views(rng, device, is_bot, popularity)
    is_kept = views.is_added & ~views.is_removed
    has_cart = np.bincount(views.session[is_kept], minlength=sessions) > 0
    checks_out = has_cart & (rng.random(sessions) < CHECKOUT_RATE[device] * conversion)
    buys = checks_out & (rng.random(sessions) < PURCHASE_RATE[device] * conversion)
    parts = _build_events(rng, views, sessions, checks_out, is_kept & buys[views.session])
    order = np.argsort(parts[0] * (2 * _LAST_STEP) + parts[1], kind="stable")
    session, name, product, quantity, page = (parts[row][order] for row in (0, 2, 3, 4, 5))
    offset, length = _draw_offsets(rng, session, name, is_bot)
    depth = np.where(np.bincount(views.session, minlength=sessions) > 0, 1, 0)
    depth[views.session[views.is_added]] = 2
    depth[checks_out] = 3
    depth[buys] = 4
    return Journeys(session, name, product, quantity, page, offset, length, depth)


def _draw_views(rng: np.random.Generator, device: Ints, is_bot: Flags, popularity: Popularity) -> _ProductViews:
    sessions = len(device)
    people = np.where(rng.random(sessions) < NO_VIEW_RATE, 0, rng.geometric(1 - NEXT_VIEW_RATE, sessions))
    bots = np.minimum(rng.geometric(1 - BOT_NEXT_VIEW_RATE, sessions), MAX_BOT_VIEWS)
    views = np.where(is_bot, bots, np.minimum(people, MAX_VIEWS)).astype(np.int64)
    session = np.repeat(np.arange(sessions), views)
    count = len(session)
    number = np.arange(count) - np.repeat(np.cumsum(views) - views, views)
    mood = np.where(rng.random(sessions) < EAGER_RATE, EAGER_ADDS, IDLE_ADDS)
    adds = np.where(is_bot, 0, ADD_RATE[device] * mood)[session]
    is_added = rng.random(count) < adds
    is_removed = is_added & (rng.random(count) < REMOVE_RATE)
    is_browsed = rng.random(count) < BROWSE_RATE
    quantity = 1 + draw_weighted(rng, (85.0, 10.0, 3.0, 2.0), count)
    return _ProductViews(session, number, popularity.draw(rng, count), quantity, is_browsed, is_added, is_removed)


def _build_events(
    rng: np.random.Generator, views: _ProductViews, sessions: int, checks_out: Flags, is_bought: Flags
) -> list[Ints]:
    """Build unsorted events: arrays of session, step (the order in the session), name, product, quantity, page."""
    everyone, leaving = np.arange(sessions), np.flatnonzero(checks_out)
    parts = [
        _page_events(everyone, np.zeros_like(everyone), PAGE_VIEW, draw_weighted(rng, BROWSED_SHARE, sessions)),
        _page_events(leaving, np.full_like(leaving, _LAST_STEP), CHECKOUT_STARTED, np.full_like(leaving, CHECKOUT)),
    ]
    browsed = np.flatnonzero(views.is_browsed)
    pages = draw_weighted(rng, BROWSED_SHARE, len(browsed))
    parts.append(_page_events(views.session[browsed], 1 + 4 * views.number[browsed], PAGE_VIEW, pages))
    step, of_product = 1 + 4 * views.number, FIRST_PRODUCT + views.product
    all_looks = np.ones_like(views.is_added)
    parts += [
        _product_events(views, all_looks, step + 1, PRODUCT_VIEW, of_product),
        _product_events(views, views.is_added, step + 2, ADD_TO_CART, of_product),
        _product_events(views, views.is_removed, step + 3, REMOVE_FROM_CART, np.full_like(step, CART)),
        _product_events(views, is_bought, _LAST_STEP + 1 + views.number, PURCHASE, np.full_like(step, COMPLETE)),
    ]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _page_events(session: Ints, step: Ints, name: int, page: Ints) -> tuple[Ints, ...]:
    return session, step, np.full_like(session, name), np.full_like(session, _NO_PRODUCT), np.zeros_like(session), page


def _product_events(views: _ProductViews, which: Flags, step: Ints, name: int, page: Ints) -> tuple[Ints, ...]:
    chosen = np.flatnonzero(which)
    quantity = np.zeros_like(chosen) if name == PRODUCT_VIEW else views.quantity[chosen]
    return (
        views.session[chosen],
        step[chosen],
        np.full_like(chosen, name),
        views.product[chosen],
        quantity,
        page[chosen],
    )


def _draw_offsets(rng: np.random.Generator, session: Ints, name: Ints, is_bot: Flags) -> tuple[Ints, Ints]:
    """Draw each event's offset from the session's first, and each session's length (ms); no gap exceeds 30 minutes."""
    count = len(session)
    gap = _GAPS[rng.integers(0, len(_GAPS), count)].astype(np.int64) + draw_integers(rng, 0, SECOND, count)
    draws = rng.random(count)
    gap = np.where(draws < LONG_GAP_RATE, gap + draw_integers(rng, 0, 17 * 60 * SECOND, count), gap)
    gap = np.where(is_bot[session], gap // _BOT_SPEEDUP + 1, gap)
    gap[draws > 1 - EXACT_GAP_RATE] = SESSION_GAP
    starts_session = np.concatenate([[True], session[1:] != session[:-1]])[:count]
    is_same_moment = np.concatenate([[False], (name[1:] == PURCHASE) & (name[:-1] == PURCHASE)])[:count]
    gap[starts_session | is_same_moment] = 0
    passed = np.cumsum(gap)
    firsts = np.flatnonzero(starts_session)
    offset = passed - passed[firsts][session]
    lasts = np.concatenate([firsts[1:], [count]])[: len(firsts)] - 1
    return offset, offset[lasts]
