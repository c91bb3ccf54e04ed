"""Periods of cart activity: a visitor's adds, removes and purchases, aggregated to one row per period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import functions as F

from shoplake.transforms.sorted_groups import MIN_BATCH_ROWS, group_starts, iter_groups, sort_within_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

    from shoplake.transforms.sorted_groups import Positions

ACTIONS = ("add_to_cart", "remove_from_cart", "purchase")
"""The events of a period; those of one time are in this order."""
ADD, REMOVE, BUY = range(len(ACTIONS))
ITEMS = "array<struct<product_id:string,quantity:bigint,unit_price:decimal(18,4),currency:string,added_at:timestamp,"
ITEMS += "added_date:date>>"
BOUGHT = "array<struct<bought_at:timestamp,product_id:string,order_id:string>>"
SCHEMA = (
    "feed string, visitor_id string, started_at timestamp, ended_at timestamp, cart_date date, adds bigint, "
    f"removes bigint, left_at timestamp, items {ITEMS}, bought {BOUGHT}"
)


def aggregate_cart_periods(events: DataFrame, pause_s: int) -> DataFrame:
    """Aggregate cart events to one row per period, with the columns of `SCHEMA`.

    `events` are those of `silver.events` with a name in `ACTIONS`. A period of a visitor ends when no event follows for
    more than `pause_s` seconds, or with an add or remove event after a purchase. Events at one time are ordered by
    action, then by id. `cart_date` is the day of the first event; `left_at` is the time of the last add or remove
    event, null without any. `items` are the products of which more pieces were added than removed, by product, at the
    values of the last add event; `bought` are the purchases by time, product and order.
    """
    action = F.when(F.col("event_name") == ACTIONS[ADD], ADD).when(F.col("event_name") == ACTIONS[REMOVE], REMOVE)
    narrow = events.select(
        *("feed", "visitor_id", "event_at", "event_date", "event_id", "product_id", "order_id"),
        action.otherwise(BUY).cast("int").alias("action"),
        F.coalesce("quantity", F.lit(1)).cast("bigint").alias("quantity"),
        F.col("unit_price").cast("decimal(18,4)").alias("unit_price"),
        "currency",
    )
    by_visitor = sort_within_key(narrow, ["feed", "visitor_id"], ["event_at", "action", "event_id"])
    return by_visitor.mapInArrow(CartPeriodAggregator(pause_s * 1_000_000), SCHEMA)


@dataclass(frozen=True)
class CartPeriodAggregator:
    """Aggregates sorted cart events to periods, batch by batch; the pause is in microseconds."""

    pause: int
    min_batch_rows: int = MIN_BATCH_ROWS

    def __call__(self, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the periods of the events in `blocks`."""
        for events in iter_groups(blocks, self.min_batch_rows):
            yield from self.periods(events).to_batches()

    def periods(self, events: pa.Table) -> pa.Table:
        """Return the periods of the events of whole visitors."""
        at, action = events["event_at"].cast(pa.int64()).to_numpy(), events["action"].to_numpy()
        is_first = group_starts(events)
        is_first[1:] |= (np.diff(at) > self.pause) | ((action[:-1] == BUY) & (action[1:] != BUY))
        first, period = np.flatnonzero(is_first), np.cumsum(is_first) - 1
        last = np.append(first[1:], len(at))[: len(first)] - 1
        left = np.maximum.reduceat(np.where(action == BUY, -1, np.arange(len(at))), first)
        cells = {
            "feed": _take(events["feed"], first),
            "visitor_id": _take(events["visitor_id"], first),
            "started_at": _take(events["event_at"], first),
            "ended_at": _take(events["event_at"], last),
            "cart_date": _take(events["event_date"], first),
            "adds": pa.array(np.bincount(period[action == ADD], minlength=len(first))),
            "removes": pa.array(np.bincount(period[action == REMOVE], minlength=len(first))),
            "left_at": _take(events["event_at"], left),
            "items": _collect_items(events, action, period, len(first)),
            "bought": _collect_purchases(events, action, period, len(first)),
        }
        return pa.table(cells)


def _collect_items(events: pa.Table, action: Positions, period: Positions, count: int) -> pa.Array:
    """Return the items of each period, by product."""
    place = _places(events["product_id"])
    width = int(place.max()) + 1
    keys, item = np.unique(period * width + place, return_inverse=True)
    pieces = np.array([1, -1, 0])[action] * events["quantity"].to_numpy()
    quantity, last_add = np.zeros(len(keys), np.int64), np.full(len(keys), -1)
    np.add.at(quantity, item, pieces)
    adds = np.flatnonzero(action == ADD)
    np.maximum.at(last_add, item[adds], adds)
    some = np.zeros(len(keys), np.int64)
    some[item] = np.arange(len(item))
    kept = np.flatnonzero(quantity > 0)
    shown = {"unit_price": "unit_price", "currency": "currency", "added_at": "event_at", "added_date": "event_date"}
    fields = {
        "product_id": _take(events["product_id"], some[kept]),
        "quantity": pa.array(quantity[kept]),
        **{name: _take(events[column], last_add[kept]) for name, column in shown.items()},
    }
    return _as_lists(fields, keys[kept] // width, count)


def _collect_purchases(events: pa.Table, action: Positions, period: Positions, count: int) -> pa.Array:
    """Return the purchases of each period, by time, product and order."""
    bought = np.flatnonzero(action == BUY)
    at = events["event_at"].cast(pa.int64()).to_numpy()
    by = (_places(events["order_id"]), _places(events["product_id"]), at, period)
    bought = bought[np.lexsort(tuple(key[bought] for key in by))]
    columns = {"bought_at": "event_at", "product_id": "product_id", "order_id": "order_id"}
    return _as_lists({name: _take(events[column], bought) for name, column in columns.items()}, period[bought], count)


def _as_lists(fields: dict[str, pa.Array], owner: Positions, count: int) -> pa.Array:
    """Return a list of structs for each of `count` owners; the rows of `fields` are sorted by owner."""
    offsets = np.append(0, np.cumsum(np.bincount(owner, minlength=count))).astype(np.int32)
    rows = pa.StructArray.from_arrays(list(fields.values()), list(fields))
    return pa.ListArray.from_arrays(pa.array(offsets), rows)


def _take(column: pa.ChunkedArray, rows: Positions) -> pa.Array:
    """Return the values of some rows; null for row −1."""
    return column.combine_chunks().take(pa.array(rows, mask=rows < 0))


def _places(texts: pa.ChunkedArray) -> Positions:
    """Return the place of each text among the distinct ones in ascending order, from 1; 0 for null."""
    encoded = texts.combine_chunks().dictionary_encode()
    place = np.empty(len(encoded.dictionary) + 1, np.int64)
    place[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(1, len(place))
    place[-1] = 0
    return np.asarray(place[encoded.indices.fill_null(len(place) - 1).to_numpy()], dtype=np.int64)
