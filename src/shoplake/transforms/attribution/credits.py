"""Credits: the revenue of orders, allocated over their touches to the cent, by each model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.transforms.attribution.models import MODELS, Touches, weigh
from shoplake.transforms.known_columns import select_known
from shoplake.transforms.sorted_groups import MIN_BATCH_ROWS, ROW_NUMBER, group_starts, iter_groups, sort_within_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyspark.sql import Column, DataFrame

    from shoplake.transforms.sorted_groups import Positions

UNITS = 10_000
"""Parts of a currency unit that amounts are counted in."""
SHARES = 1_000_000
"""Parts of an order that its weights are counted in."""
MAX_KEY = 1 << 62
"""Keys of 64 bits stay below it."""
AMOUNTS = ("revenue", "net_revenue")
NEEDED = ("revenue", "net_revenue", "step", "touches", "is_direct", "is_paid", "age", "effect")


def add_credits(touches: DataFrame, order: Sequence[str], kept: Mapping[str, str]) -> DataFrame:
    """Return the columns `kept` (name to type), and each model's weight, revenue and net revenue as columns.

    `touches` has `touch_number` within an order, and in all rows of an order the same `revenue`, `net_revenue` and
    `step`, its currency's smallest unit; also `is_direct`, `is_paid`, `age` in microseconds and `effect`. Weights add
    up to 1 and amounts to those of the order exactly: by the largest remainder, at equal ones to the earlier touch.
    """
    cells: dict[str, Column] = {
        name: (F.col(name) * UNITS).cast("bigint").alias(f"_{name}") for name in (*AMOUNTS, "step")
    }
    others = [F.col(name).alias(f"_{name}") for name in NEEDED if name not in cells]
    narrow = touches.select(*order, *kept, *cells.values(), *others)
    types = ", ".join(f"{name} {kind}" for name, kind in kept.items())
    added = [f"weight_{model} decimal(18,6)" for model in MODELS]
    added += [f"{amount}_{model} decimal(18,4)" for amount in AMOUNTS for model in MODELS]
    ordered = sort_within_key(narrow, order, ["touch_number"])
    known = select_known(ordered, (*dict.fromkeys((*order, *kept)), *[f"_{name}" for name in NEEDED], ROW_NUMBER))
    return known.mapInArrow(CreditAllocator(tuple(kept)), struct_type(", ".join([types, *added])))


@dataclass(frozen=True)
class CreditAllocator:
    """Adds the credits to sorted touches, batch by batch."""

    kept: tuple[str, ...]
    min_batch_rows: int = MIN_BATCH_ROWS

    def __call__(self, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the touches in `blocks` with their credits."""
        for rows in iter_groups(blocks, self.min_batch_rows):
            yield from self.credit(rows).to_batches()

    def credit(self, rows: pa.Table) -> pa.Table:
        """Return the touches of whole orders with their credits."""
        group_starts(rows)
        cells = {name: rows[f"_{name}"].to_numpy() for name in NEEDED}
        touches = Touches(
            number=rows[ROW_NUMBER].to_numpy().astype(np.int64),
            count=np.maximum(cells["touches"].astype(np.int64), 1),
            is_direct=cells["is_direct"].astype(bool),
            is_paid=cells["is_paid"].astype(bool),
            age=cells["age"].astype(np.int64),
            effect=cells["effect"].astype(np.float64),
        )
        weights = {model: weigh(touches, model) for model in MODELS}
        one, whole = np.ones(rows.num_rows, np.int64), np.full(rows.num_rows, SHARES)
        result = rows.select(list(self.kept))
        for model in MODELS:
            result = result.append_column(
                f"weight_{model}", _decimals(allocate(whole, one, weights[model], touches.order), 6)
            )
        for amount in AMOUNTS:
            for model in MODELS:
                parts = allocate(cells[amount], cells["step"], weights[model], touches.order)
                result = result.append_column(f"{amount}_{model}", _decimals(parts, 4))
        return result


def allocate(total: Positions, step: Positions, weight: Positions, order: Positions) -> Positions:
    """Return the parts of the totals of orders in proportion to the weights, in multiples of `step`.

    Total and step are equal within an order, rows sorted by order. The largest remainders get a step more, at equal
    ones the first; what of the total is less than a step goes to the row after those. A row without weight has nothing,
    unless all have none. Products stay below 2^63: the part of the units that divides by the weights is split off.
    """
    if not len(total):
        return np.zeros(0, np.int64)
    sign, size = np.sign(total), np.abs(total)
    units = size // step
    left = size - units * step
    first = np.flatnonzero(np.diff(order, prepend=-1))
    sums = np.add.reduceat(weight, first)[order]
    whole, partial = np.divmod(units, sums)
    parts, rest = np.divmod(partial * weight, sums)
    share = whole * weight + parts
    missing = units - np.add.reduceat(share, first)[order]
    rows = np.flatnonzero((missing > 0) | (left > 0))
    rank = _rank(order[rows], np.where(weight[rows] == 0, 1, -rest[rows]))
    amount = share * step
    amount[rows] += np.where(rank < missing[rows], step[rows], 0) + np.where(rank == missing[rows], left[rows], 0)
    return np.asarray(sign * amount, np.int64)


def _rank(order: Positions, value: Positions) -> Positions:
    """Return the rank of each row's value in its order, from 0; rows are sorted by order, at equal values the first."""
    starts = np.diff(order, prepend=-1) != 0
    first = np.flatnonzero(starts)
    rank = np.empty(len(order), np.int64)
    rank[_sort_within(order, value)] = np.arange(len(order)) - first[np.cumsum(starts) - 1]
    return rank


def _sort_within(order: Positions, value: Positions) -> Positions:
    """Return the positions of rows, which are sorted by order, sorted by their value too; a sixth of a lexsort."""
    if not len(order):
        return order
    least, span = int(value.min()), int(value.max()) - int(value.min()) + 1
    if (int(order[-1]) + 1) * span >= MAX_KEY:
        return np.lexsort((value, order))
    return np.argsort(order * span + (value - least), kind="stable")


def _decimals(units: Positions, scale: int) -> pa.Array:
    """Return whole numbers as decimals of 18 digits with that many of them behind the point."""
    words = np.column_stack([units, units >> 63]).astype("<i8")
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(units), [None, pa.py_buffer(words.tobytes())])
