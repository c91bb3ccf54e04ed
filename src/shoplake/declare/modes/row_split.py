"""How a table whose rows take much memory is computed in parts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RowSplit:
    """Parts of a table by the hash of its column `by`, which are computed one after the other.

    The part of the memory for which there is room has so many rows of the largest input as need `bytes_per_row` each.
    """

    by: str
    bytes_per_row: int
