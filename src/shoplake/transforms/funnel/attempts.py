"""The attempts that a funnel counts: the best one per unit, or with `totals` all that do not overlap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.transforms.funnel.matching import EXCLUDED, NEVER, OTHER, Attempts, Pattern, UnitEvents, match
from shoplake.transforms.known_columns import select_known
from shoplake.transforms.sorted_groups import MIN_BATCH_ROWS, ROW_NUMBER, group_starts, iter_groups, sort_within_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import Column, DataFrame

    from shoplake.transforms.funnel.definition import Funnel
    from shoplake.transforms.sorted_groups import Positions

ALL, UNKNOWN, NOT_REACHED = "(all)", "(unknown)", "(not reached)"
"""Segments: without a split; of an event without a value; of an attempt that lacks the step the value comes from."""
SESSION_PAUSE = 1_800_000_000
"""The pause after which a session is over, in microseconds."""
SEPARATOR = "\x1f"
NEEDED = ("unit_key", "at", "as_of", "ended_at", "code", "segment", ROW_NUMBER)
"""What matching reads of an event."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SCHEMA = (
    "feed string, unit_id string, attempt int, segment string, reached int, is_open boolean, "
    "step_times array<timestamp>"
)


def find_attempts(events: DataFrame, funnel: Funnel) -> DataFrame:
    """Return the attempts that count: feed, unit, number, segment, steps reached, whether open, the steps' times.

    `events` are those of `silver.events`, with the id of what is counted; those of bots and without an id are ignored.
    """
    narrow = _narrow(events, funnel)
    by_unit = sort_within_key(narrow, ["unit_key"], ["at", "place", "event_id"])
    segment_from = funnel.by_from if isinstance(funnel.by_from, int) else {"first": 1, "last": None}[funnel.by_from]
    finder = AttemptFinder(_pattern(funnel), funnel.count == "totals", segment_from)
    return select_known(by_unit, NEEDED).mapInArrow(finder, struct_type(SCHEMA))


def _narrow(events: DataFrame, funnel: Funnel) -> DataFrame:
    """Return what matching needs of the events that matter, with times in microseconds."""
    at = F.unix_micros("event_at")
    if funnel.as_of is None:
        ends = events.groupBy("feed").agg(F.max(at).alias("as_of"))
        known = events.join(ends, on="feed", how="inner")
    else:
        as_of = (funnel.as_of - EPOCH) // timedelta(microseconds=1)
        known = events.where(at <= as_of).withColumn("as_of", F.lit(as_of).cast("bigint"))
    people = known.where(~F.col("is_bot") & F.col(funnel.unit_column).isNotNull())
    in_unit = Window.partitionBy("feed", funnel.unit_column)
    is_session = funnel.count == "sessions"
    ended_at = F.max(at).over(in_unit) if is_session else at
    segment = F.lit(ALL) if funnel.by is None else F.coalesce(F.col(funnel.by), F.lit(UNKNOWN))
    columns = people.select(
        F.concat_ws(SEPARATOR, "feed", funnel.unit_column).alias("unit_key"),
        at.alias("at"),
        "as_of",
        ended_at.alias("ended_at"),
        _code(funnel).alias("code"),
        F.when(_code(funnel) < 0, len(funnel.steps)).otherwise(_code(funnel)).alias("place"),
        segment.alias("segment"),
        "event_id",
    )
    return columns if funnel.order == "strict" else columns.where(F.col("code") != OTHER)


def _code(funnel: Funnel) -> Column:
    """Return the first place of an event's name in the steps, from 0; `EXCLUDED` or `OTHER`."""
    code = F.when(F.col("event_name").isin(*funnel.exclude), EXCLUDED) if funnel.exclude else F.when(F.lit(False), 0)
    for name in dict.fromkeys(funnel.steps):
        code = code.when(F.col("event_name") == name, funnel.steps.index(name))
    return code.otherwise(OTHER)


def _pattern(funnel: Funnel) -> Pattern:
    numbers = range(1, len(funnel.steps) + 1)
    return Pattern(
        codes=tuple(funnel.steps.index(name) for name in funnel.steps),
        window=_micros(funnel.window),
        step_windows=tuple(_micros(funnel.step_windows.get(number)) for number in numbers),
        order=funnel.order,
        idle=SESSION_PAUSE if funnel.count == "sessions" else NEVER,
    )


def _micros(window: timedelta | None) -> int:
    return NEVER if window is None else (window.days * 86_400 + window.seconds) * 1_000_000 + window.microseconds


@dataclass(frozen=True)
class AttemptFinder:
    """Finds the attempts that count in sorted events, batch by batch.

    `segment_from` is the number of the step whose event has the segment; None for the last one reached.
    """

    pattern: Pattern
    counts_attempts: bool = False
    segment_from: int | None = 1
    min_batch_rows: int = MIN_BATCH_ROWS

    def __call__(self, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the attempts of the events in `blocks`."""
        for events in iter_groups(blocks, self.min_batch_rows):
            yield from self.attempts(events).to_batches()

    def attempts(self, rows: pa.Table) -> pa.Table:
        """Return the attempts of the events of whole units."""
        cells = {name: rows[name].to_numpy().astype(np.int64) for name in ("at", "code", "as_of", "ended_at")}
        events = UnitEvents(unit=np.cumsum(group_starts(rows)) - 1, **cells)
        found = match(events, self.pattern)
        unit = events.unit[found.start]
        chosen = _choose_all(found, unit) if self.counts_attempts else _choose_best(found, unit)
        is_open = found.is_open
        if not self.counts_attempts:
            is_open = np.isin(unit, unit[found.is_open]) & (found.path[:, -1] < 0)
        path, reached = found.path[chosen], found.reached[chosen]
        keys = rows["unit_key"].take(pa.array(found.start[chosen])).to_pylist()
        feed, unit_id = zip(*(key.split(SEPARATOR, 1) for key in keys), strict=True) if keys else ((), ())
        offsets = np.append(0, np.cumsum(reached)).astype(np.int32)
        times = rows["at"].take(pa.array(path[path >= 0])).combine_chunks().cast(pa.timestamp("us", tz="UTC"))
        return pa.table(
            {
                "feed": pa.array(feed, pa.string()),
                "unit_id": pa.array(unit_id, pa.string()),
                "attempt": pa.array(_number_within(unit[chosen]), pa.int32()),
                "segment": self._segments(rows, path, reached),
                "reached": pa.array(reached, pa.int32()),
                "is_open": pa.array(is_open[chosen]),
                "step_times": pa.ListArray.from_arrays(pa.array(offsets), times),
            }
        )

    def _segments(self, rows: pa.Table, path: Positions, reached: Positions) -> pa.Array:
        column = reached - 1 if self.segment_from is None else np.full(len(path), self.segment_from - 1)
        place = path[np.arange(len(path)), column]
        values = rows["segment"].cast(pa.string()).take(pa.array(np.where(place < 0, 0, place))).to_pylist()
        is_split = not values or values[0] != ALL
        return pa.array(
            [NOT_REACHED if at < 0 and is_split else value for at, value in zip(place, values, strict=True)],
            pa.string(),
        )


def _choose_best(found: Attempts, unit: Positions) -> Positions:
    """Return the attempt of each unit that reaches furthest, the earliest of several."""
    order = np.lexsort((found.start, -found.reached, unit))
    is_first = np.diff(unit[order], prepend=-1) != 0
    return np.asarray(order[is_first], np.int64)


def _choose_all(found: Attempts, unit: Positions) -> Positions:
    """Return the attempts of each unit that do not overlap: each begins behind the last step of the one before."""
    if not len(unit):
        return np.zeros(0, np.int64)
    behind = np.searchsorted(found.start, found.path.max(axis=1), side="right")
    chosen, number = [], 0
    while number < len(behind):
        chosen.append(number)
        number = int(behind[number])
    return np.asarray(chosen, np.int64)


def _number_within(unit: Positions) -> Positions:
    """Return the number of each row within its unit, from 1; rows of a unit are consecutive."""
    starts = np.flatnonzero(np.diff(unit, prepend=-1) != 0)
    return np.arange(len(unit)) - np.repeat(starts, np.diff(np.append(starts, len(unit)))) + 1
