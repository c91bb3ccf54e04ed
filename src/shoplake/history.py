"""Slowly changing dimensions, type 2, as one function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame


def history(changes: DataFrame, key: Sequence[str], changed_at: str) -> DataFrame:
    """Every version of a key, true from `valid_from` up to, but not including, `valid_to`.

    A change that changes nothing makes no version; null to a value and back are changes. Of several changes of a key
    at one moment the greatest by its other columns counts, so that the order of arrival does not matter.
    The version true now has no `valid_to`, and `is_current`.
    """
    names = [name for name in changes.columns if name not in (*key, changed_at)]
    facts = F.struct(*names)
    told = F.to_json(facts)

    by_key = Window.partitionBy(*key)
    in_time = by_key.orderBy(changed_at)
    later = F.lead(changed_at).over(by_key.orderBy(F.col(changed_at), told))
    last_word = changes.withColumn("_later", later).where(
        F.col("_later").isNull() | (F.col("_later") > F.col(changed_at))
    )
    same = facts.eqNullSafe(F.lag(facts).over(in_time))
    versions = last_word.withColumn("_same", same).where(~F.col("_same"))
    until = F.lead(changed_at).over(in_time)
    return versions.select(
        *key,
        *names,
        F.col(changed_at).alias("valid_from"),
        until.alias("valid_to"),
        until.isNull().alias("is_current"),
    )
