"""Faulty orders, refunds, customers and products."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoplake.simulate.faults.events import truncate
from shoplake.simulate.faults.faults import DelayedLines, FaultPlan, mix_in
from shoplake.simulate.rng import rng_for
from shoplake.simulate.zenith.products import to_decimals

if TYPE_CHECKING:
    from shoplake.simulate.calendar import Calendar
    from shoplake.simulate.zenith.shop import Shop


class RecordFaults:
    """Injects faults into the files of one stream of JSON records: orders or refunds."""

    def __init__(self, shop: Shop, calendar: Calendar, faults: FaultPlan, stream: str) -> None:
        self._seed, self._faults, self._stream = shop.seed, faults, stream
        self._invalid = 0
        self.delayed = DelayedLines(calendar.last_day)

    def inject(self, day: int, lines: list[str]) -> pa.StringArray:
        """Return the lines of a day's file with its faults."""
        rng = rng_for(self._seed, f"dirty {self._stream}", day)
        due = self._faults.due(self._stream, len(lines))
        if not self.delayed.has_later_day(day):
            due["duplicate_in_file"] += due["duplicate_in_other_file"]
            due["duplicate_in_other_file"] = 0
        extra = self.delayed.pop(day)
        for kind, count in due.items():
            models = [lines[index] for index in rng.integers(0, len(lines), count).tolist()] if lines else []
            self._faults.record(self._stream, kind, len(models))
            if kind == "duplicate_in_other_file":
                self.delayed.delay(rng, day, models)
            else:
                extra += [self._truncate(rng, line) for line in models] if kind == "cut_json" else models
        return mix_in(rng, pa.array(lines, pa.string()), extra)

    def _truncate(self, rng: np.random.Generator, line: str) -> str:
        """Break a record with an order number of its own off in the middle."""
        self._invalid += 1
        return truncate(rng, line.replace(json.loads(line)["order_id"], f"O8{self._invalid:08}"))


class SnapshotFaults:
    """Injects faults into the snapshots of customers and products."""

    def __init__(self, shop: Shop, faults: FaultPlan) -> None:
        self._seed, self._faults = shop.seed, faults
        self._invalid = 0

    def customers(self, day: int, lines: pa.StringArray) -> pa.StringArray:
        """Insert invalid lines with unknown customers into a snapshot."""
        extra = [_invalid_customer(kind, number) for kind, number in self._make_invalid("customers", len(lines))]
        return mix_in(rng_for(self._seed, "dirty customers", day), lines, extra)

    def products(self, day: int, rows: pa.Table) -> pa.Table:
        """Insert invalid rows with unknown products into a snapshot."""
        extra = self._make_invalid("products", len(rows))
        if not extra:
            return rows
        rng = rng_for(self._seed, "dirty products", day)
        invalid = rows.take(pa.array(rng.integers(0, len(rows), len(extra))))
        ids = [f"P9{number:07}" if kind == "negative_price" else None for kind, number in extra]
        price = np.array([-999 if kind == "negative_price" else 999 for kind, _ in extra], dtype=np.int64)
        invalid = invalid.set_column(0, "product_id", pa.array(ids, pa.string())).set_column(
            3, "price", to_decimals(price).cast(rows.schema.field("price").type)
        )
        together = pa.concat_tables([rows, invalid]).combine_chunks()
        return together.take(pa.array(rng.permutation(len(together))))

    def _make_invalid(self, stream: str, clean: int) -> list[tuple[str, int]]:
        """Return the kind and a new number of each invalid record due."""
        kinds = [kind for kind, count in self._faults.due(stream, clean).items() for _ in range(count)]
        for kind in kinds:
            self._faults.record(stream, kind, 1)
        self._invalid += len(kinds)
        return [(kind, self._invalid - index) for index, kind in enumerate(kinds)]


def _invalid_customer(kind: str, number: int) -> str:
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
