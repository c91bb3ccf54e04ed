"""A DataFrame that also says `to_arrow` and `to_pandas`."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any

from shoplake.engine.client import ConnectDataFrame, ConnectGroupedData

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame


class Frame:
    """Rows of a table or an answer: everything a PySpark DataFrame does, lazily, and `to_arrow`, `to_pandas`.

    What a method of the DataFrame returns as a DataFrame is a Frame again.
    """

    def __init__(self, rows: DataFrame) -> None:
        self.spark = rows

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table; decimals and times keep their types."""
        return self.spark.toArrow()

    def to_pandas(self) -> pd.DataFrame:
        """All rows as a pandas DataFrame; decimals are Python Decimals."""
        return self.spark.toPandas()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.spark, name)
        if isinstance(found, ConnectDataFrame):
            return Frame(found)
        return _framed(found) if callable(found) else found

    def __getitem__(self, item: Any) -> Any:
        found = self.spark[item]
        return Frame(found) if isinstance(found, ConnectDataFrame) else found

    def __repr__(self) -> str:
        return f"Frame({', '.join(f'{name}: {kind}' for name, kind in self.spark.dtypes)})"


def plan_of(rows: DataFrame) -> str:
    """The physical plan of rows not yet computed, as text."""
    with contextlib.redirect_stdout(io.StringIO()) as told:
        rows.explain()
    return told.getvalue().strip()


def _framed(method: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        given = [each.spark if isinstance(each, Frame) else each for each in args]
        found = method(*given, **kwargs)
        if isinstance(found, ConnectGroupedData):
            return Grouped(found)
        return Frame(found) if isinstance(found, ConnectDataFrame) else found

    return call


class Grouped:
    """Grouped rows, whose sums are Frames again."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._rows, name)
        return _framed(found) if callable(found) else found
