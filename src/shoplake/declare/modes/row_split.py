"""How a table whose rows take much memory is computed in parts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RowSplit:
    """Parts of a table by the hash of its column `by`, which are computed one after the other.

    The column is one of the key, and never null. So many parts are made that the rows of the largest input in each fit
    into memory, where a row needs `bytes_per_row` of it.
    """

    by: str
    bytes_per_row: int
