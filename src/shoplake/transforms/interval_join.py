"""Join of moments with the short intervals that contain them, such as events with sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame


def interval_join(
    rows: DataFrame,
    intervals: DataFrame,
    keys: Sequence[str],
    at: str,
    facts: Sequence[str],
    *,
    first: str = "started_at",
    last: str = "ended_at",
) -> DataFrame:
    """Join each row with the interval of its key that contains its time `at`: `first <= at <= last`.

    Returns every row once, with the columns `facts` of the interval; they are null without an interval. `intervals` do
    not overlap within a key, and `rows` have none of `facts`. The times are timestamps in UTC.

    An interval is repeated for each day (UTC) that it touches, and the day is a key of the join: a key with many rows
    and many intervals costs their number, and not their product. `asof_join` is for versions that are valid for long.
    """
    days = F.sequence(F.col(first).cast("date"), F.col(last).cast("date"))
    renamed = intervals.select(
        *[F.col(key).alias(f"_{key}") for key in keys],
        F.col(first).alias("_first"),
        F.col(last).alias("_last"),
        *map(F.col, facts),
        F.explode(days).alias("_day"),
    )
    is_same = F.lit(True)
    for key in keys:
        is_same = is_same & (F.col(key) == F.col(f"_{key}"))
    is_same_day = F.col(at).cast("date") == F.col("_day")
    is_within = F.col(at).between(F.col("_first"), F.col("_last"))
    joined = renamed.join(rows.alias("_rows"), on=is_same & is_same_day & is_within, how="right")
    return joined.select("_rows.*", *facts)
