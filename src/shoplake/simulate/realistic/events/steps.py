"""What happens in each session, step by step, and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import SECOND
from shoplake.simulate.realistic.events.sessions import NONE
from shoplake.simulate.rng import draw_weighted
from shoplake.simulate.zenith.journeys import ADD_TO_CART, CHECKOUT_STARTED, PAGE_VIEW, PRODUCT_VIEW, PURCHASE
from shoplake.simulate.zenith.pages import BROWSED_SHARE, CHECKOUT, COMPLETE, FIRST_PRODUCT

if TYPE_CHECKING:
    from shoplake.simulate.realistic.events.sessions import Sessions
    from shoplake.simulate.realistic.orders.baskets import Lines
    from shoplake.simulate.rng import Flags, Ints, Popularity

NEXT_VIEW_RATE, BOT_NEXT_VIEW_RATE, MAX_VIEWS = 0.55, 0.88, 40
ADD_RATE, CHECKOUT_RATE = 0.07, 0.3
MEAN_GAP_S, MAX_GAP_S = 22, 900
SESSION_EVENTS = 3.4
"""Mean number of events of a session without an order."""
_CHECKOUT_STEP = 1_000


@dataclass(frozen=True)
class Steps:
    """Events by session and time. `line` is the position of the order line of a purchase, else -1.

    `product` is -1 and `quantity` 0 where there is none; `offset` is the time since the session's first event in ms.
    `length` (ms) and `ordered` (the offset of the purchase, else 0) have one value per session.
    """

    session: Ints
    name: Ints
    product: Ints
    quantity: Ints
    page: Ints
    line: Ints
    offset: Ints
    length: Ints
    ordered: Ints


def draw_steps(
    rng: np.random.Generator, sessions: Sessions, is_bot: Flags, lines: Lines, popularity: Popularity
) -> Steps:
    """Draw the events of sessions; one with an order views, adds and buys each line of it."""
    parts = [_landings(rng, len(sessions)), *_browsing(rng, sessions, is_bot, popularity), *_buying(sessions, lines)]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(columns[0] * (4 * _CHECKOUT_STEP) + columns[1], kind="stable")
    session, _, name, product, quantity, page, line = (column[order] for column in columns)
    offset, length = _draw_offsets(rng, session, name, is_bot)
    ordered = np.zeros(len(sessions), dtype=np.int64)
    is_purchase = name == PURCHASE
    ordered[session[is_purchase]] = offset[is_purchase]
    return Steps(session, name, product, quantity, page, line, offset, length, ordered)


def _events(session: Ints, step: Ints, name: int, product: Ints, quantity: Ints, page: Ints, line: Ints) -> list[Ints]:
    return [session, step, np.full(len(session), name), product, quantity, page, line]


def _landings(rng: np.random.Generator, sessions: int) -> list[Ints]:
    none, zero = np.full(sessions, NONE), np.zeros(sessions, dtype=np.int64)
    page = draw_weighted(rng, BROWSED_SHARE, sessions)
    return _events(np.arange(sessions), zero, PAGE_VIEW, none, zero, page, none)


def _browsing(rng: np.random.Generator, sessions: Sessions, is_bot: Flags, popularity: Popularity) -> list[list[Ints]]:
    """Draw product views, and in sessions without an order some carts and checkouts."""
    again = np.where(is_bot, BOT_NEXT_VIEW_RATE, NEXT_VIEW_RATE)
    views = np.minimum(rng.geometric(1 - again) - (sessions.order >= 0), MAX_VIEWS)
    session = np.repeat(np.arange(len(sessions)), views)
    count = len(session)
    number = np.arange(count) - np.repeat(np.cumsum(views) - views, views)
    product, none, zero = popularity.draw(rng, count), np.full(count, NONE), np.zeros(count, dtype=np.int64)
    is_added = (rng.random(count) < ADD_RATE) & ~is_bot[session] & (sessions.order[session] < 0)
    step, page = 1 + 2 * number, FIRST_PRODUCT + product
    added = np.flatnonzero(is_added)
    with_cart = np.unique(session[added])
    leaving = with_cart[rng.random(len(with_cart)) < CHECKOUT_RATE]
    few, nothing = np.full(len(leaving), NONE), np.zeros(len(leaving), dtype=np.int64)
    return [
        _events(session, step, PRODUCT_VIEW, product, zero, page, none),
        _events(
            session[added], step[added] + 1, ADD_TO_CART, product[added], zero[added] + 1, page[added], none[added]
        ),
        _events(leaving, nothing + _CHECKOUT_STEP, CHECKOUT_STARTED, few, nothing, nothing + CHECKOUT, few),
    ]


def _buying(sessions: Sessions, lines: Lines) -> list[list[Ints]]:
    """View, add and buy each line of the orders that have a session."""
    buying = np.flatnonzero(sessions.order >= 0)
    session_of = np.full(int(max(lines.order.max(initial=0), sessions.order.max(initial=0))) + 1, NONE)
    session_of[sessions.order[buying]] = buying
    line = np.flatnonzero(session_of[lines.order] >= 0)
    session, product, quantity = session_of[lines.order[line]], lines.product[line], lines.quantity[line]
    step, page, none = 2 * MAX_VIEWS + 2 * lines.number[line], FIRST_PRODUCT + product, np.full(len(line), NONE)
    few, zero = np.full(len(buying), NONE), np.zeros(len(buying), dtype=np.int64)
    return [
        _events(session, step, PRODUCT_VIEW, product, np.zeros_like(product), page, none),
        _events(session, step + 1, ADD_TO_CART, product, quantity, page, none),
        _events(buying, zero + _CHECKOUT_STEP, CHECKOUT_STARTED, few, zero, zero + CHECKOUT, few),
        _events(session, 1 + _CHECKOUT_STEP + step, PURCHASE, product, quantity, np.full_like(page, COMPLETE), line),
    ]


def _draw_offsets(rng: np.random.Generator, session: Ints, name: Ints, is_bot: Flags) -> tuple[Ints, Ints]:
    """Draw each event's offset and each session's length in ms; the purchases of a session happen at one moment."""
    count = len(session)
    seconds = np.clip(MEAN_GAP_S * np.exp(rng.normal(size=count)), 1, MAX_GAP_S)
    gap = (seconds * SECOND).astype(np.int64)
    gap = np.where(is_bot[session], gap // 8 + 1, gap)
    starts = np.diff(session, prepend=-1) != 0
    is_same_moment = np.concatenate([[False], (name[1:] == PURCHASE) & (name[:-1] == PURCHASE)])[:count]
    gap[starts | is_same_moment] = 0
    passed = np.cumsum(gap)
    firsts = np.flatnonzero(starts)
    lasts = np.append(firsts[1:], count)[: len(firsts)] - 1
    offset = passed - passed[firsts][session]
    return offset, offset[lasts]
