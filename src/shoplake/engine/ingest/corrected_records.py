"""Puts corrected records of bronze at the places of those that they replace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.record_place import is_corrected, landed_batch, landed_id, landed_place, record_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

LANDED, BATCH, AT = "_landed", "_batch", "_at"


def at_landed_places(
    corrected: DataFrame,
    landed: DataFrame | None = None,
    replaced: Sequence[str] = (),
    *,
    takes_batch: bool = False,
    arrivals: DataFrame | None = None,
) -> DataFrame:
    """Return the corrected records of bronze with the files of the landed ones that they replace.

    Of the files in `replaced`, as `feed|file`, a newer content was ingested: there a correction counts only where the
    record that it replaces is still among the `landed` ones. With `takes_batch` a correction has the batch of that
    record, too, because a batch tells versions of a document apart. With `arrivals`, rows of the bronze table, it also
    arrived when that batch did, because a time of arrival tells which of two records is the newer.
    """
    names = corrected.columns
    placed = corrected.withColumn(BATCH, landed_batch())
    if replaced and landed is not None:
        is_replaced = is_corrected() & F.concat_ws("|", "feed", landed_place()).isin([*replaced])
        newer = landed.where(F.concat_ws("|", "feed", "file").isin([*replaced]))
        known = newer.groupBy(record_id().alias(LANDED)).agg(F.max("batch_id").alias(BATCH))
        of_newer = corrected.where(is_replaced).withColumn(LANDED, landed_id()).join(known, on=LANDED)
        placed = placed.where(~is_replaced).unionByName(of_newer.drop(LANDED))
    if arrivals is not None:
        times = arrivals.groupBy(F.col("batch_id").alias(BATCH)).agg(F.max("ingested_at").alias(AT))
        arrived_at = F.when(is_corrected(), F.coalesce(AT, "ingested_at")).otherwise(F.col("ingested_at"))
        placed = placed.join(F.broadcast(times), on=BATCH, how="left").withColumn("ingested_at", arrived_at)
    batch = F.when(is_corrected(), F.col(BATCH)).otherwise(F.col("batch_id")) if takes_batch else F.col("batch_id")
    return placed.withColumns({"file": landed_place(), "batch_id": batch}).select(*names)
