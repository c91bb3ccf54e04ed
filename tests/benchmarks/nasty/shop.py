"""Small shops in the native format, in which what is rare is usual."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from . import documents, records
from .times import DAY, ERAS, boundaries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PRODUCTS = ("P1", "p1", "P2", "P3", "P1 ", " P1", "é", "e\u0301", "P10", "Pß", "P'q\"", "NULL")
CUSTOMERS = ("C1", "c1", "C2", "C3", "C1 ", "C4", "0", "a1")
DEVICES = ("a1", "A1", "a2", "a3", "C1", "a1 ")
ORDERS = ("O1", "o1", "O2", "O3", "O4", "O5", "O1 ", "O6", "O7", "O8")
"""Ids that differ in case or in a space only, and customers that are called as devices are."""
CODES = ("GBP", "EUR", "JPY", "KWD", "USD")
KINDS = (*["all"] * 12, "one event", "orders", "events", "refunds", "nothing", "rates")
PRODUCT = ("product_id", "product_name", "category", "price", "cost", "updated_at")
CUSTOMER = ("customer_id", "signup_date", "location", "email", "phone", "updated_at")
SPEND = ("cost_date", "source", "medium", "campaign", "cost", "currency", "clicks", "impressions", "updated_at")


class Shop:
    """The files of a shop by name. What a seed is for one value of `by_arrival` it is not for the other.

    With `by_arrival` the order of its files counts: some documents and rates have no `updated_at`, ids come twice in a
    document, and customers as changes too. Without, all files in one run are as good as any other order of them.
    """

    def __init__(self, seed: int, *, by_arrival: bool = False) -> None:
        self.chance = chance = random.Random(seed)
        self.by_arrival, self.files = by_arrival, dict[str, bytes]()
        self.timezone, self.currency = chance.choice(sorted(ERAS)), chance.choice(CODES)
        days = chance.sample(ERAS[self.timezone], chance.randint(1, 4))
        self.instants = [each for day in days for each in boundaries(self.timezone, day)]
        self.products, self.customers = (chance.sample(ids, chance.randint(1, 6)) for ids in (PRODUCTS, CUSTOMERS))
        self.devices, self.orders = chance.sample(DEVICES, chance.randint(1, 4)), chance.sample(ORDERS, 8)
        self.kind = chance.choice(KINDS)
        self._write()

    def __str__(self) -> str:
        return f"{self.kind}, {self.timezone}, {self.currency}"

    def drop(self, folder: Path, names: Iterable[str] | None = None) -> None:
        """Write the files, or some of them."""
        for name in self.files if names is None else names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(self.files[name])

    def _write(self) -> None:
        chance, sold = self.chance, list[dict[str, Any]]()
        if self.kind in ("all", "events", "one event"):
            count = 1 if self.kind == "one event" else chance.choice([3, 20, 60, 120])
            self._write_json("events", records.events(self, count))
        if self.kind in ("all", "orders"):
            sold = documents.orders(self, chance.choice([1, 4, 12, 25]))
            self._write_json("orders", sold)
        if self.kind in ("all", "orders", "refunds"):
            self._write_json("refunds", documents.refunds(self, chance.choice([0, 2, 6, 12]), sold))
        if self.kind not in ("nothing", "one event"):
            self._write_catalogue()
            self._write_money()
        for name, nothing in {"events": b"", "orders": b"\n\n"}.items():
            if chance.random() < 0.3:
                self.files[f"{name}/empty.json"] = nothing

    def _write_catalogue(self) -> None:
        chance = self.chance
        for number in range(chance.randint(0, 4)):
            rows = [records.customer(self, each.strip()) for each in self.customers if chance.random() < 0.7]
            self.files[f"customers/{number}.csv"] = as_csv(CUSTOMER, rows)
        for number in range(chance.randint(1, 4)):
            known = [records.product(self, each) for each in self.products if chance.random() < 0.7]
            columns = {name: pa.array([row[name] for row in known], pa.string()) for name in PRODUCT}
            sink = pa.BufferOutputStream()
            pq.write_table(pa.table(columns), sink)
            self.files[f"products/{number}.parquet"] = sink.getvalue().to_pybytes()
        changes = chance.choice([0, 0, 3, 10])
        self._write_json("product_changes", [records.product_change(self) for _ in range(changes)])
        if self.by_arrival:
            self._write_json("customer_changes", [records.customer_change(self) for _ in range(changes)])

    def _write_money(self) -> None:
        chance = self.chance
        days = sorted({(each + shift * DAY).date() for each in self.instants for shift in (-40, -3, -1, 0, 1)})
        rates = records.rates(self, days)
        for number in range(chance.randint(0, 2)):
            header = ("rate_date", "currency", "rate", "updated_at")
            self.files[f"exchange_rates/{number}.csv"] = as_csv(header, rates[number::2])
        costs = [records.cost(self, days, number) for number in range(chance.choice([0, 5, 20]))]
        self.files["spend/costs.csv"] = as_csv(SPEND, costs)

    def _write_json(self, stream: str, rows: list[dict[str, Any]]) -> None:
        """Deal the records out to a few files, whose names are in no order."""
        chance, rows = self.chance, self.chance.sample(rows, len(rows))
        parts = chance.randint(2, 6) if self.by_arrival else chance.randint(1, 3)
        for number in range(parts if rows else 0):
            lines = [json.dumps(each, ensure_ascii=chance.random() < 0.5) + "\n" for each in rows[number::parts]]
            self.files[f"{stream}/{chance.randint(100, 999)}-{number}.json"] = "".join(lines).encode()


def as_csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
