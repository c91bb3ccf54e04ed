"""Joins records that a shop spreads over several files, such as orders and their items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD, filter_parsed
from shoplake.columns.record_place import OWN_BATCH, arrival_order, has_own_batch

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

SOURCE = ("raw", "file", "line", "batch_id", "ingested_at", "problem", OWN_BATCH)
OWN, PART = "_own_", "_part_"
LATEST, COUNTS, KEY = "_latest", "_counts", "_key"


def join_records(records: DataFrame, part: DataFrame, on: str, part_is_valid: Column | None = None) -> DataFrame:
    """Add to each parsed record the fields of the latest record of `part` that has the same `on` in the same feed.

    Both have `feed`, `on`, other fields of different names, and `_source`. A record without its part is left out: it
    waits until the part arrives. One that has a problem or no key is kept, because nothing can complete it. `_source`
    has the texts of both, one a line, the record's own file and line, the later batch, and `own_batch`: of two records
    that a part completes once more, the one that arrived later is the later version.

    A record of `part` without a key, or for which `part_is_valid` is not true, completes nothing, so that a bad
    correction of it leaves what was known. It is kept as a row whose other fields are null, and quarantined.
    """
    own = _with_source_columns(records, OWN).withColumn(KEY, F.col(on)).drop(on)
    joined = own.join(_latest(part, on, part_is_valid), on=["feed", KEY], how="full")
    is_own, has_part = (F.col(f"{prefix}batch_id").isNotNull() for prefix in (OWN, PART))
    is_alone = is_own & (F.col(KEY).isNull() | F.col(f"{OWN}problem").isNotNull())
    is_row = is_alone | (is_own & has_part) | (has_part & ~F.coalesce(COUNTS, F.lit(True)))
    complete = filter_parsed(joined, is_row).withColumns({RECORD: _source_of_both(), on: F.coalesce(KEY, on)})
    return complete.drop(KEY, COUNTS, *[f"{prefix}{name}" for prefix in (OWN, PART) for name in SOURCE])


def waiting_records(records: DataFrame, part: DataFrame, on: str, part_is_valid: Column | None = None) -> DataFrame:
    """Return the parsed records that `join_records` leaves out, because their part has not arrived."""
    is_waiting = F.col(on).isNotNull() & F.col(f"{RECORD}.problem").isNull()
    parts = part if part_is_valid is None else filter_parsed(part, part_is_valid)
    return filter_parsed(records, is_waiting).join(parts.select("feed", on), on=["feed", on], how="left_anti")


def _with_source_columns(records: DataFrame, prefix: str) -> DataFrame:
    """Replace `_source` by a column for each of its fields; the own batch of one that is not joined is its batch."""
    own_batch = OWN_BATCH if has_own_batch(records) else "batch_id"
    fields = [F.col(f"{RECORD}.{name}").alias(f"{prefix}{name}") for name in SOURCE[:-1]]
    own = F.col(f"{RECORD}.{own_batch}").alias(f"{prefix}{OWN_BATCH}")
    return records.select("*", *fields, own).drop(RECORD)


def _latest(part: DataFrame, on: str, is_valid: Column | None) -> DataFrame:
    """Return the record of each key that arrived last, and all that do not count, without a key to join them by."""
    arrived = arrival_order(*(f"{PART}{name}" for name in (OWN_BATCH, "file", "line")))
    counts = F.col(on).isNotNull() & F.coalesce(F.lit(True) if is_valid is None else is_valid, F.lit(False))
    keyed = part.withColumn(COUNTS, counts).withColumn(KEY, F.when(F.col(COUNTS), F.col(on)))
    by_arrival = Window.partitionBy("feed", KEY).orderBy(F.expr(arrived).desc())
    numbered = _with_source_columns(keyed, PART).withColumn(LATEST, F.row_number().over(by_arrival))
    return filter_parsed(numbered, ~F.col(COUNTS) | (F.col(LATEST) == 1)).drop(LATEST)


def _source_of_both() -> Column:
    def own(name: str) -> Column:
        return F.coalesce(f"{OWN}{name}", f"{PART}{name}").alias(name)

    def later(name: str) -> Column:
        return F.greatest(own(name), F.coalesce(f"{PART}{name}", f"{OWN}{name}")).alias(name)

    problem = F.when(F.col(f"{OWN}batch_id").isNull(), F.col(f"{PART}problem")).otherwise(F.col(f"{OWN}problem"))
    return F.struct(
        F.concat_ws("\n", f"{OWN}raw", f"{PART}raw").alias("raw"),
        own("file"),
        own("line"),
        later("batch_id"),
        later("ingested_at"),
        problem.alias("problem"),
        own(OWN_BATCH),
    )
