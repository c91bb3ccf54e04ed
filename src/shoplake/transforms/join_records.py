"""Joins records that a shop spreads over several files, such as orders and their items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, filter_parsed
from shoplake.columns.record_place import arrival_order

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

SOURCE = ("raw", "file", "line", "batch_id", "ingested_at", "problem")
OWN, PART = "_own_", "_part_"
LATEST = "_latest"


def join_records(records: DataFrame, part: DataFrame, on: str) -> DataFrame:
    """Add to each parsed record the fields of the latest record of `part` that has the same `on` in the same feed.

    Both have `feed`, `on`, other fields of different names, and `_source`. A record without its part is left out: it
    waits until the part arrives. One that has a problem or no key is kept, because nothing can complete it. `_source`
    has the texts of both, one a line, the record's own file and line, and the later batch.
    """
    joined = _with_source_columns(records, OWN).join(_latest(part, on), on=["feed", on], how="left")
    is_complete = F.col(f"{PART}batch_id").isNotNull() | F.col(on).isNull() | F.col(f"{OWN}problem").isNotNull()
    complete = filter_parsed(joined, is_complete).withColumn(RECORD, _source_of_both())
    return complete.drop(*[f"{prefix}{name}" for prefix in (OWN, PART) for name in SOURCE])


def waiting_records(records: DataFrame, part: DataFrame, on: str) -> DataFrame:
    """Return the parsed records that `join_records` leaves out, because their part has not arrived."""
    is_waiting = F.col(on).isNotNull() & F.col(f"{RECORD}.problem").isNull()
    return filter_parsed(records, is_waiting).join(part.select("feed", on), on=["feed", on], how="left_anti")


def _with_source_columns(records: DataFrame, prefix: str) -> DataFrame:
    """Replace `_source` by a column for each of its fields."""
    fields = [F.col(f"{RECORD}.{name}").alias(f"{prefix}{name}") for name in SOURCE]
    return records.select("*", *fields).drop(RECORD)


def _latest(part: DataFrame, on: str) -> DataFrame:
    """Return the record of each key that arrived last."""
    arrived = arrival_order(*(f"{PART}{name}" for name in ("batch_id", "file", "line")))
    by_arrival = Window.partitionBy("feed", on).orderBy(F.expr(arrived).desc())
    numbered = _with_source_columns(part, PART).withColumn(LATEST, F.row_number().over(by_arrival))
    return numbered.where(F.col(LATEST) == 1).drop(LATEST)


def _source_of_both() -> Column:
    def later(name: str) -> Column:
        return F.greatest(f"{OWN}{name}", F.coalesce(f"{PART}{name}", f"{OWN}{name}")).alias(name)

    return F.struct(
        F.concat_ws("\n", f"{OWN}raw", f"{PART}raw").alias("raw"),
        F.col(f"{OWN}file").alias("file"),
        F.col(f"{OWN}line").alias("line"),
        later("batch_id"),
        later("ingested_at"),
        F.col(f"{OWN}problem").alias("problem"),
    )
