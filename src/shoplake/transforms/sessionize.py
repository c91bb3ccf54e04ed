"""Sessionization: a visitor's events until none follows for a while, aggregated to one row per session."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.transforms.known_columns import select_known
from shoplake.transforms.page_paths import collect_paths, page_code
from shoplake.transforms.sorted_groups import MIN_BATCH_ROWS, ROW_NUMBER, group_starts, iter_groups, sort_within_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

    from shoplake.transforms.sorted_groups import Positions

REVENUE_TYPE = "decimal(38,4)"
FIRST_EVENT_COLUMNS = ("page_url", "utm_source", "utm_medium", "utm_campaign", "device")
"""Columns copied from a session's first event."""
SEPARATOR = "\x1f"
"""Separates texts that are sorted as one column, because sorting costs by the column."""

NEEDED = (
    *("visitor_key", "texts", "event_at", "event_date", "event_name", "is_bot", "is_known", "revenue", "lacks_rate"),
    *("page", ROW_NUMBER),
)
"""What the aggregation reads of an event."""


def sessionize(
    events: DataFrame, funnels: dict[str, tuple[str, ...]], counted: tuple[str, ...], pause_s: int
) -> DataFrame:
    """Aggregate events to one row per session: visitor, start and end in UTC and in local days, and measures.

    Measures are the number of events, also by each name in `counted`; the `revenue` of the purchases, null without
    amounts; the number of purchases that lack an exchange rate; the number of steps of the feed's funnel (`funnels`,
    first step first) reached in order, each at or after the one before; the `FIRST_EVENT_COLUMNS`; whether any event is
    a bot's; the path of page types. `is_known` says whether any event knows the customer. A session ends after
    `pause_s` seconds without an event. Events at one time are ordered by id. `events` are those of `silver.events` with
    `revenue` (null but for purchases) and `lacks_rate`.
    """
    texts = [
        F.coalesce(F.replace(name, F.lit(SEPARATOR), F.lit("")), F.lit(""))
        for name in ("event_id", *FIRST_EVENT_COLUMNS)
    ]
    narrow = events.select(
        F.concat_ws(SEPARATOR, "feed", "visitor_id").alias("visitor_key"),
        F.concat_ws(SEPARATOR, *texts).alias("texts"),
        *("event_at", "event_date", "event_name", "is_bot"),
        F.col("customer_id").isNotNull().alias("is_known"),
        F.col("revenue").cast(REVENUE_TYPE).alias("revenue"),
        "lacks_rate",
        page_code("event_name", "page_url").alias("page"),
    )
    by_visitor = sort_within_key(narrow, ["visitor_key"], ["event_at"])
    schema = [
        "feed string, visitor_id string, started_at timestamp, ended_at timestamp, session_date date, ended_date date",
        *[f"{name} bigint" for name in ("events", *counted)],
        f"revenue {REVENUE_TYPE}, lines_without_rate bigint, steps_reached int",
        *[f"{name} string" for name in FIRST_EVENT_COLUMNS],
        "is_bot boolean, is_known boolean, page_types array<string>",
    ]
    return select_known(by_visitor, NEEDED).mapInArrow(
        SessionAggregator(funnels, counted, pause_s * 1_000_000), struct_type(", ".join(schema))
    )


@dataclass(frozen=True)
class SessionAggregator:
    """Aggregates sorted events to sessions, batch by batch; the pause is in microseconds."""

    funnels: dict[str, tuple[str, ...]]
    counted: tuple[str, ...]
    pause: int
    min_batch_rows: int = MIN_BATCH_ROWS

    def __call__(self, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the sessions of the events in `blocks`."""
        for events in iter_groups(blocks, self.min_batch_rows):
            yield from self.sessions(events).to_batches()

    def sessions(self, events: pa.Table) -> pa.Table:
        """Return the sessions of the events of whole visitors."""
        at = events["event_at"].cast(pa.int64()).to_numpy()
        is_first = group_starts(events)
        is_first[1:] |= np.diff(at) > self.pause
        first, session = np.flatnonzero(is_first), np.cumsum(is_first) - 1
        last = np.append(first[1:], len(at))[: len(first)] - 1
        feed, visitor = _split_texts(events["visitor_key"].take(pa.array(first)), 2)
        names = tuple(dict.fromkeys((*self.counted, *chain.from_iterable(self.funnels.values()))))
        name = _positions(events["event_name"], names)
        counts = [np.bincount(session[name == position], minlength=len(first)) for position in range(len(self.counted))]
        days = events["event_date"].cast(pa.int32()).to_numpy()
        steps = self._steps(names)[_positions(feed, tuple(self.funnels))[session], name]
        is_bot = events["is_bot"].fill_null(False).to_numpy(zero_copy_only=False)
        is_known = events["is_known"].to_numpy(zero_copy_only=False).astype(bool)
        lacks_rate = events["lacks_rate"].to_numpy(zero_copy_only=False).astype(bool)
        first_events = _first_events(events["texts"], at, first, session)
        _, *first_values = _split_texts(events["texts"].take(pa.array(first_events)), 1 + len(FIRST_EVENT_COLUMNS))
        cells = {
            "feed": feed,
            "visitor_id": visitor,
            "started_at": events["event_at"].take(pa.array(first)),
            "ended_at": events["event_at"].take(pa.array(last)),
            "session_date": events["event_date"].take(pa.array(first_events)),
            "ended_date": pa.array(np.maximum.reduceat(days, first), pa.int32()).cast(pa.date32()),
            "events": pa.array(last - first + 1),
            **dict(zip(self.counted, map(pa.array, counts), strict=True)),
            "revenue": _sum_by_session(events["revenue"], session, len(first)),
            "lines_without_rate": pa.array(np.add.reduceat(lacks_rate.astype(np.int64), first)),
            "steps_reached": pa.array(_count_steps(steps, at, session)),
            **dict(zip(FIRST_EVENT_COLUMNS, first_values, strict=True)),
            "is_bot": pa.array(np.logical_or.reduceat(is_bot, first)),
            "is_known": pa.array(np.logical_or.reduceat(is_known, first)),
            "page_types": collect_paths(events["page"].to_numpy().astype(np.int64), at, session),
        }
        return pa.table(cells)

    def _steps(self, names: tuple[str, ...]) -> Any:
        """Return the matrix feed × event name of funnel step numbers; 0 where the name is no step."""
        steps = np.zeros((len(self.funnels) + 1, len(names) + 1), np.int32)
        for position, funnel in enumerate(self.funnels.values()):
            for number, name in enumerate(funnel, start=1):
                steps[position, names.index(name)] = number
        return steps


def _count_steps(steps: Any, at: Positions, session: Positions) -> Any:
    """Count the funnel steps each session reached in order, each at or after the one before."""
    count = int(session[-1]) + 1
    reached, since = np.zeros(count, np.int32), np.full(count, np.iinfo(np.int64).min)
    for number in range(1, int(steps.max()) + 1):
        is_next = (steps == number) & (reached[session] == number - 1) & (at >= since[session])
        those, first = np.unique(session[is_next], return_index=True)
        reached[those], since[those] = number, at[is_next][first]
    return reached


def _first_events(texts: pa.ChunkedArray, at: Positions, first: Positions, session: Positions) -> Positions:
    """Return the first event of each session; of several at that time the one with the least text (id first)."""
    result, tied = first.copy(), np.flatnonzero(at == at[first][session])
    while len(tied):
        is_less = pc.less(texts.take(pa.array(tied)), texts.take(pa.array(result[session[tied]])))
        tied = tied[is_less.to_numpy()]
        result[session[tied]] = tied
    return result


def _split_texts(joined: pa.ChunkedArray, count: int) -> list[pa.Array]:
    """Split texts that were joined with `SEPARATOR`."""
    parts = pc.split_pattern(joined.combine_chunks(), SEPARATOR, max_splits=count - 1)
    return [pc.list_element(parts, position) for position in range(count)]


def _positions(texts: pa.ChunkedArray, among: tuple[str, ...]) -> Positions:
    """Return the position of each text in `among`; -1 where it is not there."""
    result = pc.index_in(texts, value_set=pa.array(among, texts.type))
    return np.asarray(result.fill_null(-1).to_numpy(), dtype=np.int64)


def _sum_by_session(amounts: pa.ChunkedArray, session: Positions, count: int) -> pa.Array:
    """Sum the amounts of each session exactly; null without amounts."""
    valid = np.flatnonzero(amounts.is_valid().to_numpy())
    rows = pa.table({"session": session[valid], "amount": amounts.take(pa.array(valid))})
    sums = rows.group_by("session").aggregate([("amount", "sum")])
    positions = np.full(count, -1)
    positions[sums["session"].to_numpy()] = np.arange(sums.num_rows)
    return sums["amount_sum"].cast(pa.decimal128(38, 4)).take(pa.array(positions, mask=positions < 0))
