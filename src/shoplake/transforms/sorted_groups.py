"""Rows of a key in order, brought together by the engine and handed over in Arrow, block by block.

What follows from the rows of a key one after the other is worked out on Arrow columns: engines evaluate window
functions row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import Column, DataFrame

Flags: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"
Places: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
ROW_NUMBER = "_number"
"""A row's number in its key, from 1: numbering them is what makes an engine keep them in order."""
MIN_BATCH_ROWS = 65_536
"""Rows from which on a block of whole keys is worked out."""


def sort_within_key(rows: DataFrame, key: Sequence[str], order: Sequence[Column | str]) -> DataFrame:
    """The rows with their number, those of a key one after the other; `whole_keys` reads them so."""
    return rows.withColumn(ROW_NUMBER, F.row_number().over(Window.partitionBy(*key).orderBy(*order)))


def iter_groups(blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same rows in larger blocks; all rows of a key are in one."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for block in blocks:
        begins = np.flatnonzero(block.column(ROW_NUMBER).to_numpy(zero_copy_only=False) == 1)
        if rows + block.num_rows >= MIN_BATCH_ROWS and len(begins):
            last = int(begins[-1])
            if rows + last:
                yield pa.Table.from_batches([*waiting, block.slice(0, last)]).combine_chunks()
            waiting, rows = [], 0
            block = block.slice(last)
        waiting.append(block)
        rows += block.num_rows
    if rows:
        yield pa.Table.from_batches(waiting).combine_chunks()


def group_starts(rows: pa.Table) -> Flags:
    """Which rows are the first of their key. Raises ValueError where rows of a key do not follow one another."""
    number = rows[ROW_NUMBER].to_numpy()
    first = np.asarray(number == 1, dtype=bool)
    if not first[:1].all() or not (first[1:] | (np.diff(number) == 1)).all():
        raise ValueError("the engine did not keep the rows of a key in order")
    return first
