"""Orders and refunds as lines of JSON: each version in the file of the day on which it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shoplake.simulate.realistic.markets import MARKETS
from shoplake.simulate.realistic.money import format_amount
from shoplake.simulate.realistic.orders.payments import paid_amount
from shoplake.simulate.text import format_time

if TYPE_CHECKING:
    from shoplake.simulate.realistic.catalogue import Catalogue
    from shoplake.simulate.realistic.markets import Markets
    from shoplake.simulate.realistic.orders.payments import Payment, PaymentDraws
    from shoplake.simulate.realistic.orders.placed import Placed
    from shoplake.simulate.realistic.orders.priced import Priced
    from shoplake.simulate.realistic.orders.refunds import Refund
    from shoplake.simulate.rng import Ints


def order_number(number: int) -> str:
    """Return the id of the order with this number."""
    return f"O{number:09}"


def customer_number(customer: int) -> str:
    """Return the id of a customer by position."""
    return f"C{customer + 1:07}"


class Documents:
    """Formats orders and refunds; `numbers` has the number of each order by position."""

    def __init__(
        self,
        placed: Placed,
        priced: Priced,
        payments: PaymentDraws,
        catalogue: Catalogue,
        markets: Markets,
        numbers: Ints,
    ) -> None:
        self._payments, self._products, self._currencies = payments, catalogue.ids, markets.currencies
        self._numbers = numbers.tolist()
        self._customers, self._markets = placed.customer.tolist(), placed.market.tolist()
        self._at, self._currency = priced.at.tolist(), priced.currency.tolist()
        self._discount, self._shipping = priced.discount.tolist(), priced.shipping.tolist()
        self._cancelled_at, self._edited_at = priced.cancelled_at.tolist(), priced.edited_at.tolist()
        self._is_cancelled, self._is_edited = priced.is_cancelled.tolist(), priced.is_edited.tolist()
        lines = priced.lines
        by_order = np.lexsort((lines.number, lines.order))
        self._bounds = np.searchsorted(lines.order[by_order], np.arange(len(priced.at) + 1)).tolist()
        columns = (lines.number, lines.product, lines.quantity, priced.final_quantity, priced.unit_price)
        self._lines = list(zip(*(column[by_order].tolist() for column in columns), strict=True))

    def order_versions(self, order: int) -> list[tuple[int, str]]:
        """Return each version of an order with the time at which it is sent (UTC ms)."""
        versions = [(self._at[order], self._format_order(order, "paid", self._at[order], final=False))]
        if self._is_edited[order]:
            at = self._edited_at[order]
            versions.append((at, self._format_order(order, "paid", at, final=True)))
        if self._is_cancelled[order]:
            at = self._cancelled_at[order]
            versions.append((at, self._format_order(order, "cancelled", at, final=True)))
        return versions

    def final_payments(self, order: int) -> list[Payment]:
        """Return the payments of an order in the end."""
        return self._payments.of_order(order, order_number(self._numbers[order]), final=True)

    def paid(self, order: int) -> int:
        """Return what is paid for an order in the end, in ten-thousandths."""
        return paid_amount(self.final_payments(order))

    def refund_id(self, refund: Refund) -> str:
        """Return the id of a refund."""
        return f"R{self._order_of(refund)[1:]}"

    def format_refund(self, refund: Refund) -> str:
        """Format a refund as a line of JSON with its line end."""
        known, order_id = refund.order >= 0, self._order_of(refund)
        payment = f'"{order_id}-1"'
        if known:
            paid = (each.payment_id for each in self.final_payments(refund.order) if each.status == "paid")
            payment = next((f'"{each}"' for each in paid), "null")
        currency = self._currencies[self._currency[refund.order] if known else 0]
        at = format_time(refund.at)
        return (
            f'{{"refund_id":"{self.refund_id(refund)}","order_id":"{order_id}","refunded_at":"{at}",'
            f'"customer_id":{_quoted_customer(refund.customer)},"country":"{MARKETS[refund.market].country}",'
            f'"currency":"{currency}","lines":[{self._format_lines(refund.lines)}],"payment_id":{payment},'
            f'"amount":{format_amount(refund.amount)},"updated_at":"{at}"}}\n'
        )

    def _order_of(self, refund: Refund) -> str:
        return order_number(self._numbers[refund.order] if refund.order >= 0 else refund.number)

    def _format_order(self, order: int, status: str, updated_at: int, *, final: bool) -> str:
        order_id = order_number(self._numbers[order])
        payments = self._payments.of_order(order, order_id, final=final)
        rows = self._lines[self._bounds[order] : self._bounds[order + 1]]
        lines = [(number, product, last if final else first, price) for number, product, first, last, price in rows]
        return (
            f'{{"order_id":"{order_id}","ordered_at":"{format_time(self._at[order])}",'
            f'"customer_id":{_quoted_customer(self._customers[order])},'
            f'"country":"{MARKETS[self._markets[order]].country}",'
            f'"currency":"{self._currencies[self._currency[order]]}","lines":[{self._format_lines(lines)}],'
            f'"discount":{format_amount(self._discount[order])},"shipping":{format_amount(self._shipping[order])},'
            f'"payments":[{",".join(map(_format_payment, payments))}],'
            f'"status":"{status}","updated_at":"{format_time(updated_at)}"}}\n'
        )

    def _format_lines(self, lines: list[tuple[int, int, int, int]]) -> str:
        return ",".join(
            f'{{"line_number":{number},"product_id":"{self._products[product]}","quantity":{quantity},'
            f'"unit_price":{format_amount(price)}}}'
            for number, product, quantity, price in lines
            if quantity
        )


def _quoted_customer(customer: int) -> str:
    return f'"{customer_number(customer)}"' if customer >= 0 else "null"


def _format_payment(payment: Payment) -> str:
    return (
        f'{{"payment_id":"{payment.payment_id}","method":"{payment.method}","amount":{format_amount(payment.amount)},'
        f'"status":"{payment.status}","paid_at":"{format_time(payment.paid_at)}"}}'
    )
