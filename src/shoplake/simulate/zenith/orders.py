"""Orders, what was paid for them and what came back. Money is in cents."""

from __future__ import annotations

from dataclasses import dataclass, field

from shoplake.simulate.text import money_text, time_text


@dataclass(frozen=True, slots=True)
class Line:
    """Some pieces of one product."""

    line_number: int
    product_id: str
    quantity: int
    unit_price: int

    @property
    def amount(self) -> int:
        """What the pieces cost together."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment, or the attempt at one."""

    payment_id: str
    method: str
    amount: int
    status: str
    paid_at: int


@dataclass(frozen=True, slots=True)
class Order:
    """An order; the paid payments add up to goods - discount + shipping."""

    order_id: str
    ordered_at: int
    customer_id: str | None
    country: str
    lines: list[Line]
    discount: int = 0
    shipping: int = 0
    payments: list[Payment] = field(default_factory=list)

    @property
    def goods(self) -> int:
        """What the goods cost before the discount."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class Refund:
    """Goods that came back, all of an order's or some."""

    refund_id: str
    order: Order
    refunded_at: int
    lines: list[Line]

    @property
    def amount(self) -> int:
        """What the customer gets back."""
        return sum(line.amount for line in self.lines)


def order_text(order: Order, currency: str) -> str:
    """The order as a line of JSON, with its line end."""
    customer = f'"{order.customer_id}"' if order.customer_id else "null"
    return (
        f'{{"order_id":"{order.order_id}","ordered_at":"{time_text(order.ordered_at)}","customer_id":{customer},'
        f'"country":"{order.country}","currency":"{currency}","lines":[{_lines_text(order.lines)}],'
        f'"discount":{money_text(order.discount)},"shipping":{money_text(order.shipping)},'
        f'"payments":[{",".join(_payment_text(payment) for payment in order.payments)}]}}\n'
    )


def refund_text(refund: Refund, currency: str) -> str:
    """The refund as a line of JSON, with its line end."""
    customer = f'"{refund.order.customer_id}"' if refund.order.customer_id else "null"
    paid = next(payment.payment_id for payment in refund.order.payments if payment.status == "paid")
    return (
        f'{{"refund_id":"{refund.refund_id}","order_id":"{refund.order.order_id}",'
        f'"refunded_at":"{time_text(refund.refunded_at)}","customer_id":{customer},"currency":"{currency}",'
        f'"lines":[{_lines_text(refund.lines)}],"payment_id":"{paid}","amount":{money_text(refund.amount)}}}\n'
    )


def _lines_text(lines: list[Line]) -> str:
    return ",".join(
        f'{{"line_number":{line.line_number},"product_id":"{line.product_id}","quantity":{line.quantity},'
        f'"unit_price":{money_text(line.unit_price)}}}'
        for line in lines
    )


def _payment_text(payment: Payment) -> str:
    return (
        f'{{"payment_id":"{payment.payment_id}","method":"{payment.method}","amount":{money_text(payment.amount)},'
        f'"status":"{payment.status}","paid_at":"{time_text(payment.paid_at)}"}}'
    )
