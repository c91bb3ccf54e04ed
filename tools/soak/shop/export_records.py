"""Random exports of a small Shopify shop: CSV with a row an item, of which the first has what is true of the order."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, ClassVar

from tools.soak.shop.foreign_records import SHARED, ForeignRecords
from tools.soak.shop.shop_files import CSV, EXPORT
from tools.soak.shop.shop_records import CUSTOMERS, ORDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.soak.shop.shop_records import Record

ROWS = "rows"
"""The field of a record with its rows."""


class ExportRecords(ForeignRecords):
    """Makes orders as they are in an export, in the state that they have then; an order has one to three rows."""

    streams: ClassVar[dict[str, int]] = {EXPORT: 12} | dict.fromkeys(SHARED, 1)
    _rest: list[str]
    """Rows of an order that was cut, which begin the next file."""
    _in_file: set[str]
    """The orders of the file that is being made: none is twice in an export."""

    def choose_name(self, stream: str, number: int) -> str:
        """Return the name of the next file."""
        return f"{number}.csv" if stream in SHARED else f"{self._random.choice('mz')}{number}.csv"

    def texts(self, stream: str, most: int = 4, *, is_page: bool = False) -> list[str]:
        """Return rows; some files end within an order, whose other rows begin the next one."""
        self._in_file = set()
        rows = [row for text in super().texts(stream, most) for row in text.split("\n")]
        if stream != EXPORT:
            return rows
        rows, self._rest = [*getattr(self, "_rest", []), *rows], []
        if len(rows) > 2 and self._random.random() < 0.15:
            rows, self._rest = rows[:-1], rows[-1:]
        return rows

    def good(self, stream: str, rows: int = 1) -> str:
        """Return the text of an order of so many rows."""
        self._in_file = set()
        return self.as_text(stream, self._sold(rows) if stream == EXPORT else self._makers[stream]())

    def as_text(self, stream: str, record: Record) -> str:
        """Return the rows of an order, or the line of another record."""
        if stream != EXPORT:
            return super().as_text(stream, record)
        return "\n".join(map(as_row, record[ROWS]))

    @property
    def _makers(self) -> dict[str, Callable[[], Record]]:
        return {EXPORT: self._sold, "exchange_rates": self._rate, "spend": self._spend}

    def _spoil(self, record: Record) -> None:
        if ROWS not in record:
            super()._spoil(record)
            return
        row = self._random.choice(record[ROWS])
        name = self._random.choice([name for name in row if name != "Name"])
        row[name] = self._random.choice([None, "x", "-3", "2026-13-01", "é\u200b", "1e400"])

    def _sold(self, rows: int = 0) -> Record:
        pick, number = self._random.choice, self._random.choice([each for each in ORDERS if each not in self._in_file])
        self._in_file.add(number)
        items = [self._row() for _ in range(rows or self._random.randint(1, 3))]
        goods = sum(100 * item["Lineitem quantity"] * float(item["Lineitem price"]) for item in items)
        reduced, shipping, taxes, duties = pick([0, 0, 150]), pick([0, 300]), pick([0, 120]), pick([0, 0, 70])
        subtotal = round(goods) - reduced
        outside = pick([0, taxes])
        first = {
            "Email": pick([f"{each}@shop.example" for each in CUSTOMERS]),
            "Financial Status": pick(["paid", "pending", "partially_refunded", "refunded"]),
            "Paid at": pick([None, self._local_time()]),
            "Fulfillment Status": pick(["fulfilled", "unfulfilled"]),
            "Currency": pick(["GBP", "EUR", "USD"]),
            "Subtotal": cents(subtotal),
            "Shipping": cents(shipping),
            "Taxes": cents(taxes),
            "Total": cents(subtotal + shipping + duties + outside),
            "Cancelled at": self._local_time() if self._random.random() < 0.15 else None,
            "Payment Method": pick(["card", None]),
            "Refunded Amount": pick(["0.00", "2.50"]),
            "Outstanding Balance": pick([None, "0.00", "1.00"]),
            "Shipping Country": pick([None, "DE"]),
            "Billing Country": "GB",
            "Id": number if self._random.random() < 0.9 else None,
            "Duties": cents(duties) if duties else None,
        }
        both = {"Name": f"#{number}", "Created at": self._local_time()}
        return {ROWS: [both | item | (first if place == 0 else {}) for place, item in enumerate(items)]}

    def _row(self) -> Record:
        pick = self._random.choice
        item = {"Lineitem quantity": self._random.randint(1, 4), "Lineitem price": self._price()}
        return item | {"Lineitem name": pick(["Pot", 'Mug, "blue"']), "Lineitem sku": pick(["s1", "s2", None])}

    def _local_time(self) -> str:
        return f"{self._day()} {self._random.choice(['09:00:00', '23:30:00', '00:30:00'])} +0100"


def as_row(cells: Record) -> str:
    """Return a row of an export."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(
        ["" if cells.get(name) is None else cells[name] for name in CSV[EXPORT]]
    )
    return text.getvalue()


def cents(amount: int) -> str:
    """Return an amount as an export writes it."""
    return f"{amount // 100}.{amount % 100:02}" if amount >= 0 else f"-{cents(-amount)}"
