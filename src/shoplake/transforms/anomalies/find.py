"""Finds the anomalies of daily measures, one group of series at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
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
    from collections.abc import Iterable, Iterator

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
    """The evaluated series of one feed, measure and currency."""

    feed: str
    measure: str
    currency: str | None
    first_day: date
    series: dict[str, list[Expectation | None]]

    def anomalies(self) -> Iterator[dict[str, Any]]:
        """Yield the anomalies by segment and day."""
        for segment, days in self.series.items():
            for number, each in enumerate(days):
                if each is not None and each.is_anomaly:
                    yield self._row(segment, number, each)

    def _row(self, segment: str, number: int, each: Expectation) -> dict[str, Any]:
        others = {name: days[number] for name, days in self.series.items() if name != ALL}
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
    """Yield the anomalies of whole groups."""
    starts = [number for number, is_first in enumerate(group_starts(rows)) if is_first]
    for start, end in zip(starts, [*starts[1:], rows.num_rows], strict=True):
        yield from _evaluate_group(rows.slice(start, end - start).to_pylist()).anomalies()


def _evaluate_group(rows: list[dict[str, Any]]) -> Group:
    one = rows[0]
    length = (one["last_date"] - one["first_date"]).days + 1
    values: dict[str, list[float]] = {}
    counts: dict[str, list[float]] = {}
    for row in rows:
        place = (row["measure_date"] - one["first_date"]).days
        if place < length:
            values.setdefault(row["segment"], [0.0] * length)[place] = row["value"]
            counts.setdefault(row["segment"], [0.0] * length)[place] = row["observations"]
    evaluated = evaluate_all(list(values.values()), list(counts.values()))
    series = dict(zip(values, evaluated, strict=True))
    return Group(one["feed"], one["measure"], one["currency_key"] or None, one["first_date"], series)


def _to_table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    types = {"string": pa.string(), "date": pa.date32(), "double": pa.float64()}
    fields = [(name, types[kind]) for name, kind in (field.split() for field in SCHEMA.split(", "))]
    return pa.Table.from_pylist(list(rows), schema=pa.schema(fields))
