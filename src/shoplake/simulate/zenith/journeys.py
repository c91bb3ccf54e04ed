"""What visitors do in a visit: land, look at products, fill the cart, check out, buy, and drop off on the way."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import SECOND
from shoplake.simulate.rng import between, weighted
from shoplake.simulate.zenith.pages import BROWSED_SHARE, CART, CHECKOUT, COMPLETE, FIRST_PRODUCT
from shoplake.simulate.zenith.visitors import PAUSE

if TYPE_CHECKING:
    from shoplake.simulate.rng import Flags, Floats, Ints, Popularity

NAMES = ("page_view", "product_view", "add_to_cart", "remove_from_cart", "checkout_started", "purchase")
PAGE_VIEW, PRODUCT_VIEW, ADD_TO_CART, REMOVE_FROM_CART, CHECKOUT_STARTED, PURCHASE = range(6)
FUNNEL = (PAGE_VIEW, PRODUCT_VIEW, ADD_TO_CART, CHECKOUT_STARTED, PURCHASE)
EVENTS_A_VISIT = 4.25
MOST_QUANTITY = 4

# By device: mobile, desktop, tablet.
ADDS = np.array([0.070, 0.120, 0.095])
CHECKS_OUT = np.array([0.34, 0.46, 0.40])
BUYS = np.array([0.50, 0.64, 0.58])

EAGER, EAGER_ADDS, IDLE_ADDS = 0.12, 4.0, 0.55
LOOKS_AT_NONE, LOOKS_ON, MOST_VIEWS = 0.22, 0.62, 15
BOT_LOOKS_ON, MOST_BOT_VIEWS = 0.88, 40
BROWSES, REMOVES = 0.35, 0.15
LONG_PAUSES, EXACT_PAUSES = 0.01, 0.0005

_NO_PRODUCT = -1
_LAST_STEP = 1_000
_GAPS = np.array([1_000 * min(max(22 * exp(NormalDist().inv_cdf((n + 0.5) / 4096)), 1), 600) for n in range(4096)])
_BOT_HURRY = 8


@dataclass(frozen=True)
class Journeys:
    """The events of many visits, visit by visit and in the order they happen.

    `offset` is the time since the visit's first event in ms; `product` is -1 and `quantity` 0 where there is none.
    `length` (ms) and `depth` (the last step of the funnel reached, from 0) have one value a visit.
    """

    visit: Ints
    name: Ints
    product: Ints
    quantity: Ints
    page: Ints
    offset: Ints
    length: Ints
    depth: Ints


@dataclass(frozen=True)
class _Looks:
    """The products looked at, one after the other, and what came of each."""

    visit: Ints
    number: Ints
    product: Ints
    quantity: Ints
    is_browsed: Flags
    is_added: Flags
    is_removed: Flags


def walk(
    chance: np.random.Generator, device: Ints, is_bot: Flags, popularity: Popularity, zeal: Floats | float = 1.0
) -> Journeys:
    """One journey for each visitor given; `zeal` is how much more or less than usual they check out, and buy."""
    visits = len(device)
    looks = _look(chance, device, is_bot, popularity)
    is_kept = looks.is_added & ~looks.is_removed
    has_cart = np.bincount(looks.visit[is_kept], minlength=visits) > 0
    checks_out = has_cart & (chance.random(visits) < CHECKS_OUT[device] * zeal)
    buys = checks_out & (chance.random(visits) < BUYS[device] * zeal)
    parts = _steps(chance, looks, visits, checks_out, is_kept & buys[looks.visit])
    order = np.argsort(parts[0] * (2 * _LAST_STEP) + parts[1], kind="stable")
    visit, name, product, quantity, page = (parts[row][order] for row in (0, 2, 3, 4, 5))
    offset, length = _pace(chance, visit, name, is_bot)
    depth = np.where(np.bincount(looks.visit, minlength=visits) > 0, 1, 0)
    depth[looks.visit[looks.is_added]] = 2
    depth[checks_out] = 3
    depth[buys] = 4
    return Journeys(visit, name, product, quantity, page, offset, length, depth)


def _look(chance: np.random.Generator, device: Ints, is_bot: Flags, popularity: Popularity) -> _Looks:
    visits = len(device)
    people = np.where(chance.random(visits) < LOOKS_AT_NONE, 0, chance.geometric(1 - LOOKS_ON, visits))
    bots = np.minimum(chance.geometric(1 - BOT_LOOKS_ON, visits), MOST_BOT_VIEWS)
    views = np.where(is_bot, bots, np.minimum(people, MOST_VIEWS)).astype(np.int64)
    visit = np.repeat(np.arange(visits), views)
    count = len(visit)
    number = np.arange(count) - np.repeat(np.cumsum(views) - views, views)
    mood = np.where(chance.random(visits) < EAGER, EAGER_ADDS, IDLE_ADDS)
    adds = np.where(is_bot, 0, ADDS[device] * mood)[visit]
    is_added = chance.random(count) < adds
    is_removed = is_added & (chance.random(count) < REMOVES)
    is_browsed = chance.random(count) < BROWSES
    quantity = 1 + weighted(chance, (85.0, 10.0, 3.0, 2.0), count)
    return _Looks(visit, number, popularity.draw(chance, count), quantity, is_browsed, is_added, is_removed)


def _steps(chance: np.random.Generator, looks: _Looks, visits: int, checks_out: Flags, is_bought: Flags) -> list[Ints]:
    """The events of all kinds, unsorted: visit, step (their order in the visit), name, product, quantity, page."""
    everyone, leaving = np.arange(visits), np.flatnonzero(checks_out)
    parts = [
        _plain(everyone, np.zeros_like(everyone), PAGE_VIEW, weighted(chance, BROWSED_SHARE, visits)),
        _plain(leaving, np.full_like(leaving, _LAST_STEP), CHECKOUT_STARTED, np.full_like(leaving, CHECKOUT)),
    ]
    browsed = np.flatnonzero(looks.is_browsed)
    pages = weighted(chance, BROWSED_SHARE, len(browsed))
    parts.append(_plain(looks.visit[browsed], 1 + 4 * looks.number[browsed], PAGE_VIEW, pages))
    step, of_product = 1 + 4 * looks.number, FIRST_PRODUCT + looks.product
    all_looks = np.ones_like(looks.is_added)
    parts += [
        _of_product(looks, all_looks, step + 1, PRODUCT_VIEW, of_product),
        _of_product(looks, looks.is_added, step + 2, ADD_TO_CART, of_product),
        _of_product(looks, looks.is_removed, step + 3, REMOVE_FROM_CART, np.full_like(step, CART)),
        _of_product(looks, is_bought, _LAST_STEP + 1 + looks.number, PURCHASE, np.full_like(step, COMPLETE)),
    ]
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _plain(visit: Ints, step: Ints, name: int, page: Ints) -> tuple[Ints, ...]:
    return visit, step, np.full_like(visit, name), np.full_like(visit, _NO_PRODUCT), np.zeros_like(visit), page


def _of_product(looks: _Looks, which: Flags, step: Ints, name: int, page: Ints) -> tuple[Ints, ...]:
    chosen = np.flatnonzero(which)
    quantity = np.zeros_like(chosen) if name == PRODUCT_VIEW else looks.quantity[chosen]
    return looks.visit[chosen], step[chosen], np.full_like(chosen, name), looks.product[chosen], quantity, page[chosen]


def _pace(chance: np.random.Generator, visit: Ints, name: Ints, is_bot: Flags) -> tuple[Ints, Ints]:
    """When each event happens after the visit's first, and how long each visit is: no gap is above 30 minutes."""
    count = len(visit)
    gap = _GAPS[chance.integers(0, len(_GAPS), count)].astype(np.int64) + between(chance, 0, SECOND, count)
    luck = chance.random(count)
    gap = np.where(luck < LONG_PAUSES, gap + between(chance, 0, 17 * 60 * SECOND, count), gap)
    gap = np.where(is_bot[visit], gap // _BOT_HURRY + 1, gap)
    gap[luck > 1 - EXACT_PAUSES] = PAUSE
    starts_visit = np.concatenate([[True], visit[1:] != visit[:-1]])[:count]
    is_same_moment = np.concatenate([[False], (name[1:] == PURCHASE) & (name[:-1] == PURCHASE)])[:count]
    gap[starts_visit | is_same_moment] = 0
    passed = np.cumsum(gap)
    firsts = np.flatnonzero(starts_visit)
    offset = passed - passed[firsts][visit]
    lasts = np.concatenate([firsts[1:], [count]])[: len(firsts)] - 1
    return offset, offset[lasts]
