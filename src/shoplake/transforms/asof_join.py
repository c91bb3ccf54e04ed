"""The point-in-time join as one function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame


def asof_join(rows: DataFrame, versions: DataFrame, keys: Sequence[str], at: str) -> DataFrame:
    """`rows` with what was true of them at the moment `at`: the version with `valid_from <= at < valid_to`.

    Every row comes out once; without a version its columns are null. `versions` has `valid_from` and `valid_to`,
    without overlaps within a key, and shares no column with `rows` but `keys`. The versions stand first in the join:
    engines build their hash table of that side and leave the rows in their order, which compresses better.
    """
    facts = [name for name in versions.columns if name not in (*keys, "valid_from", "valid_to")]
    known = versions.select(*[F.col(key).alias(f"_{key}") for key in keys], "valid_from", "valid_to", *facts)
    is_same = F.lit(True)
    for key in keys:
        is_same = is_same & (F.col(key) == F.col(f"_{key}"))
    has_begun = F.col("valid_from") <= F.col(at)
    has_not_ended = F.col("valid_to").isNull() | (F.col(at) < F.col("valid_to"))
    joined = known.join(rows, on=is_same & has_begun & has_not_ended, how="right")
    return joined.select(*rows.columns, *facts)
