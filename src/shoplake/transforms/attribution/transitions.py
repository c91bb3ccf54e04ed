"""Transitions from channel to channel: how often the steps of persons lead from one state to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.transforms.attribution.markov import CONVERSION, NONE, START
from shoplake.transforms.known_columns import select_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

KEY = ("feed", "month", "come_from", "go_to")
STEP = ("at", "kind", "id", "state")
SCHEMA = ", ".join([*[f"{name} string" for name in KEY], "count bigint"])


def count_transitions(steps: DataFrame) -> DataFrame:
    """Count the transitions of the paths of each month, by `KEY` (texts).

    `steps` has `feed`, `person_id`, `day` and the columns `STEP`, which order the steps of a person; the state of an
    order is `CONVERSION`. A path ends with an order, or with the last step of the month; an order without touches
    before it is no path.
    """
    month = F.trunc("day", "month").alias("month")
    in_order = F.array_sort(F.collect_list(F.struct(*STEP)))
    paths = steps.groupBy("feed", month, "person_id").agg(in_order.alias("steps"))
    states = paths.select(
        "feed",
        F.col("month").cast("string").alias("month"),
        F.transform("steps", lambda step: step["state"]).alias("states"),
    )
    counted = select_known(states, ("feed", "month", "states")).mapInArrow(_count, struct_type(SCHEMA))
    return counted.groupBy(*KEY).agg(F.sum("count").cast("bigint").alias("count"))


def _count(blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the transitions of whole paths, counted by block."""
    for block in blocks:
        if block.num_rows:
            counted = _transitions(block).group_by(list(KEY)).aggregate([([], "count_all")])
            yield from counted.select([*KEY, "count_all"]).rename_columns([*KEY, "count"]).to_batches()


def _transitions(block: pa.RecordBatch) -> pa.Table:
    """Return one row per transition of paths: `feed`, `month` and a list of states."""
    feed, month, paths = map(block.column, range(3))
    states = paths.flatten().cast(pa.string())
    path = np.repeat(np.arange(block.num_rows), np.diff(paths.offsets.to_numpy()))
    is_order = states.to_numpy(zero_copy_only=False) == CONVERSION
    is_first, is_last = np.diff(path, prepend=-1) != 0, np.diff(path, append=-1) != 0
    begins = is_first | np.roll(is_order, 1)
    before = states.take(pa.array(np.maximum(np.arange(len(states)) - 1, 0)))
    come_from = pa.array(np.where(begins, START, before.to_numpy(zero_copy_only=False)), pa.string())
    into, ends = np.flatnonzero(~(begins & is_order)), np.flatnonzero(is_last & ~is_order)
    come, go = come_from.take(pa.array(into)), states.take(pa.array(into))
    out_of, nothing = states.take(pa.array(ends)), pa.array([NONE] * len(ends), pa.string())
    owners = pa.array(path[np.concatenate([into, ends])])
    return pa.table(
        {
            "feed": feed.take(owners).cast(pa.string()),
            "month": month.take(owners).cast(pa.string()),
            "come_from": pa.chunked_array([come, out_of]),
            "go_to": pa.chunked_array([go, nothing]),
        }
    )
