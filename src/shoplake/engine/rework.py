"""Rows that span time, built again where new input touches them: sessions, carts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Rework


def touched(old: DataFrame, changed: DataFrame, rework: Rework) -> DataFrame:
    """The spans of time to build again: `feed`, the value `of`, `lo` and `hi` in µs since 1970, both included.

    `changed` is the input that is new or gone. A span is such input's own moment, or that of an old row within reach.
    """
    reach = rework.within_s * 1_000_000
    points = changed.select("feed", rework.of, F.unix_micros(rework.at).alias("_at")).distinct()
    first, last = _ends(points)
    is_reached = (F.unix_micros(rework.ends) >= first - reach) & (F.unix_micros(rework.starts) <= last + reach)
    spans = old.where(is_reached).select("feed", rework.of, *_span(rework))
    is_near = (F.col("_at") >= F.col("lo") - reach) & (F.col("_at") <= F.col("hi") + reach)
    near = spans.join(points, on=["feed", rework.of], how="inner").where(is_near).select("feed", rework.of, "lo", "hi")
    own = points.select("feed", rework.of, F.col("_at").alias("lo"), F.col("_at").alias("hi"))
    return own.unionAll(near).distinct()


def within(rows: DataFrame, spans: DataFrame, rework: Rework) -> DataFrame:
    """The rows of input whose time lies in one of the spans, each once."""
    moment = F.unix_micros(rework.at)
    first, last = spans.agg(F.date_sub(_day(F.min("lo")), 1), F.date_add(_day(F.max("hi")), 1)).collect()[0]
    near = rows.where(F.col(rework.day).between(F.lit(first), F.lit(last)))
    is_within = (moment >= F.col("lo")) & (moment <= F.col("hi"))
    return near.join(_keyed(spans, rework), on=_is_same(rework) & is_within, how="semi")


def untouched(old: DataFrame, spans: DataFrame, rework: Rework) -> DataFrame:
    """The old rows that share no moment with any of the spans."""
    return old.join(_keyed(spans, rework), on=_is_same(rework) & _meets(rework), how="anti")


def days(old: DataFrame, new: DataFrame, spans: DataFrame, rework: Rework) -> set[object]:
    """The days under which rows that go or come are filed."""
    gone = old.join(_keyed(spans, rework), on=_is_same(rework) & _meets(rework), how="semi").select(rework.by)
    return {row[0] for row in gone.unionAll(new.select(rework.by)).distinct().collect()}


def _ends(points: DataFrame) -> tuple[int, int]:
    first, last = points.agg(F.min("_at"), F.max("_at")).collect()[0]
    return first or 0, last or 0


def _span(rework: Rework) -> tuple[Column, Column]:
    return F.unix_micros(rework.starts).alias("lo"), F.unix_micros(rework.ends).alias("hi")


def _keyed(spans: DataFrame, rework: Rework) -> DataFrame:
    return spans.select(F.col("feed").alias("_feed"), F.col(rework.of).alias("_of"), "lo", "hi")


def _is_same(rework: Rework) -> Column:
    return (F.col("feed") == F.col("_feed")) & (F.col(rework.of) == F.col("_of"))


def _meets(rework: Rework) -> Column:
    return (F.unix_micros(rework.starts) <= F.col("hi")) & (F.unix_micros(rework.ends) >= F.col("lo"))


def _day(micros: Column) -> Column:
    return F.timestamp_micros(micros).cast("date")
