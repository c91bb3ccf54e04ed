"""Payments of orders."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shoplake.simulate.calendar import SECOND
from shoplake.simulate.realistic.money import CENT
from shoplake.simulate.realistic.planted.causes import has_cause
from shoplake.simulate.rng import draw_weighted, rng_for

if TYPE_CHECKING:
    from shoplake.simulate.realistic.options import Options
    from shoplake.simulate.realistic.orders.priced import Priced
    from shoplake.simulate.rng import Floats, Ints

METHODS = ("card", "paypal", "apple_pay", "klarna", "gift_card")
METHOD_SHARES = (52.0, 24.0, 12.0, 9.0, 3.0)
SPLIT_RATE, FAILED_RATE = 0.08, 0.05


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment or a failed attempt; `amount` in ten-thousandths, `paid_at` in UTC ms."""

    payment_id: str
    method: str
    amount: int
    status: str
    paid_at: int


class PaymentDraws:
    """The payments of each order by its position."""

    def __init__(self, options: Options, priced: Priced, causes: Ints) -> None:
        rng = rng_for(options.seed, "payments")
        count = len(priced.at)
        self._method: Ints = draw_weighted(rng, METHOD_SHARES, count)
        self._split: Floats = rng.random(count)
        self._failed: Floats = rng.random(count)
        self._first, self._final = priced.total(final=False), priced.total()
        self._at, self._edited_at = priced.at, priced.edited_at
        self._is_edited, self._is_cancelled = priced.is_edited, priced.is_cancelled
        self._is_unpaid, self._is_overpaid = has_cause(causes, "unpaid"), has_cause(causes, "overpaid")
        self._is_charged_back = has_cause(causes, "chargeback")

    def of_order(self, order: int, order_id: str, *, final: bool) -> list[Payment]:
        """Return an order's payments as first sent, or in the end; without a cause, paid ones add up to its total."""
        first, at = int(self._first[order]), int(self._at[order])
        method = METHODS[self._method[order]]
        gift = first // 4 // CENT * CENT if self._split[order] < SPLIT_RATE else 0
        payments = [Payment("", method, first - gift, "paid", at + 2 * SECOND)]
        if gift:
            payments.append(Payment("", "gift_card", gift, "paid", at + 3 * SECOND))
        if self._failed[order] < FAILED_RATE:
            payments.insert(0, Payment("", method, first, "failed", at + SECOND))
        more = int(self._final[order]) - first
        if final and self._is_edited[order] and more:
            payments.append(Payment("", method, more, "paid", int(self._edited_at[order])))
        if self._is_overpaid[order]:
            payments.append(replace(payments[-1], paid_at=at + 9 * SECOND))
        if self._is_unpaid[order] or self._is_charged_back[order]:
            status = "failed" if self._is_unpaid[order] else "chargeback"
            payments = [replace(each, status=status) if each.status == "paid" else each for each in payments]
        if final and self._is_cancelled[order]:
            payments = [replace(each, status="cancelled") for each in payments]
        return [replace(each, payment_id=f"{order_id}-{number}") for number, each in enumerate(payments, 1)]


def paid_amount(payments: list[Payment]) -> int:
    """Add up the paid payments."""
    return sum(payment.amount for payment in payments if payment.status == "paid")
