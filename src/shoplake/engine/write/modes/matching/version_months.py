"""The months in which versions of keys end: the partitions of a table of SCD type 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyspark.sql import Column, DataFrame

MONTH = "valid_to_month"
"""The column of the partitions: the first day of a month; null for current versions."""

SIGN = "_sign"
"""1 for each of the new versions, -1 for each of the old ones: 0 of those that are among both."""


def changed_months(old: DataFrame, new: DataFrame) -> set[str | None]:
    """Return the months of the partitions of added and removed versions; None for current versions.

    By one aggregate, which spills; the joins of `exceptAll` need all versions in memory.
    """
    signed = old.withColumn(SIGN, F.lit(-1)).unionAll(new.withColumn(SIGN, F.lit(1)))
    either = signed.groupBy(*new.columns).agg(F.sum(SIGN).alias(SIGN)).where(F.col(SIGN) != 0)
    return {None if row[0] is None else str(row[0]) for row in either.select(MONTH).distinct().collect()}


def is_in_months(months: Collection[str | None]) -> Column:
    """Whether a version is in one of the partitions; never null."""
    ended = F.col(MONTH).isin([F.lit(each).cast("date") for each in sorted(m for m in months if m is not None)])
    return F.coalesce(ended, F.lit(False)) | (F.col(MONTH).isNull() & F.lit(None in months))


def months_condition(months: Collection[str | None]) -> str:
    """Return `is_in_months` in SQL, for an overwrite of these partitions."""
    ended = ", ".join(f"'{each}'" for each in sorted(m for m in months if m is not None))
    conditions = [f"{MONTH} IN ({ended})"] if ended else []
    return " OR ".join([*conditions, f"{MONTH} IS NULL"] if None in months else conditions)
