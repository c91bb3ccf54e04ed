"""Grouped map on sorted rows: the engine sorts the rows of each key, Arrow batches contain whole keys.

Logic over consecutive rows of a key runs on Arrow columns, because engines evaluate window functions row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
from pyspark.sql import Window
from pyspark.sql import functions as F
from pyspark.sql.pandas.types import to_arrow_schema

from shoplake.columns.schema import struct_type
from shoplake.transforms.known_columns import select_known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd
    from pyspark.sql import Column, DataFrame

Flags: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"
Positions: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
GroupFunction: TypeAlias = "Callable[[pd.DataFrame], pd.DataFrame]"
ROW_NUMBER = "_row_number"
"""A row's number within its key, from 1; the window that computes it makes the engine sort the rows."""
MIN_BATCH_ROWS = 65_536
"""Minimum number of rows of a batch of whole keys, except for the last one."""
ENOUGH_BYTES = 64 << 20
"""A batch of whole keys with so many bytes needs no more rows: long texts would fill the memory."""


def sort_within_key(rows: DataFrame, key: Sequence[str], order: Sequence[Column | str]) -> DataFrame:
    """Add `ROW_NUMBER` and sort the rows of each key; `iter_groups` reads the result."""
    return rows.withColumn(ROW_NUMBER, F.row_number().over(Window.partitionBy(*key).orderBy(*order)))


def map_groups(
    rows: DataFrame,
    names: Sequence[str],
    key: Sequence[str],
    function: Callable[[pd.DataFrame], pd.DataFrame],
    ddl: str,
) -> DataFrame:
    """Apply a function of pandas to all rows of each key, with the columns `names`; it returns rows of the type `ddl`.

    `applyInPandas` does the same, but Spark resolves its input at once, which a declarative pipeline does not allow.
    """
    known = select_known(sort_within_key(rows.select(*names), key, list(names)), (*names, ROW_NUMBER))
    return known.mapInArrow(GroupMapper(function, ddl), struct_type(ddl))


@dataclass(frozen=True)
class GroupMapper:
    """Applies a function to the rows of each key, one after the other; a key's rows are in memory at once."""

    function: GroupFunction
    ddl: str

    def __call__(self, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the function's rows."""
        schema = to_arrow_schema(struct_type(self.ddl))
        for rows in iter_groups(blocks):
            starts = np.flatnonzero(group_starts(rows))
            for start, end in zip(starts, [*starts[1:], rows.num_rows], strict=True):
                group = rows.slice(start, end - start).drop_columns([ROW_NUMBER]).to_pandas()
                found = self.function(group)[schema.names]
                yield from pa.Table.from_pandas(found, schema, preserve_index=False).to_batches()


def iter_groups(
    blocks: Iterator[pa.RecordBatch], min_rows: int = MIN_BATCH_ROWS, enough_bytes: int = ENOUGH_BYTES
) -> Iterator[pa.Table]:
    """Yield at least `min_rows` rows or `enough_bytes`, the last ones excepted; all rows of a key are in one."""
    pending: list[pa.RecordBatch] = []
    rows = size = 0
    for block in chain.from_iterable(_narrow(block, enough_bytes) for block in blocks):
        starts = np.flatnonzero(block.column(ROW_NUMBER).to_numpy(zero_copy_only=False) == 1)
        if (rows + block.num_rows >= min_rows or size + block.nbytes >= enough_bytes) and len(starts):
            last = int(starts[-1])
            if rows + last:
                yield pa.Table.from_batches([*pending, block.slice(0, last)]).combine_chunks()
            pending, rows, size = [], 0, 0
            block = block.slice(last)
        pending.append(block)
        rows += block.num_rows
        size += block.nbytes
    if rows:
        yield pa.Table.from_batches(pending).combine_chunks()


def _narrow(block: pa.RecordBatch, most_bytes: int) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a block in as many parts as it has `most_bytes`."""
    parts = min(block.nbytes // most_bytes + 1, max(block.num_rows, 1))
    step = -(-block.num_rows // parts) or 1
    for at in range(0, block.num_rows, step):
        yield block.slice(at, step)


def group_starts(rows: pa.Table) -> Flags:
    """Flag the first row of each key. Raises ValueError where the rows of a key are not consecutive."""
    number = rows[ROW_NUMBER].to_numpy()
    first = np.asarray(number == 1, dtype=bool)
    if not first[:1].all() or not (first[1:] | (np.diff(number) == 1)).all():
        raise ValueError("the engine did not keep the rows of a key in order")
    return first
