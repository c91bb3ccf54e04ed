"""What files of orders must become: the newest version of each document, in plain Python."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

Body = dict[str, Any]
ZERO = Decimal(0)
NEVER = datetime(1, 1, 1, tzinfo=UTC)


class Line(NamedTuple):
    """A row of silver.order_lines, without how it arrived."""

    order_id: str
    document_id: str
    line_number: int
    kind: str
    line_class: str
    status: str | None
    ordered_at: datetime
    order_date: date
    updated_at: datetime | None
    customer_id: str | None
    product_id: str | None
    country: str | None
    quantity: int
    unit_price: Decimal | None
    amount: Decimal
    tax: Decimal | None
    currency: str


class Payment(NamedTuple):
    """A row of silver.payments, without how it arrived."""

    payment_id: str
    order_id: str
    kind: str
    method: str
    status: str
    amount: Decimal
    currency: str
    paid_at: datetime
    paid_date: date
    updated_at: datetime | None


@dataclass
class Answer:
    """The newest version of each document and payment, and what is quarantined, by file and reason."""

    documents: dict[tuple[str, str], tuple[datetime, list[Line]]] = field(default_factory=dict)
    paid: dict[str, tuple[datetime, Payment]] = field(default_factory=dict)
    bad_lines: set[tuple[str, str]] = field(default_factory=set)
    bad_payments: set[tuple[str, str]] = field(default_factory=set)

    @property
    def lines(self) -> list[Line]:
        return sorted(line for _, lines in self.documents.values() for line in lines)

    @property
    def payments(self) -> list[Payment]:
        return sorted(payment for _, payment in self.paid.values())

    def take(self, order_id: str, document_id: str, at: datetime | None, lines: list[Line]) -> None:
        key, rank = (order_id, document_id), at or NEVER
        if lines and (key not in self.documents or self.documents[key][0] <= rank):
            self.documents[key] = rank, lines

    def pay(self, payment: Payment) -> None:
        rank = payment.updated_at or NEVER
        if payment.payment_id not in self.paid or self.paid[payment.payment_id][0] <= rank:
            self.paid[payment.payment_id] = rank, payment


def read(landing: Path, files: Iterable[Path], take: Callable[[Answer, str, Body | None], None]) -> Answer:
    """Take the objects of files in the order of their arrival."""
    answer = Answer()
    for file in files:
        for body in bodies(file):
            take(answer, str(file.relative_to(landing)), body)
    return answer


def bodies(file: Path) -> Iterator[Body | None]:
    """The objects of a file; None for each line that is none."""
    wrapper = file.parent.name
    try:
        whole = json.loads(file.read_text(), parse_float=Decimal)
    except ValueError:
        for line in file.read_text().splitlines():
            try:
                found = json.loads(line, parse_float=Decimal)
            except ValueError:
                found = None
            yield found.get(wrapper.removesuffix("s"), found) if isinstance(found, dict) else None
        return
    each = whole if isinstance(whole, list) else whole.get(wrapper, [whole])
    yield from (one.get(wrapper.removesuffix("s"), one) for one in each)
