"""The first row of each group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import Column, DataFrame

PLACE = "_place"


def first_rows(rows: DataFrame, key: Sequence[str], order: Sequence[Column | str]) -> DataFrame:
    """Return the first row of each key by an order that no two rows of it share, with `PLACE` beside its columns.

    Rows are numbered: Sail compares structs one by one, so that the least of a struct costs five times as much. `PLACE`
    is left there: Spark resolves a column that is dropped before the inputs of a declarative pipeline exist.
    """
    numbered = rows.withColumn(PLACE, F.row_number().over(Window.partitionBy(*key).orderBy(*order)))
    return numbered.where(F.col(PLACE) == 1)
