"""Compares closed days of a table with the weeks before: the last ones, or those that a write changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from pyspark.sql import functions as F

from shoplake.quality.arrivals import SEASON_DAYS, WEEK, Band, evaluate_counts, evaluate_shares

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

    from shoplake.declare.gate import LikeHistory

MAX_VALUES = 20
"""The most frequent values of a column whose shares are compared."""
FREQUENT, MIN_ROWS = 0.05, 100
"""The share of a compared day from which on a value is compared, too; of fewer rows it may be chance."""


@dataclass(frozen=True)
class DayBand:
    """A closed day of a feed, what is measured of it, and what was expected; `value` is the value of the column.

    `band` is None where too little is known, or where the day is not compared with others.
    """

    feed: str
    day: date
    value: str | None
    measured: float
    band: Band | None

    @property
    def slice(self) -> str:
        """Feed, day and value in one text."""
        return " ".join([self.feed, self.day.isoformat(), *([self.value] if self.value is not None else [])])


def check_history(
    rows: DataFrame,
    gate: LikeHistory,
    days: int,
    left_out: Collection[str] = (),
    today: Mapping[str, date] | None = None,
) -> Iterator[DayBand]:
    """Yield the last `days` closed days of each feed with what was expected of them; a day without rows has 0.

    A day is closed once the feed has rows of a later one and it is before `today` in the feed: rows of a clock that is
    ahead close none. Days in `left_out`, as `feed day`, are judged, but are no history.
    """
    for feed, series in sorted(_daily_counts(rows, gate, today).items()):
        calendar = series.closed_days
        yield from _bands(feed, series, gate, calendar[max(0, len(calendar) - days) :], left_out)


def check_written(
    rows: DataFrame,
    kept: DataFrame | None,
    gate: LikeHistory,
    left_out: Collection[str] = (),
    today: Mapping[str, date] | None = None,
) -> Iterator[DayBand]:
    """Yield the closed days that a write changes or closes; `kept` are the rows beside those that it adds.

    Of a feed that has no rows beside them only the last closed day is compared: the others are its history. Days in
    `left_out` are neither compared nor history.
    """
    found = _daily_counts(rows, gate, today)
    if kept is not None and found:
        for feed, series in _kept_counts(kept, gate, found, today).items():
            found[feed].counts += series.counts
            found[feed].last_kept_day = series.last_day
    for feed, series in sorted(found.items()):
        calendar, last = series.closed_days, series.last_kept_day
        changed = [day for day in calendar if day in series.new_days or (last is not None and day >= last)]
        compared = calendar[-1:] if last is None else changed
        compared = [day for day in compared if f"{feed} {day}" not in left_out]
        yield from _bands(feed, series, gate, changed, left_out, compared)


@dataclass
class Series:
    """The number of rows of one feed by day and value, the days that have new ones, and the last that has others.

    `today` is that of the feed; None, or before all rows, it says nothing about them.
    """

    counts: Counter[tuple[date, str | None]]
    new_days: set[date]
    today: date | None = None
    last_kept_day: date | None = None

    @property
    def last_day(self) -> date:
        """The last day that has rows, of those that have begun."""
        days = {day for day, _ in self.counts}
        return max((day for day in days if self.today is None or day <= self.today), default=max(days))

    @property
    def closed_days(self) -> list[date]:
        """All days from the first that has rows to the last, which is open; so is today where rows are later."""
        days = {day for day, _ in self.counts}
        first, open_day = min(days), max(days)
        if self.today is not None and first <= self.today:
            open_day = min(open_day, self.today)
        return [first + timedelta(days=each) for each in range((open_day - first).days)]


def _bands(
    feed: str,
    series: Series,
    gate: LikeHistory,
    days: Sequence[date],
    left_out: Collection[str],
    compared: Sequence[date] | None = None,
) -> Iterator[DayBand]:
    """Yield what is measured of some days, and what was expected of those that are compared: by default of all."""
    judged = set(days if compared is None else compared)
    calendar = series.closed_days
    skipped = [position for position, day in enumerate(calendar) if f"{feed} {day}" in left_out]
    position_of = {day: position for position, day in enumerate(calendar)}
    begin = min((position_of[day] for day in judged), default=len(calendar))
    totals = np.zeros(len(calendar))
    parts: dict[str | None, np.ndarray] = {}
    for (day, value), count in series.counts.items():
        if (position := position_of.get(day)) is not None:
            totals[position] += count
            parts.setdefault(value, np.zeros(len(calendar)))[position] += count
    wanted = _values(gate, totals, parts, [position_of[day] for day in judged])
    for value, bands in _evaluate(totals, parts, gate, wanted, skipped, begin).items():
        for day in days:
            position = position_of[day]
            band = bands[position - begin] if day in judged else None
            measured = totals[position]
            if gate.measure != "rows":
                measured = parts[value][position] / totals[position] if value in parts and totals[position] else 0.0
            yield DayBand(feed, day, value, float(measured), band)


def _kept_counts(
    kept: DataFrame, gate: LikeHistory, found: Mapping[str, Series], today: Mapping[str, date] | None
) -> dict[str, Series]:
    """Return the counts of rows beside those of a write, from eight weeks before the first day that it can close.

    That is the last day that has rows, which of a feed that paused is long before the new ones. Of a feed without rows
    in nine weeks all are counted: it is new, or its pause was that long.
    """
    since = min(day for series in found.values() for day in series.new_days) - timedelta(days=SEASON_DAYS + WEEK)
    beside = _counts_since(kept, gate, found, today, since)
    silent = sorted(set(found) - set(beside))
    paused = _daily_counts(kept.where(F.col("feed").isin(silent)), gate, today) if silent else {}
    while beside:
        needed = min(each.last_day for each in beside.values()) - timedelta(days=SEASON_DAYS)
        if needed >= since:
            break
        since = needed
        beside = _counts_since(kept, gate, beside, today, since)
    return beside | paused


def _counts_since(
    kept: DataFrame, gate: LikeHistory, feeds: Collection[str], today: Mapping[str, date] | None, since: date
) -> dict[str, Series]:
    counts = _daily_counts(kept.where(F.col(gate.by) >= F.lit(since)), gate, today)
    return {feed: series for feed, series in counts.items() if feed in feeds}


def _evaluate(
    totals: np.ndarray,
    parts: Mapping[str | None, np.ndarray],
    gate: LikeHistory,
    wanted: Sequence[str | None],
    skipped: Sequence[int],
    begin: int,
) -> dict[str | None, list[Band | None]]:
    """Return the bands of each day from `begin` on, by the value whose share is measured; None for the rows."""
    if gate.measure == "rows":
        return {None: evaluate_counts(totals, gate.change, skipped, begin)}
    none = np.zeros(len(totals))
    return {each: evaluate_shares(parts.get(each, none), totals, gate.change, skipped, begin) for each in wanted}


def _daily_counts(rows: DataFrame, gate: LikeHistory, today: Mapping[str, date] | None) -> dict[str, Series]:
    """Return the number of rows by feed, and then by day and value of the column."""
    value = F.lit(None).cast("string") if gate.column is None else F.col(gate.column).cast("string")
    if gate.measure == "nulls":
        value = F.when(value.isNull(), "null").otherwise("known")
    elif gate.measure == "shares":
        value = F.coalesce(value, F.lit("(null)"))
    cells = [F.col(gate.by).alias("day"), value.alias("value")]
    counted = rows.groupBy("feed", *cells).agg(F.count("*").alias("n")).where(F.col("day").isNotNull())
    found: dict[str, Series] = {}
    for row in counted.collect():
        series = found.setdefault(row.feed, Series(Counter(), set(), (today or {}).get(row.feed)))
        series.counts[row.day, row.value] += row.n
        series.new_days.add(row.day)
    return found


def _values(
    gate: LikeHistory, totals: np.ndarray, parts: Mapping[str | None, np.ndarray], judged: Sequence[int]
) -> list[str | None]:
    """Return the values whose shares are compared: the most frequent of all days, and of each day that is judged."""
    if gate.measure != "shares":
        return ["null" if gate.measure == "nulls" else None]
    ordered = sorted(parts, key=lambda value: (-parts[value].sum(), str(value)))
    least = np.where(totals >= MIN_ROWS, totals * FREQUENT, np.inf)[judged]
    return ordered[:MAX_VALUES] + [each for each in ordered[MAX_VALUES:] if (parts[each][judged] >= least).any()]
