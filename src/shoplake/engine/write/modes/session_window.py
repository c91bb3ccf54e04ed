"""Rows that span time, built again where new input touches them: sessions, carts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine.write.modes.overwrite import PartitionChange
from shoplake.engine.write.row_diff import differing_rows

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import SessionWindow


def touched_spans(old: DataFrame, changed: DataFrame, rework: SessionWindow) -> DataFrame:
    """The spans of time to build again: `feed`, the value `of`, `lo` and `hi` in µs since 1970, both included.

    `changed` is the input that is new or gone. A span is that from the first to the last such input of a value on one
    day (UTC), or that of an old row within reach of it; then `by` says under which day that one is filed.
    """
    reach = rework.gap_s * 1_000_000
    moment = F.unix_micros(rework.event_time)
    ends = [F.min(moment).alias("_lo"), F.max(moment).alias("_hi")]
    own = changed.groupBy("feed", rework.key, F.col(rework.event_time).cast("date").alias("_day")).agg(*ends)
    own = own.select("feed", rework.key, "_lo", "_hi")
    first, last = _ends(own)
    starts, stops = F.unix_micros(rework.start), F.unix_micros(rework.end)
    reached = old.where((stops >= first - reach) & (starts <= last + reach))
    spans = reached.select(
        "feed", rework.key, starts.alias("lo"), stops.alias("hi"), F.col(rework.partition_by).alias("by")
    )
    is_near = (F.col("_lo") - reach <= F.col("hi")) & (F.col("_hi") + reach >= F.col("lo"))
    near = spans.join(own, on=["feed", rework.key], how="inner").where(is_near).drop("_lo", "_hi").distinct()
    nowhere = F.lit(None).cast("date").alias("by")
    return near.unionAll(own.select("feed", rework.key, F.col("_lo").alias("lo"), F.col("_hi").alias("hi"), nowhere))


def rows_within(rows: DataFrame, spans: DataFrame, rework: SessionWindow) -> DataFrame:
    """The rows of input whose time lies in one of the spans, each once."""
    moment = F.unix_micros(rework.event_time)
    first, last = spans.agg(F.date_sub(_day(F.min("lo")), 1), F.date_add(_day(F.max("hi")), 1)).collect()[0]
    near = rows.where(F.col(rework.event_date).between(F.lit(first), F.lit(last)))
    is_within = (moment >= F.col("lo")) & (moment <= F.col("hi"))
    return near.join(_keyed(spans, rework), on=_is_same(rework) & is_within, how="semi")


def rows_outside(old: DataFrame, spans: DataFrame, rework: SessionWindow) -> DataFrame:
    """The old rows that share no moment with any of the spans."""
    return old.join(_keyed(spans, rework), on=_is_same(rework) & _meets(rework), how="anti")


def session_change(old: DataFrame, new: DataFrame, spans: DataFrame, rework: SessionWindow) -> PartitionChange:
    """What is to be written for the rows made `new` to be all that share a moment with any of the spans."""
    differ = differing_rows(_gone(old, spans, rework), new).select(rework.partition_by).distinct()
    days = [row[0] for row in differ.collect()]
    is_theirs = F.col(rework.partition_by).isin(days)
    put, kept = new.where(is_theirs), rows_outside(old.where(is_theirs), spans, rework)
    return PartitionChange(days, put, kept.select(*new.columns).unionAll(put))


def _gone(old: DataFrame, spans: DataFrame, rework: SessionWindow) -> DataFrame:
    """The old rows that share a moment with any of the spans."""
    found = [row.by for row in spans.select("by").distinct().collect() if row.by is not None]
    there = old.where(F.col(rework.partition_by).isin(found))
    return there.join(_keyed(spans, rework), on=_is_same(rework) & _meets(rework), how="semi")


def _ends(own: DataFrame) -> tuple[int, int]:
    first, last = own.agg(F.min("_lo"), F.max("_hi")).collect()[0]
    return first or 0, last or 0


def _keyed(spans: DataFrame, rework: SessionWindow) -> DataFrame:
    return spans.select(F.col("feed").alias("_feed"), F.col(rework.key).alias("_of"), "lo", "hi")


def _is_same(rework: SessionWindow) -> Column:
    return (F.col("feed") == F.col("_feed")) & (F.col(rework.key) == F.col("_of"))


def _meets(rework: SessionWindow) -> Column:
    return (F.unix_micros(rework.start) <= F.col("hi")) & (F.unix_micros(rework.end) >= F.col("lo"))


def _day(micros: Column) -> Column:
    return F.timestamp_micros(micros).cast("date")
