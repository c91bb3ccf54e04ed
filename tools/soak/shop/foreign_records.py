"""Random records of a small shop in the formats of WooCommerce and Segment."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, ClassVar

from tools.soak.shop.shop_files import as_text
from tools.soak.shop.shop_records import (
    BOT,
    BROWSER,
    CLOCKS,
    CUSTOMERS,
    DEVICES,
    ORDERS,
    PRODUCTS,
    ShopRecords,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.soak.shop.shop_records import Record

SHARED = ("exchange_rates", "spend")
"""Streams of CSV that any kind can have."""
FIXED = "is_fixed"
"""Marks a record that is always the same; it is no field."""
PRICES = ("1.00", "2.50", "9.99", "0.33", "100.00")


class ForeignRecords(ShopRecords):
    """Makes records of one foreign format."""

    undated: ClassVar[tuple[str, ...]] = SHARED
    pages: ClassVar[tuple[str, ...]] = ("page", "array")

    def choose_name(self, stream: str, number: int) -> str:
        """Return the name of the next file, a third of which are pages."""
        if stream in SHARED:
            return f"{number}.csv"
        first = self._random.choice(self.pages) if self._random.random() < 0.35 else self._random.choice("mz")
        return f"{first}{number}.json"

    def as_text(self, stream: str, record: Record) -> str:
        """Return the line of a record."""
        if stream in SHARED:
            return as_text(stream, record)
        return json.dumps(without_mark(record))

    def _spoil(self, record: Record) -> None:
        """Spoil a record; one that never changes is of nobody, so that it is not one of two with its number."""
        if FIXED in record:
            record["id"] = None
            return
        super()._spoil(record)

    def _fixed(self, number: int, make: Callable[[int], Record]) -> Record:
        """Return the record with a number, which never changes: the number alone makes it."""
        now, self._random = self._random, random.Random(number)
        made = make(number)
        self._random = now
        return made | {FIXED: True}

    def _price(self) -> str:
        return self._random.choice(PRICES)


class WooCommerceRecords(ForeignRecords):
    """Bodies of the REST API v3."""

    streams: ClassVar[dict[str, int]] = {"orders": 8, "refunds": 4, "products": 1, "customers": 2} | dict.fromkeys(
        SHARED, 2
    )
    pages: ClassVar[tuple[str, ...]] = ("array",)
    changed_at = "date_modified_gmt"

    @property
    def _makers(self) -> dict[str, Callable[[], Record]]:
        return {
            "orders": self._sold,
            "refunds": lambda: self._fixed(self._random.randint(101, 108), self._refunded),
            "products": self._article,
            "customers": self._person,
            "exchange_rates": self._rate,
            "spend": self._spend,
        }

    def _gmt(self) -> str:
        return f"{self._day()}T{self._random.choice(CLOCKS)}"

    def _sold(self) -> Record:
        pick, number = self._random.choice, self._random.choice(ORDERS)
        items = [self._item(int(number) * 10 + n) for n in range(self._random.randint(0, 3))]
        fees = [{"id": int(number) * 10 + 9, "name": "fee", "total": pick(["0.40", "-0.30"]), "total_tax": "0.01"}]
        order: Record = {
            "id": int(number),
            "status": pick(["pending", "processing", "completed", "cancelled", "refunded", "own"]),
            "currency": pick(["GBP", "EUR", "USD"]),
            "customer_id": pick([0, 1, 2]),
            "payment_method": pick(["card", ""]),
            "date_created_gmt": self._gmt(),
            "date_modified_gmt": self._gmt(),
            "date_paid_gmt": pick([None, self._gmt()]),
            "discount_total": pick(["0.00", "1.50"]),
            "shipping_total": pick(["0.00", "3.00"]),
            "shipping_tax": "0.00",
            "billing": {"country": "GB"},
            "shipping": {"country": pick(["", "DE"])},
            "line_items": items,
            "fee_lines": fees if self._random.random() < 0.3 else [],
            "total": pick(["5.00", "9.99", "12.34"]),
        }
        if self._random.random() < 0.05:
            del order["line_items"]
        return order

    def _item(self, id: int) -> Record:
        item: Record = {"id": id, "name": "Pot", "product_id": int(self._random.choice(["0", *PRODUCTS])), "sku": "s1"}
        item |= {"quantity": self._random.randint(1, 4), "subtotal": self._price(), "total": self._price()}
        return item | {"total_tax": self._random.choice(["0.00", "0.11"])}

    def _refunded(self, id: int) -> Record:
        pick = self._random.choice
        lines = [self._item(n) | {"quantity": pick([-1, 0]), "total": f"-{self._price()}"} for n in range(pick([0, 1]))]
        parent = pick(ORDERS)
        record = {
            "id": id,
            "parent_id": int(parent),
            "date_created_gmt": self._gmt(),
            "amount": pick(["5.00", "100.00"]),
        }
        shipping = [{"id": 7, "total": "-1.00", "total_tax": "0.00"}] if self._random.random() < 0.3 else []
        return record | {"line_items": lines, "shipping_lines": shipping, "fee_lines": []}

    def _article(self) -> Record:
        id = int(self._random.choice(PRODUCTS))
        record = {
            "id": id,
            "name": f"Pot {id}",
            "price": self._price(),
            "status": self._random.choice(["publish", "draft"]),
        }
        return record | {"date_modified_gmt": self._gmt(), "categories": [{"id": 1, "name": "Kitchen"}]}

    def _person(self) -> Record:
        id = self._random.choice([1, 2])
        record = {"id": id, "email": f"c{id}@shop.example", "date_created_gmt": self._gmt()}
        return record | {"date_modified_gmt": self._gmt(), "billing": {"city": self._random.choice(["Leeds", ""])}}


class SegmentRecords(ForeignRecords):
    """Messages of the Segment spec; a message is the same whenever it comes."""

    streams: ClassVar[dict[str, int]] = {"events": 6, "orders": 8, "customers": 2} | dict.fromkeys(SHARED, 2)
    pages: ClassVar[tuple[str, ...]] = ("batch", "array")
    changed_at = "messageId"
    """It stays, so that no two messages have one number."""
    _numbers = 0

    @property
    def _makers(self) -> dict[str, Callable[[], Record]]:
        return {
            **dict.fromkeys(("events", "orders", "customers"), self._message),
            "exchange_rates": self._rate,
            "spend": self._spend,
        }

    def _message(self) -> Record:
        pick = self._random.choice
        self._numbers += 1
        message: Record = {
            "messageId": f"m{self._numbers}",
            "timestamp": self._time(),
            "userId": pick([*CUSTOMERS, None]),
        }
        message |= {"anonymousId": pick(DEVICES), "context": {"userAgent": pick([BROWSER, BROWSER, BOT])}}
        kind = self._random.random()
        if kind < 0.15:
            return message | {"type": "identify", "traits": {"email": pick(["c@shop.example", ""])}}
        if kind < 0.25:
            return message | {"type": "page", "properties": {"url": "https://shop.example/"}}
        names = ["Product Viewed", "Product Added", "Order Completed", "Order Completed", "quiz_done"]
        event = pick([*names, "Order Updated", "Order Cancelled", "Order Refunded", "Order Refunded"])
        return message | {"type": "track", "event": event, "properties": self._properties(event)}

    def _properties(self, event: str) -> Record:
        pick = self._random.choice
        if not event.startswith("Order"):
            return {"product_id": pick(PRODUCTS), "price": float(self._price()), "quantity": 1}
        products = [
            {"product_id": pick(PRODUCTS), "price": float(self._price())} | ({"quantity": 2} if pick([0, 1]) else {})
            for _ in range(self._random.randint(0, 3))
        ]
        found: Record = {"order_id": pick(ORDERS), "currency": pick([None, "GBP", "EUR"]), "products": products}
        found |= {"shipping": pick([0, 3.0, None]), "discount": pick([0, 1.5]), "tax": pick([None, 0.5])}
        found |= {pick(["total", "revenue"]): float(self._price())}
        if self._random.random() < 0.15:
            del found["products"]
        return found


def without_mark(record: Record) -> Record:
    """Return the fields of a record."""
    return {name: value for name, value in record.items() if name != FIXED}
