"""Transitions from channel to channel: how often the steps of persons lead from one state to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.transforms.attribution.markov import CONVERSION, NONE, START
from shoplake.transforms.known_columns import select_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

    Positions = np.ndarray[Any, np.dtype[np.int64]]

KEY = ("feed", "month", "come_from", "go_to")
STEP = ("feed", "path", "month", "at", "id", "state")
SCHEMA = ", ".join([*[f"{name} string" for name in KEY], "count bigint"])
TASKS = 8
"""Among which paths are divided, as each task holds its steps in memory."""


def count_transitions(steps: DataFrame) -> DataFrame:
    """Count the transitions of the paths of each month, by `KEY` (texts).

    `steps` has `feed`, `person_id`, `day`, and the time `at` and `id`, which order the steps of a person; the `state`
    of an order is `CONVERSION`, and it comes after what is at the same time. A path ends with an order, or with the
    last step of the month; an order without touches before it is no path.
    """
    month = F.trunc("day", "month")
    path = F.xxhash64("feed", "person_id", month)
    named = steps.select("feed", path.alias("path"), month.alias("month"), "at", "id", "state")
    divided = select_known(named.repartition(TASKS, "path"), STEP)
    counted = divided.mapInArrow(_count, struct_type(SCHEMA))
    return counted.groupBy(*KEY).agg(F.sum("count").cast("bigint").alias("count"))


def _count(blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the transitions of the steps of a task, which has the whole of each of its paths."""
    if batches := list(blocks):
        steps = pa.Table.from_batches(batches)
        yield from _count_steps(dict(zip(STEP, steps.itercolumns(), strict=True))).to_batches()


def _count_steps(steps: dict[str, pa.ChunkedArray]) -> pa.Table:
    """Return the transitions of whole paths, by `KEY`, with their number."""
    (feeds, feed), (months, month), (names, state) = (_encode(steps[name]) for name in ("feed", "month", "state"))
    names += [START, NONE]
    start, none = len(names) - 2, len(names) - 1
    is_order = (np.array(names, dtype=object) == CONVERSION)[state]
    path = steps["path"].to_numpy()
    order = _sort(path, steps["at"].cast(pa.int64()).to_numpy() * 2 + is_order, steps["id"])
    path, state, is_order = path[order], state[order], is_order[order]
    of = (feed * len(months) + month)[order]
    is_other = path[1:] != path[:-1]
    begins = np.concatenate([[True], is_other | is_order[:-1]])
    ends = np.flatnonzero(np.concatenate([is_other, [True]]) & ~is_order)
    into = np.flatnonzero(~(begins & is_order))
    come_from = np.concatenate([np.where(begins[into], start, state[into - 1]), state[ends]])
    go_to = np.concatenate([state[into], np.full(len(ends), none)])
    size = len(names)
    counts = np.bincount((of[np.concatenate([into, ends])] * size + come_from) * size + go_to)
    found = np.flatnonzero(counts)
    of = found // size // size
    return pa.table(
        {
            "feed": pa.array([feeds[each] for each in of // len(months)], pa.string()),
            "month": pa.array([months[each] for each in of % len(months)], pa.string()),
            "come_from": pa.array([names[each] for each in found // size % size], pa.string()),
            "go_to": pa.array([names[each] for each in found % size], pa.string()),
            "count": pa.array(counts[found], pa.int64()),
        }
    )


def _encode(values: pa.ChunkedArray) -> tuple[list[str], Positions]:
    """Return the different values as texts, and the place among them of each."""
    encoded = values.dictionary_encode().combine_chunks()
    return encoded.dictionary.cast(pa.string()).to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _sort(path: Positions, moment: Positions, id: pa.ChunkedArray) -> Positions:
    """Return the order of steps by path and moment, and by id those that have both in common."""
    order = np.lexsort((moment, path))
    is_tied = (path[order[1:]] == path[order[:-1]]) & (moment[order[1:]] == moment[order[:-1]])
    if not is_tied.any():
        return order
    tied = order[np.concatenate([is_tied, [False]]) | np.concatenate([[False], is_tied])]
    rank = np.zeros(len(order), dtype=np.int64)
    rank[tied] = pc.rank(id.take(pa.array(tied)), tiebreaker="dense").to_numpy()
    return np.lexsort((rank, moment, path))
