"""Features of customers as they were known on as-of days, many days in one pass.

A row counts for an as-of day if its local day is strictly before that day (valid time), and if it had been ingested by
then (knowledge time). The history that a lake began with was ingested later than it happened: rows ingested up to
`backfilled_at` count as known when they happened.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.errors import ShoplakeError
from shoplake.transforms.feed_date import feed_date

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Feature, Feeds

CUSTOMER = ("feed", "customer_id")
KEY = (*CUSTOMER, "as_of_date")


class FeatureError(ShoplakeError):
    """Features are asked for in a way that has no one answer."""


@dataclass(frozen=True)
class Knowledge:
    """Which rows are known on an as-of day, by the time at which they were ingested.

    `known_at` applies to all as-of days alike; None means the local midnight with which each begins. Rows of a feed
    that were ingested up to its time in `backfilled_at` are always known. Raises FeatureError for a `known_at` without
    a time zone.
    """

    known_at: datetime | None = None
    backfilled_at: Mapping[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.known_at is not None and self.known_at.tzinfo is None:
            given = self.known_at.isoformat()
            raise FeatureError(f"'{given}' has no time zone. Write one such as {given}+00:00.")

    def is_known(self, feeds: Feeds) -> Column:
        """Whether a row with `ingested_at` is known on its `as_of_date`."""
        if self.known_at is not None:
            return F.col("ingested_at") <= F.lit(self.known_at)
        in_time = feed_date("ingested_at", feeds) < F.col("as_of_date")
        backfilled = [
            (F.col("feed") == feed) & (F.col("ingested_at") <= F.lit(at))
            for feed, at in sorted(self.backfilled_at.items())
        ]
        return reduce(lambda left, right: left | right, [*backfilled, in_time])  # the local day costs most: it is last


def compute_features(
    features: Sequence[Feature],
    sources: Mapping[str, DataFrame],
    entities: DataFrame | None,
    as_of: Sequence[date],
    feeds: Feeds,
    knowledge: Knowledge | None = None,
) -> DataFrame:
    """Return one row per entity and as-of day: `feed, customer_id, as_of_date` and the features in their order.

    `sources` are the features' tables by name. `entities` have `feed` and `customer_id`; None means every customer with
    a row before the as-of day. An entity without rows has the defaults.
    """
    groups: defaultdict[tuple[str, str], list[Feature]] = defaultdict(list)
    for each in features:
        groups[each.source, each.at].append(each)
    known = knowledge or Knowledge()
    parts = [
        part.withColumn("_found", F.lit(1))
        for (source, at), group in groups.items()
        for part in _aggregate(group, sources[source], at, as_of, feeds, known)
    ]
    joined = reduce(lambda left, right: left.drop("_found").join(right, on=list(KEY), how="full"), parts)
    if entities is not None:
        wanted = with_as_of(entities.select(*CUSTOMER).distinct(), as_of)
        joined = wanted.join(joined, on=list(KEY), how="left")
    cells = [F.coalesce(each.name, F.lit(each.default)).cast(each.dtype).alias(each.name) for each in features]
    return joined.select(*KEY, *cells)


def with_as_of(rows: DataFrame, as_of: Iterable[date]) -> DataFrame:
    """Return each row once per as-of day, with the day as `as_of_date`."""
    days = F.array(*[F.lit(day).cast("date") for day in sorted(set(as_of))]).cast("array<date>")
    return rows.withColumn("as_of_date", F.explode(days))


def _aggregate(
    features: Sequence[Feature], source: DataFrame, at: str, as_of: Sequence[date], feeds: Feeds, knowledge: Knowledge
) -> list[DataFrame]:
    """Aggregate the rows of one source to its features, per customer and as-of day: first those per row."""
    dated = source.where(F.col("customer_id").isNotNull()).withColumn("local_date", feed_date(at, feeds))
    is_past = F.col("local_date") < F.col("as_of_date")
    parts = []
    for aggregate, is_daily in ((_aggregate_rows, False), (_aggregate_days, True)):
        group = [each for each in features if (each.per_day is not None) == is_daily]
        if group:
            rows = with_as_of(dated.where(_any(dict.fromkeys(each.where for each in group))), as_of)
            known = rows.where(is_past & knowledge.is_known(feeds))
            parts.append(aggregate(group, known.where(_in_longest_window(group))))
    return parts


def _any(conditions: Iterable[str]) -> Column:
    return reduce(lambda left, right: left | right, map(F.expr, conditions))


def _in_longest_window(features: Sequence[Feature]) -> Column:
    windows = [each.window for each in features if each.window is not None]
    return _in_window(max(windows) if len(windows) == len(features) else None)


def _in_window(window: int | None) -> Column:
    return F.lit(True) if window is None else F.col("local_date") >= F.date_sub("as_of_date", window)


def _aggregate_rows(features: Sequence[Feature], rows: DataFrame) -> DataFrame:
    def cell(feature: Feature) -> Column:
        counts = F.expr(feature.where) & _in_window(feature.window)
        return feature(lambda column: F.when(counts, _column(column))).alias(feature.name)

    return rows.groupBy(*KEY).agg(*map(cell, features))


def _aggregate_days(features: Sequence[Feature], rows: DataFrame) -> DataFrame:
    """Reduce rows to one per local day, and aggregate the days: what many features read is reduced once."""
    reduced: dict[object, Column] = {}

    def cell(feature: Feature) -> Column:
        reduce_day = F.sum if feature.per_day == "sum" else F.max

        def values(column: str | Column) -> Column:
            same = (feature.where, feature.per_day, column if isinstance(column, str) else object())
            name = f"_day_{[*reduced, same].index(same)}"
            reduced.setdefault(same, reduce_day(F.when(F.expr(feature.where), _column(column))).alias(name))
            return F.when(_in_window(feature.window), F.col(name))

        return feature(values).alias(feature.name)

    cells = [cell(each) for each in features]
    return rows.groupBy(*KEY, "local_date").agg(*reduced.values()).groupBy(*KEY).agg(*cells)


def _column(column: str | Column) -> Column:
    return F.col(column) if isinstance(column, str) else column
