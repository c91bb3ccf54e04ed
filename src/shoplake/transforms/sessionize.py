"""Visits as one function: a visitor's events until none follows for a while, each summed up in a row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import functions as F

from shoplake.transforms.sorted_groups import group_starts, iter_groups, sort_within_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

    from shoplake.transforms.sorted_groups import Places

SPENT = "decimal(38,4)"
FIRST = ("page_url", "utm_source", "utm_medium", "utm_campaign", "device")
"""What is told of a visit's first event, under the same names."""
SEPARATOR = "\x1f"
"""Between texts that are carried as one: bringing rows in order costs by the column."""


def sessionize(
    events: DataFrame, funnels: dict[str, tuple[str, ...]], counted: tuple[str, ...], pause_s: int
) -> DataFrame:
    """One row per visit: whose, from when to when in UTC and in local days, and what its events come to.

    That is their number, also of each name in `counted`; what was `spent` in purchases, null where no price is said;
    how many steps of its feed's funnel (`funnels`, first step first) were reached in order, each at or after the one
    before; the `FIRST` of its first event; whether any of them is a bot's. Events of one moment are ordered by id.
    """
    is_purchase = F.col("event_name") == "purchase"
    spent = F.when(is_purchase, F.coalesce("quantity", F.lit(1)) * F.col("unit_price")).cast(SPENT)
    texts = [F.coalesce(F.replace(name, F.lit(SEPARATOR), F.lit("")), F.lit("")) for name in ("event_id", *FIRST)]
    narrow = events.select(
        F.concat_ws(SEPARATOR, "feed", "visitor_id").alias("who"),
        F.concat_ws(SEPARATOR, *texts).alias("told"),
        *("event_at", "event_date", "event_name", "is_bot"),
        spent.alias("spent"),
    )
    by_visitor = sort_within_key(narrow, ["who"], ["event_at"])
    told = [
        "feed string, visitor_id string, started_at timestamp, ended_at timestamp, session_date date, ended_date date",
        *[f"{name} bigint" for name in ("events", *counted)],
        f"spent {SPENT}, steps_reached int",
        *[f"{name} string" for name in FIRST],
        "is_bot boolean",
    ]
    return by_visitor.mapInArrow(SessionAggregator(funnels, counted, pause_s * 1_000_000), ", ".join(told))


@dataclass(frozen=True)
class SessionAggregator:
    """Events in order to visits, block by block; the pause is in microseconds."""

    funnels: dict[str, tuple[str, ...]]
    counted: tuple[str, ...]
    pause: int

    def __call__(self, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The visits of the events in `blocks`."""
        for events in iter_groups(blocks):
            yield from self.visits(events).to_batches()

    def visits(self, events: pa.Table) -> pa.Table:
        """The visits of whole visitors."""
        at = events["event_at"].cast(pa.int64()).to_numpy()
        is_first = group_starts(events)
        is_first[1:] |= np.diff(at) > self.pause
        first, visit = np.flatnonzero(is_first), np.cumsum(is_first) - 1
        last = np.append(first[1:], len(at))[: len(first)] - 1
        feed, visitor = _texts(events["who"].take(pa.array(first)), 2)
        names = tuple(dict.fromkeys((*self.counted, *chain.from_iterable(self.funnels.values()))))
        name = _places(events["event_name"], names)
        counts = [np.bincount(visit[name == place], minlength=len(first)) for place in range(len(self.counted))]
        days = events["event_date"].cast(pa.int32()).to_numpy()
        steps = self._steps(names)[_places(feed, tuple(self.funnels))[visit], name]
        is_bot = events["is_bot"].fill_null(False).to_numpy(zero_copy_only=False)
        opening = _least_at_once(events["told"], at, first, visit)
        _, *told = _texts(events["told"].take(pa.array(opening)), 1 + len(FIRST))
        cells = {
            "feed": feed,
            "visitor_id": visitor,
            "started_at": events["event_at"].take(pa.array(first)),
            "ended_at": events["event_at"].take(pa.array(last)),
            "session_date": events["event_date"].take(pa.array(opening)),
            "ended_date": pa.array(np.maximum.reduceat(days, first), pa.int32()).cast(pa.date32()),
            "events": pa.array(last - first + 1),
            **dict(zip(self.counted, map(pa.array, counts), strict=True)),
            "spent": _summed(events["spent"], visit, len(first)),
            "steps_reached": pa.array(_reached(steps, at, visit)),
            **dict(zip(FIRST, told, strict=True)),
            "is_bot": pa.array(np.logical_or.reduceat(is_bot, first)),
        }
        return pa.table(cells)

    def _steps(self, names: tuple[str, ...]) -> Any:
        """Which step of a feed's funnel a name is, by the places of both; 0 where it is none."""
        steps = np.zeros((len(self.funnels) + 1, len(names) + 1), np.int32)
        for place, funnel in enumerate(self.funnels.values()):
            for number, name in enumerate(funnel, start=1):
                steps[place, names.index(name)] = number
        return steps


def _reached(steps: Any, at: Places, visit: Places) -> Any:
    """How many steps each visit reached in order: each step at or after the one before."""
    count = int(visit[-1]) + 1
    reached, since = np.zeros(count, np.int32), np.full(count, np.iinfo(np.int64).min)
    for number in range(1, int(steps.max()) + 1):
        is_next = (steps == number) & (reached[visit] == number - 1) & (at >= since[visit])
        those, first = np.unique(visit[is_next], return_index=True)
        reached[those], since[those] = number, at[is_next][first]
    return reached


def _least_at_once(told: pa.ChunkedArray, at: Places, first: Places, visit: Places) -> Places:
    """The first event of each visit; of several at that moment the one whose text, its id before all, is least."""
    found, tied = first.copy(), np.flatnonzero(at == at[first][visit])
    while len(tied):
        is_less = pc.less(told.take(pa.array(tied)), told.take(pa.array(found[visit[tied]])))
        tied = tied[is_less.to_numpy()]
        found[visit[tied]] = tied
    return found


def _texts(joined: pa.ChunkedArray, count: int) -> list[pa.Array]:
    """The texts that were carried as one."""
    parts = pc.split_pattern(joined.combine_chunks(), SEPARATOR, max_splits=count - 1)
    return [pc.list_element(parts, place) for place in range(count)]


def _places(texts: pa.ChunkedArray, among: tuple[str, ...]) -> Places:
    """Where among those texts each one is; -1 where it is none of them."""
    found = pc.index_in(texts, value_set=pa.array(among, texts.type))
    return np.asarray(found.fill_null(-1).to_numpy(), dtype=np.int64)


def _summed(amounts: pa.ChunkedArray, visit: Places, count: int) -> pa.Array:
    """The sum of the amounts of each visit, exactly; null where there is none."""
    there = np.flatnonzero(amounts.is_valid().to_numpy())
    rows = pa.table({"visit": visit[there], "amount": amounts.take(pa.array(there))})
    sums = rows.group_by("visit").aggregate([("amount", "sum")])
    places = np.full(count, -1)
    places[sums["visit"].to_numpy()] = np.arange(sums.num_rows)
    return sums["amount_sum"].cast(pa.decimal128(38, 4)).take(pa.array(places, mask=places < 0))
