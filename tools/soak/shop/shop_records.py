"""Random records of a small shop in the native format: few keys and moments, so that they meet, and some are bad."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from tools.soak.shop.shop_files import ENDINGS, as_text

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

Record = dict[str, Any]

START = datetime(2026, 3, 27, tzinfo=UTC)
DAYS = 6
"""In the night to the third day clocks go forward in London."""
CLOCKS = (
    *("00:00:00", "00:12:30", "00:59:59", "03:31:00", "04:05:00", "09:00:00", "09:29:59", "09:30:00", "09:59:59"),
    *("10:00:00", "18:20:00", "18:40:00", "22:50:00", "23:05:00", "23:30:00", "23:45:00", "23:59:59"),
)
"""Times that many records share: around the midnights of several zones, and half an hour apart."""
CUSTOMERS, DEVICES, PRODUCTS, ORDERS = ("c1", "c2", "c3"), ("d1", "d2"), ("1", "2", "3", "4"), ("1", "2", "3", "4", "5")
CURRENCIES = (None, None, "GBP", "EUR", "USD")
STEPS = ("page_view", "product_view", "product_view", "add_to_cart", "checkout_started", "purchase", "quiz_done")
BROWSER, BOT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0", "Googlebot/2.1"
STREAMS = {
    "events": 8,
    "orders": 6,
    "refunds": 4,
    "customers": 1,
    "customer_changes": 2,
    "products": 1,
    "product_changes": 2,
    "exchange_rates": 2,
    "spend": 2,
}
"""Streams and how often a file is one of theirs."""
UNDATED = ("orders", "refunds", "exchange_rates", "spend")
"""Streams of which records may have no time of their change, and then count by their arrival."""


class ShopRecords:
    """Makes records of each stream, as texts of lines."""

    streams: ClassVar[dict[str, int]] = STREAMS
    undated: ClassVar[tuple[str, ...]] = UNDATED
    changed_at = "updated_at"

    def __init__(self, random: random.Random, *, is_dated: bool = True) -> None:
        self._random, self._events, self._is_dated = random, 0, is_dated
        self._texts: dict[str, list[str]] = {}

    def choose_stream(self) -> str:
        """Return the stream of the next file."""
        return self._random.choices([*self.streams], [*self.streams.values()])[0]

    def choose_name(self, stream: str, number: int) -> str:
        """Return the name of the next file of a stream."""
        return f"{self._random.choice('amz')}{number}.{ENDINGS.get(stream, 'json')}"

    def texts(self, stream: str, most: int = 4, *, is_page: bool = False) -> list[str]:
        """Return the texts of one to `most` records: new ones, some that came before, and some that are bad.

        In a page all are objects.
        """
        texts = [self._text(stream) for _ in range(self._random.randint(1, most + 2 * (stream == "events")))]
        if is_page:
            texts = [text if text.startswith("{") else self.good(stream) for text in texts]
        self._texts.setdefault(stream, []).extend(texts)
        return texts

    def good(self, stream: str, rows: int = 1) -> str:
        """Return the text of a record without a fault; of so many rows where it has several."""
        return self.as_text(stream, self._makers[stream]())

    def as_text(self, stream: str, record: Record) -> str:
        """Return the line of a record in a file of its stream."""
        return as_text(stream, record)

    def _text(self, stream: str) -> str:
        chance = self._random.random()
        if chance < 0.1 and stream in self._texts:
            return self._random.choice(self._texts[stream])
        if chance < 0.14 and stream != "products":
            return f"garbage {self._random.randint(1, 99)}"
        record = self._makers[stream]()
        if not self._is_dated and stream in self.undated and self._random.random() < 0.5:
            record |= {self.changed_at: None}
        if chance < 0.28:
            self._spoil(record)
        return self.as_text(stream, record)

    def _spoil(self, record: Record) -> None:
        """Give a field a value that is missing, of another type or out of bounds.

        The time of a record stays: one without counts by its arrival.
        """
        name = self._random.choice([name for name in record if name != self.changed_at])
        record[name] = self._random.choice([None, "", "x", -3, "2026-13-01", 10**18, "é\u200b", "1e400"])

    @property
    def _makers(self) -> dict[str, Callable[[], Record]]:
        return {
            "events": self._event,
            "orders": self._order,
            "refunds": self._refund,
            "customers": self._customer,
            "customer_changes": lambda: self._change() | self._customer(),
            "products": self._product,
            "product_changes": lambda: self._change() | self._product(),
            "exchange_rates": self._rate,
            "spend": self._spend,
        }

    def _event(self) -> Record:
        pick, chance = self._random.choice, self._random.random
        self._events += 1
        name, customer = pick(STEPS), pick(CUSTOMERS) if chance() < 0.5 else None
        number = self._events if chance() < 0.85 else self._random.randint(1, self._events)
        return {
            "event_id": f"e{number}",
            "event_ts": self._time(),
            "event_name": name,
            "user_id": customer,
            "anonymous_id": pick(DEVICES) if customer is None or chance() < 0.5 else None,
            "product_id": pick(PRODUCTS) if name != "page_view" else None,
            "price": self._money() if chance() < 0.8 else None,
            "quantity": self._random.randint(1, 3),
            "order_id": pick(ORDERS) if name == "purchase" else None,
            "currency": pick(CURRENCIES),
            "page_url": pick(["https://shop.example/", "https://shop.example/p/1", None]),
            "user_agent": pick([BROWSER, BROWSER, BROWSER, BOT]),
            **dict(zip(("utm_source", "utm_medium", "utm_campaign"), self._campaign(), strict=True)),
        }

    def _order(self) -> Record:
        pick, number = self._random.choice, self._random.choice(ORDERS)
        paid = [self._payment(f"y{number}{n}") for n in range(self._random.randint(0, 2))]
        lines = [self._line(n) for n in range(1, self._random.randint(0, 3) + 1)]
        order = {
            "order_id": number,
            "ordered_at": self._time(),
            "customer_id": pick([*CUSTOMERS, None]),
            "country": pick(["GB", "DE", None]),
            "currency": pick(CURRENCIES),
            "lines": lines,
            "discount": pick([0, 0, 1.5]),
            "shipping": pick([0, 3.0, None]),
            "payments": paid,
            "status": pick(["placed", "paid", "fulfilled", "cancelled", None]),
            "updated_at": self._time(),
        }
        if self._random.random() < 0.05:
            del order["lines"]
        return order

    def _payment(self, id: str) -> Record:
        status = self._random.choice(["captured", "pending", None])
        at = {"paid_at": self._time()} | ({"updated_at": self._time()} if self._random.random() < 0.3 else {})
        return {"payment_id": id, "method": "card", "amount": self._money(), "status": status, **at}

    def _line(self, number: int) -> Record:
        tax = self._random.choice([None, 0.5])
        line = {"line_number": number, "product_id": self._random.choice(PRODUCTS), "tax": tax}
        line |= {"quantity": self._random.randint(1, 4), "unit_price": self._money()}
        if self._random.random() < 0.06:
            self._spoil(line)
        return line

    def _refund(self) -> Record:
        pick = self._random.choice
        return {
            "refund_id": f"r{self._random.randint(1, 4)}",
            "order_id": pick(ORDERS),
            "refunded_at": self._time(),
            "customer_id": pick([*CUSTOMERS, None]),
            "country": pick(["GB", "DE", None]),
            "currency": pick(CURRENCIES),
            "lines": [self._line(n) for n in range(1, self._random.randint(0, 2) + 1)],
            "payment_id": pick(["y11", "y20", None]),
            "amount": self._money(),
            "status": pick([None, "cancelled"]),
            "updated_at": self._time(),
        }

    def _customer(self) -> Record:
        pick = self._random.choice
        id = pick(CUSTOMERS)
        return {
            "customer_id": id,
            "signup_date": pick(["2026-01-05", "2026-03-28"]),
            "location": pick(["London", "Leeds, UK", ""]),
            "email": pick([f"{id}@shop.example", "", "no address"]),
            "phone": pick(["+44 20 7946 0000", ""]),
            "updated_at": self._time(),
        }

    def _change(self) -> Record:
        op = self._random.choice(["insert", "update", "update", "delete"])
        return {"op": op, "sequence": self._random.randint(1, 3), "changed_at": self._time()}

    def _product(self) -> Record:
        id = self._random.choice(PRODUCTS)
        return {
            "product_id": id,
            "product_name": self._random.choice([f"Pot {id}", f"Teapot {id}", None]),
            "category": self._random.choice(["kitchen", "garden", None]),
            "price": self._money(),
            "cost": self._random.choice([0.5, None]),
            "updated_at": self._time(),
        }

    def _rate(self) -> Record:
        rate = self._random.choice(["0.85", "0.8612345678", "1.2"])
        at = {"rate_date": self._day(), "currency": self._random.choice(["EUR", "USD"])}
        return at | {"rate": rate, "updated_at": self._time()}

    def _spend(self) -> Record:
        source, medium, campaign = self._campaign()
        return {
            "cost_date": self._day(),
            "source": source or "google",
            "medium": medium or "cpc",
            "campaign": campaign or "",
            "cost": self._money(),
            "currency": self._random.choice(["", "GBP", "EUR"]),
            "clicks": self._random.randint(0, 20),
            "impressions": self._random.randint(20, 90),
            "updated_at": self._time(),
        }

    def _campaign(self) -> tuple[str | None, str | None, str | None]:
        return self._random.choice(
            [(None, None, None), ("google", "cpc", "spring"), ("newsletter", "email", "spring"), ("google", None, None)]
        )

    def _money(self) -> float:
        return self._random.choice([1.0, 2.5, 9.99, 0.3333, 100.0])

    def _day(self) -> str:
        return f"{START + timedelta(days=self._random.randrange(DAYS)):%Y-%m-%d}"

    def _time(self) -> str:
        return f"{self._day()}T{self._random.choice(CLOCKS)}{self._random.choice(['Z', 'Z', '+01:00', ''])}"
