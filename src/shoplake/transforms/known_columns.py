"""DataFrames whose column names are known without a call to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F
from pyspark.sql.types import NullType, StructField, StructType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame


def select_known(rows: DataFrame, names: Sequence[str]) -> DataFrame:
    """Return the columns `names` of `rows`; `mapInArrow` and `applyInPandas` of the result need no analysis.

    Both name the columns of their input. Spark Connect's client asks the server for them otherwise: a round trip, and
    an error in a declarative pipeline, where tables do not exist yet. A session without Connect ignores the names.
    """
    known: Any = rows.select(*names)
    if hasattr(known, "_cached_schema"):
        known._cached_schema = StructType([StructField(name, NullType()) for name in names])
    result: DataFrame = known
    return result


def select_distinct(rows: DataFrame, names: Sequence[str]) -> DataFrame:
    """Return each combination of values of the columns `names` once: `distinct` without analysis."""
    return rows.groupBy(*names).agg(F.count("*").alias("_rows")).select(*names)
