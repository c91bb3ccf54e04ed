"""Finds the anomalies of daily measures, one group of series at a time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.columns.schema import struct_type
from shoplake.transforms.anomalies.expect import evaluate_all
from shoplake.transforms.anomalies.explain import ALL, explain
from shoplake.transforms.known_columns import select_known
from shoplake.transforms.sorted_groups import ROW_NUMBER, group_starts, iter_groups, sort_within_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyspark.sql import DataFrame

    from shoplake.transforms.anomalies.expect import Expectation

SCHEMA = (
    "feed string, anomaly_date date, measure string, currency string, segment string, actual double, expected double, "
    "low double, high double, score double, kind string, explained_by string"
)
NUMBERS = ("actual", "expected", "low", "high", "score")
KEY = ("feed", "measure", "currency_key")
SERIES = (*KEY, "segment", "measure_date", "value", "observations", "first_date", "last_date")


def find_anomalies(daily_measures: DataFrame) -> DataFrame:
    """Return the anomalies of all series of `gold.daily_measures`, with the columns of `SCHEMA`.

    A series lasts from the feed's first day to the day before its last, which may not be complete; a day without a row
    is 0.
    """
    of_feed = Window.partitionBy("feed")
    rows = daily_measures.select(
        "feed",
        "measure",
        F.coalesce("currency", F.lit("")).alias("currency_key"),
        "segment",
        "measure_date",
        F.col("value").cast("double").alias("value"),
        F.col("observations").cast("double").alias("observations"),
        F.min("measure_date").over(of_feed).alias("first_date"),
        F.date_sub(F.max("measure_date").over(of_feed), 1).alias("last_date"),
    )
    ordered = sort_within_key(rows, KEY, ["segment", "measure_date"])

    def find(blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for block in iter_groups(blocks):
            yield from _to_table(_find_in_groups(block)).to_batches()

    return select_known(ordered, (*SERIES, ROW_NUMBER)).mapInArrow(find, struct_type(SCHEMA))


@dataclass(frozen=True)
class Group:
    """The series of one feed, measure and currency: by segment the values of all days, and what they are made of."""

    feed: str
    measure: str
    currency: str | None
    first_day: date
    values: dict[str, list[float]]
    counts: dict[str, list[float]]

    def anomalies(self, evaluated: Iterable[list[Expectation | None]]) -> Iterator[dict[str, Any]]:
        """Yield the anomalies by segment and day; `evaluated` are the series in the order of `values`."""
        series = dict(zip(self.values, evaluated, strict=True))
        for segment, days in series.items():
            for number, each in enumerate(days):
                if each is not None and each.is_anomaly:
                    others = {name: days[number] for name, days in series.items() if name != ALL}
                    yield self._row(segment, number, each, others)

    def _row(
        self, segment: str, number: int, each: Expectation, others: Mapping[str, Expectation | None]
    ) -> dict[str, Any]:
        known = {name: other for name, other in others.items() if other is not None}
        kind = "spike" if each.score > 0 else "outage" if each.actual == 0 else "drop"
        return {
            "feed": self.feed,
            "anomaly_date": self.first_day + timedelta(days=number),
            "measure": self.measure,
            "currency": self.currency,
            "segment": segment,
            **{name: float(getattr(each, name)) for name in NUMBERS},
            "kind": kind,
            "explained_by": explain(each, known) if segment == ALL else None,
        }


def _find_in_groups(rows: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield the anomalies of whole groups; series of equally many days are evaluated together."""
    starts = [number for number, is_first in enumerate(group_starts(rows)) if is_first]
    alike = defaultdict[int, list[Group]](list)
    for start, end in zip(starts, [*starts[1:], rows.num_rows], strict=True):
        length, group = _read_group(rows.slice(start, end - start).to_pylist())
        alike[length].append(group)
    for groups in alike.values():
        values = [series for each in groups for series in each.values.values()]
        counts = [series for each in groups for series in each.counts.values()]
        evaluated = iter(evaluate_all(values, counts))
        for each in groups:
            yield from each.anomalies(islice(evaluated, len(each.values)))


def _read_group(rows: list[dict[str, Any]]) -> tuple[int, Group]:
    """Return the number of days of the series of one group, and the group."""
    one = rows[0]
    length = (one["last_date"] - one["first_date"]).days + 1
    group = Group(one["feed"], one["measure"], one["currency_key"] or None, one["first_date"], {}, {})
    for row in rows:
        place = (row["measure_date"] - one["first_date"]).days
        if place < length:
            group.values.setdefault(row["segment"], [0.0] * length)[place] = row["value"]
            group.counts.setdefault(row["segment"], [0.0] * length)[place] = row["observations"]
    return length, group


def _to_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    types = {"string": pa.string(), "date": pa.date32(), "double": pa.float64()}
    fields = [(name, types[kind]) for name, kind in (field.split() for field in SCHEMA.split(", "))]
    return pa.Table.from_pylist(list(rows), schema=pa.schema(fields))
