"""Sales by day in memory, so that the sums of any period are a difference of two running totals."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from itertools import accumulate
from math import copysign, floor
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from shoplake.serve.store.generation import Generation

COUNTS = ("orders", "first_orders", "units_sold", "cancelled_orders")
MONEY = ("gross_sales", "discounts", "returns", "net_sales", "cost", "margin", "cancelled_sales")
MONEY_TYPE = pa.decimal128(18, 2)
DAYS = f"""
    SELECT sales_date, {", ".join(f"sum({each})::BIGINT AS {each}" for each in COUNTS)},
        {", ".join(f"(sum({each}) * 100)::BIGINT AS {each}" for each in MONEY)}
    FROM gold.sales_daily WHERE feed = ? AND currency IS NOT DISTINCT FROM ? GROUP BY sales_date ORDER BY sales_date
"""


@dataclass(frozen=True)
class DailySales:
    """Sums of `gold.sales_daily` by day for one feed and currency, from the day `first` on; days without sales count.

    `totals` and `known` have a list for each measure: the running total before each day, and on how many days before
    it the measure is not null. `days` counts the days that have a row. Money is in hundredths.
    """

    first: date | None
    days: Sequence[int]
    totals: dict[str, Sequence[int]]
    known: dict[str, Sequence[int]]

    def add_up(self, periods: Sequence[tuple[date, date]]) -> dict[str, list[int | None]]:
        """Return the sums of each measure by period, both ends included; None where it is null on all days.

        A period without any row has zero.
        """
        places = [self._places(*period) for period in periods]
        is_empty = [self.days[high] == self.days[low] for low, high in places]
        return {
            measure: [
                totals[high] - totals[low] if is_zero or known[high] > known[low] else None
                for (low, high), is_zero in zip(places, is_empty, strict=True)
            ]
            for measure, totals, known in ((each, self.totals[each], self.known[each]) for each in (*COUNTS, *MONEY))
        }

    def _places(self, start: date, end: date) -> tuple[int, int]:
        if self.first is None:
            return 0, 0
        last, low = len(self.days) - 1, (start - self.first).days
        high = low + (end - start).days + 1
        return min(max(low, 0), last), min(max(high, 0), last)


_known: WeakKeyDictionary[Generation, dict[tuple[str, str | None], DailySales]] = WeakKeyDictionary()


def find_daily_sales(generation: Generation, feed: str, currency: str | None) -> DailySales:
    """Return the sales by day of a feed in a currency; each generation is read once."""
    known = _known.setdefault(generation, {})
    if (feed, currency) not in known:
        rows = generation.query(DAYS, [feed, currency]).to_pylist()
        known[feed, currency] = _running(rows)
    return known[feed, currency]


def average(gross: int | None, discounts: int | None, orders: int) -> int | None:
    """Return (gross - discounts) / orders, rounded as DuckDB does; all amounts are in hundredths."""
    if gross is None or discounts is None or not orders:
        return None
    hundredths = (gross - discounts) / 100 / orders * 100
    return int(copysign(floor(abs(hundredths) + 0.5), hundredths))


def to_money(hundredths: Sequence[int | None]) -> pa.Array:
    """Return amounts in hundredths as decimals(18, 2); Arrow's own way by a decimal of Python takes four times that."""
    known = pa.array(hundredths, pa.int64())
    words = array("q", [word for each in hundredths for word in (each or 0, (each or 0) >> 63)])
    return pa.Array.from_buffers(MONEY_TYPE, len(hundredths), [known.buffers()[0], pa.py_buffer(words)])


def _running(rows: Sequence[dict[str, Any]]) -> DailySales:
    if not rows:
        return DailySales(
            None, [0], {each: [0] for each in (*COUNTS, *MONEY)}, {each: [0] for each in (*COUNTS, *MONEY)}
        )
    first, last = rows[0]["sales_date"], rows[-1]["sales_date"]
    by_day: list[dict[str, Any]] = [{} for _ in range((last - first).days + 1)]
    for row in rows:
        by_day[(row["sales_date"] - first).days] = row
    measures = (*COUNTS, *MONEY)
    return DailySales(
        first,
        _totals(bool(row) for row in by_day),
        {each: _totals(row.get(each) or 0 for row in by_day) for each in measures},
        {each: _totals(row.get(each) is not None for row in by_day) for each in measures},
    )


def _totals(values: Iterable[int]) -> list[int]:
    return list(accumulate(values, initial=0))
