"""Compares each closed day of a table with the weeks before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from pyspark.sql import functions as F

from shoplake.quality.arrivals import Band, evaluate_counts, evaluate_shares

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from shoplake.declare import Table
    from shoplake.declare.gate import LikeHistory
    from shoplake.engine import TableReader

MAX_VALUES = 20
"""The most frequent values of a column whose shares are compared."""


@dataclass(frozen=True)
class DayBand:
    """A closed day of a feed, what is measured of it, and what was expected; `value` is the value of the column."""

    feed: str
    day: date
    value: str | None
    band: Band

    @property
    def slice(self) -> str:
        """Feed, day and value in one text."""
        return " ".join([self.feed, self.day.isoformat(), *([self.value] if self.value is not None else [])])


def check_history(
    engine: TableReader, table: Table[...], gate: LikeHistory, days: int, left_out: Collection[date] = ()
) -> Iterator[DayBand]:
    """Yield the last `days` closed days of each feed with what was expected of them; a day without rows has 0.

    A day is closed once the feed has rows of a later one. Days in `left_out` are judged, but are no history.
    """
    for feed, counts in _daily_counts(engine, table, gate).items():
        first, last = min(day for day, _ in counts), max(day for day, _ in counts)
        calendar = [first + timedelta(days=each) for each in range((last - first).days)]
        begin = max(0, len(calendar) - days)
        skipped = [position for position, day in enumerate(calendar) if day in left_out]
        totals = np.zeros(len(calendar))
        parts: dict[str | None, np.ndarray] = defaultdict(lambda: np.zeros(len(calendar)))  # noqa: B023
        for (day, value), count in counts.items():
            position = (day - first).days
            if position < len(calendar):
                totals[position] += count
                parts[value][position] += count
        if gate.measure == "rows":
            bands: dict[str | None, list[Band | None]] = {None: evaluate_counts(totals, gate.change, skipped, begin)}
        else:
            wanted = ["null"] if gate.measure == "nulls" else _most_frequent(parts)
            bands = {value: evaluate_shares(parts[value], totals, gate.change, skipped, begin) for value in wanted}
        for value, each in bands.items():
            for position, band in enumerate(each, begin):
                if band is not None:
                    yield DayBand(feed, calendar[position], value, band)


def _daily_counts(
    engine: TableReader, table: Table[...], gate: LikeHistory
) -> Mapping[str, dict[tuple[date, str | None], int]]:
    """Return the number of rows by feed, and then by day and value of the column."""
    rows = engine.read(table)
    value = F.lit(None).cast("string") if gate.column is None else F.col(gate.column).cast("string")
    if gate.measure == "nulls":
        value = F.when(value.isNull(), "null").otherwise("known")
    elif gate.measure == "shares":
        value = F.coalesce(value, F.lit("(null)"))
    counted = rows.groupBy("feed", F.col(gate.by).alias("day"), value.alias("value")).agg(F.count("*").alias("n"))
    counts: dict[str, dict[tuple[date, str | None], int]] = defaultdict(dict)
    for row in counted.where(F.col("day").isNotNull()).collect():
        counts[row.feed][row.day, row.value] = row.n
    return dict(sorted(counts.items()))


def _most_frequent(parts: Mapping[str | None, np.ndarray]) -> list[str | None]:
    ordered = sorted(parts, key=lambda value: (-parts[value].sum(), str(value)))
    return ordered[:MAX_VALUES]
