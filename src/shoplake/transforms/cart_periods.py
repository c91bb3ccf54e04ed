"""Cart activity: a visitor's cart events and purchases, aggregated to one row per period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.transforms.sorted_groups import MIN_BATCH_ROWS, ROW_NUMBER, group_starts, iter_groups, sort_within_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

from shoplake.transforms.known_columns import select_known
from shoplake.transforms.sorted_groups import Positions

ADD, REMOVE, BUY = "add_to_cart", "remove_from_cart", "purchase"
ITEMS = "array<struct<product_id:string,quantity:bigint,unit_price:decimal(18,4),currency:string,added_at:timestamp,"
ITEMS += "added_date:date>>"
BOUGHT = "array<struct<bought_at:timestamp,product_id:string,order_id:string>>"
SCHEMA = (
    "feed string, visitor_id string, started_at timestamp, ended_at timestamp, cart_date date, adds bigint, "
    f"removes bigint, left_at timestamp, items {ITEMS}, bought {BOUGHT}"
)
SHOWN = ("unit_price", "currency", "event_at", "event_date")
"""Columns of the last add event of a product that its item has."""

NEEDED = (
    *("feed", "visitor_id", "event_at", "turn", "quantity", "product_id", "order_id", "unit_price", "currency"),
    *("event_date", ROW_NUMBER),
)
"""What the aggregation reads of an event."""


def cart_periods(events: DataFrame, pause_s: int) -> DataFrame:
    """Aggregate cart events and purchases to one row per period of a visitor's activity: the columns of `SCHEMA`.

    A period ends when no event follows for more than `pause_s` seconds, or with an add or remove event after a
    purchase. Events at one time are ordered add, remove, purchase, then by id. `items` are the products of which more
    was added than removed, by product, at the price, currency and time of the last add event; an event without a
    quantity counts one piece. `bought` are the purchases in order of time, product and order. Ids of null come last.
    `events` are those of `silver.events`; other events have no effect on a cart and must be left out.
    """
    turn = F.when(F.col("event_name") == ADD, "0").when(F.col("event_name") == REMOVE, "1").otherwise("2")
    narrow = events.select(
        "feed",
        "visitor_id",
        "event_at",
        F.concat(turn, "event_id").alias("turn"),
        F.coalesce("quantity", F.lit(1)).cast("bigint").alias("quantity"),
        *("product_id", "order_id", "unit_price", "currency", "event_date"),
    )
    by_visitor = sort_within_key(narrow, ["feed", "visitor_id"], ["event_at", "turn"])
    return select_known(by_visitor, NEEDED).mapInArrow(CartAggregator(pause_s * 1_000_000), struct_type(SCHEMA))


@dataclass(frozen=True)
class CartAggregator:
    """Aggregates sorted events to periods, batch by batch; the pause is in microseconds."""

    pause: int
    min_batch_rows: int = MIN_BATCH_ROWS

    def __call__(self, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the periods of the events in `blocks`."""
        for events in iter_groups(blocks, self.min_batch_rows):
            yield from self.periods(events).to_batches()

    def periods(self, events: pa.Table) -> pa.Table:
        """Return the periods of the events of whole visitors."""
        at = events["event_at"].cast(pa.int64()).to_numpy()
        turn = pc.utf8_slice_codeunits(events["turn"], 0, 1).cast(pa.int8()).to_numpy()
        is_first = group_starts(events)
        is_first[1:] |= (np.diff(at) > self.pause) | ((turn[:-1] == 2) & (turn[1:] < 2))
        first, period = np.flatnonzero(is_first), np.cumsum(is_first) - 1
        last = np.append(first[1:], len(at))[: len(first)] - 1
        left = np.maximum.reduceat(np.where(turn < 2, np.arange(len(at)), -1), first)
        starts = events.take(pa.array(first))
        product = _ranks(events["product_id"])
        cells = {
            "feed": starts["feed"],
            "visitor_id": starts["visitor_id"],
            "started_at": starts["event_at"],
            "ended_at": events["event_at"].take(pa.array(last)),
            "cart_date": starts["event_date"],
            "adds": pa.array(np.bincount(period[turn == 0], minlength=len(first))),
            "removes": pa.array(np.bincount(period[turn == 1], minlength=len(first))),
            "left_at": events["event_at"].take(pa.array(left, mask=left < 0)),
            "items": _items(events, turn, period, product),
            "bought": _bought(events, turn, period, product),
        }
        return pa.table(cells)


def _items(events: pa.Table, turn: Any, period: Positions, product: Positions) -> pa.Array:
    """Return the final content of each period, by product."""
    moves = np.flatnonzero(turn < 2)
    moves = moves[np.lexsort((product[moves], period[moves]))]  # stable: within a product by time
    if not len(moves):
        return _lists(moves, period, _structs(events, moves, quantity=moves))
    is_add, pieces = turn[moves] == 0, events["quantity"].to_numpy()[moves]
    differs = (np.diff(period[moves], prepend=-1) != 0) | (np.diff(product[moves], prepend=-1) != 0)
    starts = np.flatnonzero(differs)
    pieces = np.add.reduceat(np.where(is_add, pieces, -pieces), starts)
    shown = np.maximum.reduceat(np.where(is_add, moves, -1), starts)
    is_item = pieces > 0
    return _lists(shown[is_item], period, _structs(events, shown[is_item], quantity=pieces[is_item]))


def _structs(events: pa.Table, rows: Positions, quantity: Positions) -> pa.Array:
    product, *shown = (_take(events, name, rows) for name in ("product_id", *SHOWN))
    names = ("product_id", "quantity", "unit_price", "currency", "added_at", "added_date")
    return pa.StructArray.from_arrays([product, pa.array(quantity, pa.int64()), *shown], names)


def _bought(events: pa.Table, turn: Any, period: Positions, product: Positions) -> pa.Array:
    """Return the purchases of each period, by time, product and order."""
    rows = np.flatnonzero(turn == 2)
    at, order = events["event_at"].cast(pa.int64()).to_numpy(), _ranks(events["order_id"])
    rows = rows[np.lexsort((order[rows], product[rows], at[rows], period[rows]))]
    names = ("bought_at", "product_id", "order_id")
    cells = [_take(events, name, rows) for name in ("event_at", "product_id", "order_id")]
    return _lists(rows, period, pa.StructArray.from_arrays(cells, names))


def _lists(rows: Positions, period: Positions, values: pa.Array) -> pa.Array:
    """Return the values of the `rows`, which are sorted by period, as one list per period."""
    sizes = np.bincount(period[rows], minlength=int(period[-1]) + 1)
    return pa.ListArray.from_arrays(pa.array(np.append(0, np.cumsum(sizes)), pa.int32()), values)


def _take(events: pa.Table, name: str, rows: Positions) -> pa.Array:
    return events[name].combine_chunks().take(pa.array(rows))


def _ranks(texts: pa.ChunkedArray) -> Positions:
    """Return the place of each text in the order of the distinct ones; null is last."""
    coded: pa.DictionaryArray = texts.combine_chunks().dictionary_encode()
    ranks = np.empty(len(coded.dictionary), np.int64)
    ranks[pc.sort_indices(coded.dictionary).to_numpy()] = np.arange(len(ranks))
    codes = coded.indices.fill_null(-1).to_numpy().astype(np.int64)
    return np.asarray(np.append(ranks, len(ranks))[codes], np.int64)
