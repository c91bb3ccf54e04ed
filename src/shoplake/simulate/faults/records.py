"""Dirty orders, refunds, customers and products."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.faults.events import cut
from shoplake.simulate.faults.faults import Dirt, Postponed, mixed_in
from shoplake.simulate.rng import chance_of
from shoplake.simulate.zenith.products import decimals

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.zenith.shop import Shop


class DirtyRecords:
    """Spreads dirt over the files of one stream of JSON records, orders or refunds."""

    def __init__(self, shop: Shop, calendar: Calendar, dirt: Dirt, stream: str) -> None:
        self._seed, self._dirt, self._stream = shop.seed, dirt, stream
        self._bad = 0
        self.postponed = Postponed(calendar.last_day)

    def spread(self, day: int, lines: list[str]) -> pa.StringArray:
        """The lines of a day's file with what is dirty in it."""
        chance = chance_of(self._seed, f"dirty {self._stream}", day)
        due = self._dirt.due(self._stream, len(lines))
        if not self.postponed.may_follow(day):
            due["duplicate_in_file"] += due["duplicate_in_other_file"]
            due["duplicate_in_other_file"] = 0
        extra = self.postponed.take(day)
        for kind, count in due.items():
            models = [lines[index] for index in chance.integers(0, len(lines), count).tolist()] if lines else []
            self._dirt.add(self._stream, kind, len(models))
            if kind == "duplicate_in_other_file":
                self.postponed.put(chance, day, models)
            else:
                extra += [self._cut(chance, line) for line in models] if kind == "cut_json" else models
        return mixed_in(chance, pa.array(lines, pa.string()), extra)

    def _cut(self, chance: np.random.Generator, line: str) -> str:
        """A record with an order number of its own, broken off in the middle."""
        self._bad += 1
        return cut(chance, line.replace(json.loads(line)["order_id"], f"O8{self._bad:08}"))


class DirtySnapshots:
    """Spreads dirt over the snapshots of customers and products."""

    def __init__(self, shop: Shop, dirt: Dirt) -> None:
        self._seed, self._dirt = shop.seed, dirt
        self._bad = 0

    def customers(self, day: int, lines: pa.StringArray) -> pa.StringArray:
        """A snapshot's lines with bad ones among them, whose customers nobody knows."""
        extra = [_bad_customer(kind, number) for kind, number in self._bad_ones("customers", len(lines))]
        return mixed_in(chance_of(self._seed, "dirty customers", day), lines, extra)

    def products(self, day: int, rows: pa.Table) -> pa.Table:
        """A snapshot's rows with bad ones among them, which nobody looks at."""
        extra = self._bad_ones("products", len(rows))
        if not extra:
            return rows
        chance = chance_of(self._seed, "dirty products", day)
        bad = rows.take(pa.array(chance.integers(0, len(rows), len(extra))))
        ids = [f"P9{number:07}" if kind == "negative_price" else None for kind, number in extra]
        price = np.array([-999 if kind == "negative_price" else 999 for kind, _ in extra], dtype=np.int64)
        bad = bad.set_column(0, "product_id", pa.array(ids, pa.string())).set_column(3, "price", decimals(price))
        together = pa.concat_tables([rows, bad]).combine_chunks()
        return together.take(pa.array(chance.permutation(len(together))))

    def _bad_ones(self, stream: str, clean: int) -> list[tuple[str, int]]:
        """The kind and a new number of each bad record due."""
        kinds = [kind for kind, count in self._dirt.due(stream, clean).items() for _ in range(count)]
        for kind in kinds:
            self._dirt.add(stream, kind, 1)
        self._bad += len(kinds)
        return [(kind, self._bad - index) for index, kind in enumerate(kinds)]


def _bad_customer(kind: str, number: int) -> str:
    fields = [
        f"C9{number:07}",
        "2025-11-05",
        '"Zürich, Altstadt"',
        f"nobody{number}@example.com",
        "+44000000000",
        "2025-11-05T10:00:00.000Z",
    ]
    if kind == "invalid_email":
        fields[3] = "not-an-email"
    if kind == "missing_customer_id":
        fields[0] = ""
    if kind == "missing_column":
        fields.pop()
    if kind == "extra_column":
        fields.append("surprise")
    return ",".join(fields) + "\n"
