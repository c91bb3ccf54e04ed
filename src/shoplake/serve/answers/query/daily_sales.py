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
KNOWN_BY = {"margin": "cost"}
"""Measures that are known where another one is: a discount without goods has a margin, whatever is known of costs."""
MONEY_TYPE = pa.decimal128(18, 2)
DAYS = f"""
    SELECT sales_date, {", ".join(f"sum({each})::BIGINT AS {each}" for each in COUNTS)},
        {", ".join(f"(sum({each}) * 100)::BIGINT AS {each}" for each in MONEY)}
    FROM gold.sales_daily WHERE feed = ? AND currency IS NOT DISTINCT FROM ? GROUP BY sales_date ORDER BY sales_date
"""


@dataclass(frozen=True)
class DailySales:
    """Sums of `gold.sales_daily` by day for one feed and currency, from the day `first` on; days without sales count.

    `totals`, `known` and `unknown` have a list for each measure: the running total before each day, and on how many
    days before it the measure is known, or null. `days` counts the days that have a row. Money is in hundredths.
    """

    first: date | None
    days: Sequence[int]
    totals: dict[str, Sequence[int]]
    known: dict[str, Sequence[int]]
    unknown: dict[str, Sequence[int]]

    def add_up(self, periods: Sequence[tuple[date, date]]) -> dict[str, list[int | None]]:
        """Return the sums of each measure by period, both ends included.

        None where it is null on some days, and zero on days without orders alone: those have zero, not a known value.
        """
        places = [self._places(*period) for period in periods]
        return {each: [self._sum(each, low, high) for low, high in places] for each in (*COUNTS, *MONEY)}

    def _sum(self, measure: str, low: int, high: int) -> int | None:
        by = KNOWN_BY.get(measure, measure)
        totals, known, unknown = self.totals[measure], self.known[by], self.unknown[by]
        is_known = known[high] > known[low] or unknown[high] == unknown[low]
        return totals[high] - totals[low] if is_known else None

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


def known_sum(column: str, where: str = "") -> str:
    """Return the SQL of what `DailySales.add_up` does with the rows of a group, or with those of a condition."""
    of = f"FILTER ({where})" if where else ""
    by = KNOWN_BY.get(column, column)
    has_value = f"{where or 'true'} AND {by} IS NOT NULL AND ({by} <> 0 OR orders > 0)"
    is_unknown = f"count(*) {of} > count({by}) {of} AND count(*) FILTER ({has_value}) = 0"
    return f"CASE WHEN {is_unknown} THEN NULL ELSE sum({column}) {of} END"


def to_money(hundredths: Sequence[int | None]) -> pa.Array:
    """Return amounts in hundredths as decimals(18, 2); Arrow's own way by a decimal of Python takes four times that."""
    known = pa.array(hundredths, pa.int64())
    words = array("q", [word for each in hundredths for word in (each or 0, (each or 0) >> 63)])
    return pa.Array.from_buffers(MONEY_TYPE, len(hundredths), [known.buffers()[0], pa.py_buffer(words)])


def _running(rows: Sequence[dict[str, Any]]) -> DailySales:
    if not rows:
        nothing: dict[str, Sequence[int]] = {each: [0] for each in (*COUNTS, *MONEY)}
        return DailySales(None, [0], nothing, nothing, nothing)
    first, last = rows[0]["sales_date"], rows[-1]["sales_date"]
    by_day: list[dict[str, Any]] = [{} for _ in range((last - first).days + 1)]
    for row in rows:
        by_day[(row["sales_date"] - first).days] = row
    measures = (*COUNTS, *MONEY)
    return DailySales(
        first,
        _totals(bool(row) for row in by_day),
        {each: _totals(row.get(each) or 0 for row in by_day) for each in measures},
        {each: _totals(_has_value(row, each) for row in by_day) for each in measures},
        {each: _totals(bool(row) and row[each] is None for row in by_day) for each in measures},
    )


def _has_value(row: dict[str, Any], measure: str) -> bool:
    """Whether a measure is known of a day on which something was sold, or is not zero."""
    value = row.get(measure)
    return value is not None and bool(value or row["orders"])


def _totals(values: Iterable[int]) -> list[int]:
    return list(accumulate(values, initial=0))
