"""Orders, payments and refunds. Money is in cents."""

from __future__ import annotations

from dataclasses import dataclass, field

from shoplake.simulate.text import format_money, format_time


@dataclass(frozen=True, slots=True)
class Line:
    """An order line: pieces of one product."""

    line_number: int
    product_id: str
    quantity: int
    unit_price: int

    @property
    def amount(self) -> int:
        """Quantity × unit price."""
        return self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment or a failed payment."""

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
        """Value of the goods before the discount."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class Refund:
    """A full or partial return of an order's goods."""

    refund_id: str
    order: Order
    refunded_at: int
    lines: list[Line]

    @property
    def amount(self) -> int:
        """Refunded amount."""
        return sum(line.amount for line in self.lines)


def format_order(order: Order, currency: str) -> str:
    """Format the order as a line of JSON with its line end."""
    customer = f'"{order.customer_id}"' if order.customer_id else "null"
    return (
        f'{{"order_id":"{order.order_id}","ordered_at":"{format_time(order.ordered_at)}","customer_id":{customer},'
        f'"country":"{order.country}","currency":"{currency}","lines":[{_format_lines(order.lines)}],'
        f'"discount":{format_money(order.discount)},"shipping":{format_money(order.shipping)},'
        f'"payments":[{",".join(_format_payment(payment) for payment in order.payments)}]}}\n'
    )


def format_refund(refund: Refund, currency: str) -> str:
    """Format the refund as a line of JSON with its line end."""
    customer = f'"{refund.order.customer_id}"' if refund.order.customer_id else "null"
    paid = next(payment.payment_id for payment in refund.order.payments if payment.status == "paid")
    return (
        f'{{"refund_id":"{refund.refund_id}","order_id":"{refund.order.order_id}",'
        f'"refunded_at":"{format_time(refund.refunded_at)}","customer_id":{customer},"currency":"{currency}",'
        f'"lines":[{_format_lines(refund.lines)}],"payment_id":"{paid}","amount":{format_money(refund.amount)}}}\n'
    )


def _format_lines(lines: list[Line]) -> str:
    return ",".join(
        f'{{"line_number":{line.line_number},"product_id":"{line.product_id}","quantity":{line.quantity},'
        f'"unit_price":{format_money(line.unit_price)}}}'
        for line in lines
    )


def _format_payment(payment: Payment) -> str:
    return (
        f'{{"payment_id":"{payment.payment_id}","method":"{payment.method}","amount":{format_money(payment.amount)},'
        f'"status":"{payment.status}","paid_at":"{format_time(payment.paid_at)}"}}'
    )
