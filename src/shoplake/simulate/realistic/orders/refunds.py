"""Returns: of a whole order, of one piece, or of an order from before the first day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.calendar import DAY
from shoplake.simulate.realistic.money import round_to_cents
from shoplake.simulate.realistic.orders.priced import NEVER
from shoplake.simulate.rng import draw_integers, rng_for

if TYPE_CHECKING:
    from shoplake.simulate.realistic.catalogue import Catalogue
    from shoplake.simulate.realistic.customers.life import Lives
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.realistic.orders.priced import Priced

REFUND_RATE, PARTIAL_SHARE = 0.05, 0.4
MAX_RETURN_DAYS = 14
EARLIER_SHARE = 0.005
FIRST_EARLIER_ORDER = 800_000_001


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund; `order` is the position of its order, or -1 for an order that the files do not have.

    `lines` are (line number, product, pieces, unit price); money is in ten-thousandths, `at` in UTC ms.
    """

    at: int
    order: int
    customer: int
    market: int
    lines: list[tuple[int, int, int, int]]
    number: int

    @property
    def amount(self) -> int:
        """What is paid back, in whole cents."""
        return round_to_cents(sum(quantity * price for _, _, quantity, price in self.lines))


def draw_refunds(options: Options, priced: Priced, customer: list[int], market: list[int], closed: int) -> list[Refund]:
    """Draw refunds of orders that are not cancelled, before `closed` (UTC ms)."""
    rng = rng_for(options.seed, "refunds")
    draws = rng.random(len(priced.at))
    since = np.where(priced.is_edited, priced.edited_at, priced.at)
    at = np.where(since == NEVER, 0, since) + draw_integers(rng, DAY, MAX_RETURN_DAYS * DAY, len(since))
    chosen = np.flatnonzero((draws < REFUND_RATE) & ~priced.is_cancelled & (at < closed))
    by_order = np.argsort(priced.lines.order, kind="stable")
    bounds = np.searchsorted(priced.lines.order[by_order], np.arange(len(at) + 1))
    refunds = []
    for order in chosen.tolist():
        lines = [_line(priced, position) for position in by_order[bounds[order] : bounds[order + 1]].tolist()]
        if draws[order] < REFUND_RATE * PARTIAL_SHARE:
            number, product, _, price = lines[0]
            lines = [(number, product, 1, price)]
        refunds.append(Refund(int(at[order]), order, customer[order], market[order], lines, order))
    return refunds


def draw_earlier_returns(options: Options, lives: Lives, catalogue: Catalogue) -> list[Refund]:
    """Draw returns of orders from before the first day, by customers who order nothing in the period."""
    rng = rng_for(options.seed, "earlier returns")
    silent = np.setdiff1d(np.arange(options.customers), lives.buyers)
    chosen = rng.permutation(silent)[: max(1, round(options.customers * EARLIER_SHARE))]
    at = draw_integers(rng, lives.opened, min(lives.opened + MAX_RETURN_DAYS * DAY, lives.closed), len(chosen))
    product = catalogue.popularity.draw(rng, len(chosen))
    price = catalogue.price_at(product, np.full(len(chosen), lives.opened), np.zeros(len(chosen), dtype=np.int64))
    rows = zip(at.tolist(), chosen.tolist(), product.tolist(), price.tolist(), strict=True)
    return [
        Refund(moment, -1, who, 0, [(1, what, 1, cost)], FIRST_EARLIER_ORDER + index)
        for index, (moment, who, what, cost) in enumerate(rows)
    ]


def _line(priced: Priced, position: int) -> tuple[int, int, int, int]:
    lines = priced.lines
    return (
        int(lines.number[position]),
        int(lines.product[position]),
        int(priced.final_quantity[position]),
        int(priced.unit_price[position]),
    )
