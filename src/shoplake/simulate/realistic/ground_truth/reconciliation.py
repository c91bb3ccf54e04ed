"""Ground truth of reconciliation: why event revenue, orders and payments differ, per order and cause.

Event revenue + the causes between events and orders = order totals (goods - discount + shipping); order totals + the
causes between orders and payments = paid payments - refunds. Both hold for each currency and in total. A cancelled
order is no sale: its events have the cause no_order. `rounding` is the part of a cent that nobody pays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.realistic.money import to_decimals
from shoplake.simulate.realistic.orders.documents import order_number
from shoplake.simulate.zenith.journeys import PURCHASE

if TYPE_CHECKING:
    from shoplake.simulate.realistic.orders.documents import Documents
    from shoplake.simulate.realistic.story import Story
    from shoplake.simulate.rng import Flags, Ints

EVENTS, PAYMENTS = "events and orders", "orders and payments"


@dataclass(frozen=True)
class _Seen:
    """What the purchase events say: per line, and per order with repeats apart."""

    quantity: Ints
    price: Ints
    revenue: Ints
    repeated: Ints
    currency: Ints

    @property
    def is_seen(self) -> Flags:
        return self.revenue + self.repeated > 0


class Reconciliation:
    """Collects amounts by order, cause and currency."""

    def __init__(self, story: Story, documents: Documents) -> None:
        self._story, self._documents = story, documents
        self._rows: list[tuple[str, int, int, str, str, int, int]] = []

    def table(self) -> pa.Table:
        """Return one row per order, cause and currency with an amount, by order."""
        self._compare_events()
        self._compare_payments()
        story = self._story
        dates, names = story.world.calendar.dates, story.world.markets.currencies
        rows = sorted(row for row in self._rows if row[6])
        columns = list(zip(*rows, strict=True)) or [()] * 7
        days = [dates[day] if day >= 0 else None for day in columns[1]]
        return pa.table(
            {
                "order_id": pa.array(columns[0], pa.string()),
                "order_date": pa.array(days, pa.date32()),
                "cause_date": pa.array([dates[day] for day in columns[2]], pa.date32()),
                "between": pa.array(columns[3], pa.string()),
                "cause": pa.array(columns[4], pa.string()),
                "currency": pa.array([names[position] for position in columns[5]], pa.string()),
                "amount": to_decimals(np.array(columns[6], dtype=np.int64)),
            }
        )

    def _compare_events(self) -> None:
        story, seen = self._story, self._seen()
        priced, lines = story.priced, story.priced.lines
        sold, goods = story.exists & ~priced.is_cancelled, priced.goods()
        both = sold & seen.is_seen
        foreign = both & (seen.currency != priced.currency)
        same = both & ~foreign
        by_line, final, price = same[lines.order], priced.final_quantity, priced.unit_price
        is_there = seen.quantity > 0
        self._add("no_event", sold & ~seen.is_seen, goods)
        self._add("no_order", ~sold & seen.is_seen, -seen.revenue - seen.repeated, seen.currency)
        self._add("duplicate_event", same, -seen.repeated)
        self._add("currency", foreign, -seen.revenue - seen.repeated, seen.currency)
        self._add("currency", foreign, goods)
        self._add_lines("product_missing", by_line & ~is_there, final * price)
        self._add_lines("quantity_differs", by_line & is_there, (final - seen.quantity) * price)
        self._add_lines("price_differs", by_line & is_there, seen.quantity * (price - seen.price))
        self._add("discount", sold, -priced.discount)
        self._add("shipping", sold, priced.shipping)

    def _compare_payments(self) -> None:
        story, priced = self._story, self._story.priced
        sold = story.exists & ~priced.is_cancelled
        exact = priced.goods() - priced.discount + priced.shipping
        self._add("rounding", sold, priced.total() - exact, between=PAYMENTS)
        totals = priced.total().tolist()
        for order in np.flatnonzero(sold).tolist():
            payments = self._documents.final_payments(order)
            charged_back = sum(each.amount for each in payments if each.status == "chargeback")
            more = sum(each.amount for each in payments if each.status == "paid") + charged_back - totals[order]
            self._row(order, "chargeback", int(priced.currency[order]), -charged_back)
            self._row(order, "overpaid" if more > 0 else "unpaid", int(priced.currency[order]), more)
        for refund in story.refunds:
            day = story.world.calendar.day_of(refund.at)
            currency = int(priced.currency[refund.order]) if refund.order >= 0 else 0
            number = int(story.numbers[refund.order]) if refund.order >= 0 else refund.number
            ordered = self._day_of(refund.order) if refund.order >= 0 else -1
            self._rows.append((order_number(number), ordered, day, PAYMENTS, "refund", currency, -refund.amount))

    def _seen(self) -> _Seen:
        events, priced = self._story.events, self._story.priced
        bought = np.flatnonzero(events.name == PURCHASE)
        line, order = events.line[bought], events.order[bought]
        _, firsts = np.unique(line, return_index=True)
        is_first = np.zeros(len(bought), dtype=np.bool_)
        is_first[firsts] = True
        amount = events.quantity[bought] * events.price[bought]
        quantity, price = np.zeros(len(priced.lines), dtype=np.int64), np.zeros(len(priced.lines), dtype=np.int64)
        quantity[line[firsts]], price[line[firsts]] = events.quantity[bought[firsts]], events.price[bought[firsts]]
        revenue, repeated = np.zeros(len(priced.at), dtype=np.int64), np.zeros(len(priced.at), dtype=np.int64)
        np.add.at(revenue, order[is_first], amount[is_first])
        np.add.at(repeated, order[~is_first], amount[~is_first])
        currency = priced.currency.copy()
        currency[order] = events.currency[bought]
        return _Seen(quantity, price, revenue, repeated, currency)

    def _add_lines(self, cause: str, which: Flags, amount: Ints) -> None:
        sums = np.zeros(len(self._story.priced.at), dtype=np.int64)
        np.add.at(sums, self._story.priced.lines.order[which], amount[which])
        self._add(cause, sums != 0, sums)

    def _add(
        self, cause: str, which: Flags, amount: Ints, currency: Ints | None = None, *, between: str = EVENTS
    ) -> None:
        currencies = self._story.priced.currency if currency is None else currency
        for order in np.flatnonzero(which & (amount != 0)).tolist():
            self._row(order, cause, int(currencies[order]), int(amount[order]), between)

    def _row(self, order: int, cause: str, currency: int, amount: int, between: str = PAYMENTS) -> None:
        day = self._day_of(order)
        number = order_number(int(self._story.numbers[order]))
        self._rows.append((number, day, day, between, cause, currency, amount))

    def _day_of(self, order: int) -> int:
        return self._story.world.calendar.day_of(int(self._story.priced.at[order]))
