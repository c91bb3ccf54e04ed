"""Rows that are grouped, to be aggregated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import Column, DataFrame, GroupedData

    from shoplake.engine.query.dataframe import LakeFrame


class GroupedLakeFrame:
    """The groups of a LakeFrame; each aggregate is a LakeFrame with one row per group."""

    def __init__(self, groups: GroupedData, frame: Callable[[DataFrame], LakeFrame]) -> None:
        self._groups, self._frame = groups, frame

    def agg(self, *columns: Column) -> LakeFrame:
        """Return aggregates such as `F.sum("amount")`."""
        return self._frame(self._groups.agg(*columns))

    def count(self) -> LakeFrame:
        """Return the number of rows."""
        return self._frame(self._groups.count())

    def sum(self, *columns: str) -> LakeFrame:
        """Return the sums of numeric columns."""
        return self._frame(self._groups.sum(*columns))

    def avg(self, *columns: str) -> LakeFrame:
        """Return the means of numeric columns."""
        return self._frame(self._groups.avg(*columns))

    def min(self, *columns: str) -> LakeFrame:
        """Return the least values of numeric columns."""
        return self._frame(self._groups.min(*columns))

    def max(self, *columns: str) -> LakeFrame:
        """Return the greatest values of numeric columns."""
        return self._frame(self._groups.max(*columns))

    def pivot(self, column: str, values: list[Any] | None = None) -> GroupedLakeFrame:
        """Turn the values of a column into columns."""
        return GroupedLakeFrame(self._groups.pivot(column, values), self._frame)
