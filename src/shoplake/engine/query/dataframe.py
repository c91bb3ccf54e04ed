"""A DataFrame that also says `to_arrow` and `to_pandas`."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING, Any, TypeVar

from pyspark.errors import PySparkException
from pyspark.sql import Column

from shoplake.engine.session.connect_client import PARTS, ConnectDataFrame
from shoplake.engine.session.error_mapping import first_line, to_shoplake_error
from shoplake.errors import LakeBroken

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame


T = TypeVar("T")


class LakeFrame:
    """Rows of a table or an answer: everything a PySpark DataFrame does, lazily, and `to_arrow`, `to_pandas`.

    What a method of the DataFrame returns as a DataFrame is a Frame again.
    """

    def __init__(self, rows: DataFrame) -> None:
        self.spark = rows

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table; decimals and times keep their types."""
        return _answered(self.spark.toArrow)

    def to_pandas(self) -> pd.DataFrame:
        """All rows as a pandas DataFrame; decimals are Python Decimals."""
        return _answered(self.spark.toPandas)

    def __getattr__(self, name: str) -> Any:
        return _passed(getattr(self.spark, name))

    def __getitem__(self, item: Any) -> Any:
        found = self.spark[item]
        return LakeFrame(found) if isinstance(found, ConnectDataFrame) else found

    def __repr__(self) -> str:
        return f"Frame({', '.join(f'{name}: {kind}' for name, kind in self.spark.dtypes)})"


def explain_plan(rows: DataFrame) -> str:
    """The physical plan of rows not yet computed, as text."""
    with contextlib.redirect_stdout(io.StringIO()) as told:
        rows.explain()
    return told.getvalue().strip()


def _answered(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except PySparkException as error:
        said = first_line(error)
        otherwise = LakeBroken(f"The engine could not answer: {said}. Is the lake whole? Ask: shoplake verify")
        raise to_shoplake_error(error, otherwise) from error


class _Proxy:
    """What stands between two Frames, such as grouped rows: what its methods return as a DataFrame is a Frame."""

    def __init__(self, part: Any) -> None:
        self._part = part

    def __getattr__(self, name: str) -> Any:
        return _passed(getattr(self._part, name))


def _passed(found: Any) -> Any:
    if isinstance(found, ConnectDataFrame):
        return LakeFrame(found)
    if isinstance(found, PARTS):
        return _Proxy(found)
    return _framed(found) if callable(found) and not isinstance(found, Column) else found


def _framed(method: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        given = [each.spark if isinstance(each, LakeFrame) else each for each in args]
        named = {name: each.spark if isinstance(each, LakeFrame) else each for name, each in kwargs.items()}
        return _passed(method(*given, **named))

    return call
