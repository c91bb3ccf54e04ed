"""As-of join (point-in-time join)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame


def asof_join(rows: DataFrame, versions: DataFrame, keys: Sequence[str], at: str, facts: Sequence[str]) -> DataFrame:
    """Join each row with the version valid at its time `at`: `valid_from <= at < valid_to`.

    Returns every row once, with the columns `facts` of the version; they are null without one. `versions` has
    `valid_from` and `valid_to` without overlaps within a key, and `rows` have none of `facts`. The versions are the
    left side: engines build the hash table from it and keep the order of the rows, which compresses better.
    """
    renamed = versions.select(*[F.col(key).alias(f"_{key}") for key in keys], "valid_from", "valid_to", *facts)
    is_same = F.lit(True)
    for key in keys:
        is_same = is_same & (F.col(key) == F.col(f"_{key}"))
    has_begun = F.col("valid_from") <= F.col(at)
    has_not_ended = F.col("valid_to").isNull() | (F.col(at) < F.col("valid_to"))
    is_valid = is_same & has_begun & has_not_ended
    joined = renamed.join(rows.alias("_rows"), on=is_valid, how="right")
    return joined.select("_rows.*", *facts)
