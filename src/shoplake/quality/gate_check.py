"""Evaluates the gates of tables on the rows that they have, or that a write is going to leave."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pyspark.sql import functions as F

from shoplake.declare.gate import Agrees, ErrorBudget, Fresh, LikeHistory, References, Unique
from shoplake.declare.modes.mode import ARRIVED_AT
from shoplake.quality.gates import ACCEPTED, PASS, STOP, GateResult
from shoplake.quality.history import check_history, check_written
from shoplake.quality.totals import compare_totals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pyspark.sql import DataFrame

    from shoplake.declare import Feeds, Gate, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader
    from shoplake.quality.history import DayBand

WARN = "warn"
ALL_FEEDS = "all feeds"
"""The slice of totals."""


class GateCheck:
    """Evaluates gates at one moment; now where it is later, as that of a run is after a clock that was ahead.

    `days` is how many of the last closed days are compared with their history. `acknowledged` has the days of each
    gate, as `feed day`, that somebody accepted: they are no history, and never stop a write. `feeds` say which day it
    is in each shop: one that is not over is not compared. Totals of tables that are among the `expired` are left out.
    """

    def __init__(
        self,
        engine: TableReader,
        catalog: Catalog,
        now: datetime,
        days: int = 1,
        acknowledged: Mapping[tuple[str, str], Collection[str]] | None = None,
        feeds: Feeds = (),
        expired: Collection[str] = (),
    ) -> None:
        self._engine, self._catalog, self._days = engine, catalog, days
        self._now = min(now, datetime.now(UTC))
        self._acknowledged, self._expired = acknowledged or {}, expired
        self._today = {feed.name: self._now.astimezone(ZoneInfo(feed.timezone)).date() for feed in feeds}
        self.measured: list[dict[str, Any]] = []
        """What was measured of days, as rows of `ops.metrics` without the run."""

    def check(self, tables: Iterable[Table[...]], kinds: tuple[type, ...] = (object,)) -> Iterator[GateResult]:
        """Yield what the gates of these kinds measure of all rows, feed by feed; of history day by day."""
        for table in tables:
            for gate in table.gates:
                if isinstance(gate, kinds):
                    yield from self._check(table, gate)

    def check_write(self, table: Table[...], rows: DataFrame, kept: DataFrame | None) -> Iterator[GateResult]:
        """Yield what the gates measure of a table that a write leaves with these rows beside the `kept` ones.

        Only what the rows can have changed is looked at: repeats of their values, their references, and their days.
        Totals and references are left out where they do not stop a write.
        """
        for gate in filter(is_checked_on_write, table.gates):
            if isinstance(gate, Unique):
                yield from self._unique(table, gate, rows, kept)
            elif isinstance(gate, References):
                yield from self._references(table, gate, rows, both(rows, kept))
            elif isinstance(gate, Fresh):
                yield from self._fresh(table, gate, *([rows] if kept is None else [rows, kept]))
            elif isinstance(gate, Agrees):
                yield from self._agrees(table, gate, both(rows, kept))
            elif isinstance(gate, LikeHistory):
                known = self._known(table, gate)
                yield from self._days_of(table, gate, check_written(rows, kept, gate, known, self._today), known)

    def _check(self, table: Table[...], gate: Gate) -> Iterator[GateResult]:
        if isinstance(gate, Agrees):
            yield from self._agrees(table, gate)
            return
        rows = self._engine.read(table)
        if isinstance(gate, Unique):
            yield from self._unique(table, gate, rows)
        elif isinstance(gate, References):
            yield from self._references(table, gate, rows)
        elif isinstance(gate, Fresh):
            yield from self._fresh(table, gate, rows)
        elif isinstance(gate, LikeHistory):
            known = self._known(table, gate)
            yield from self._days_of(table, gate, check_history(rows, gate, self._days, known, self._today), known)

    def _known(self, table: Table[...], gate: Gate) -> Collection[str]:
        return self._acknowledged.get((table.qualified_name, gate.name), ())

    def _unique(
        self, table: Table[...], gate: Unique, rows: DataFrame, kept: DataFrame | None = None
    ) -> Iterator[GateResult]:
        """Yield for each feed how many of the rows repeat another, or have the values of `kept` ones."""
        keys = list(dict.fromkeys(["feed", *gate.columns]))
        values = rows.select(*keys).dropna(subset=list(gate.columns))
        repeats = values.groupBy(*keys).agg((F.count("*") - 1).alias("_repeats"))
        found = repeats.groupBy("feed").agg(F.sum("_repeats").alias("_count")).collect()
        if kept is not None:
            same = kept.select(*keys).join(values.distinct(), on=keys, how="semi")
            found += same.groupBy("feed").agg(F.count("*").alias("_count")).collect()
        counts = Counter[str]()
        for row in found:
            counts[row["feed"]] += row["_count"]
        for feed in sorted(counts):
            yield _result(table, gate, feed, counts[feed], 0, 0)

    def _references(
        self, table: Table[...], gate: References, rows: DataFrame, own: DataFrame | None = None
    ) -> Iterator[GateResult]:
        """Yield for each feed which share of the references has no row in the other table; `own` are those of this."""
        rows = rows.where(F.col(gate.column).isNotNull())
        if gate.at is not None:
            settled = F.lit(self._now).cast("timestamp") - F.expr(f"INTERVAL {gate.settles_s} SECONDS")
            rows = rows.where(F.col(gate.at) <= settled)
        other = self._catalog[gate.to]
        there = own if own is not None and other.name == table.name else self._engine.read(other)
        known = there.select("feed", F.col(gate.key).alias("_key")).distinct().withColumn("_known", F.lit(1))
        counts = rows.groupBy("feed", F.col(gate.column).alias("_key")).agg(F.count("*").alias("n"))
        joined = counts.join(known, on=["feed", "_key"], how="left")
        missing = F.sum(F.when(F.col("_known").isNull(), F.col("n")).otherwise(0)).alias("missing")
        for row in joined.groupBy("feed").agg(missing, F.sum("n").alias("n")).orderBy("feed").collect():
            yield _result(table, gate, row.feed, row.missing / row.n, 0, gate.missing_at_most)

    def _fresh(self, table: Table[...], gate: Fresh, *parts: DataFrame) -> Iterator[GateResult]:
        """Yield for each feed how many hours old its newest row is, in any of the parts of the table.

        Times later than now are those of clocks that are ahead: a feed that has others is as old as these are. Of times
        of arrival they say that the clock of the lake was wrong, and nothing about the age of the rows.
        """
        at = F.col(gate.column)
        known = at if gate.column == ARRIVED_AT else F.when(at <= F.lit(self._now).cast("timestamp"), at)
        cells = F.unix_micros(F.max(known)).alias("known"), F.unix_micros(F.max(at)).alias("any")
        found = [row for rows in parts for row in rows.groupBy("feed").agg(*cells).collect() if row["any"] is not None]
        times = [(row.feed, row.known is not None, row["any"] if row.known is None else row.known) for row in found]
        newest = {feed: time for feed, _, time in sorted(times)}  # a known one after those ahead, the latest last
        for feed in sorted(newest):
            age_h = (self._now.timestamp() - newest[feed] / 1e6) / 3600
            yield _result(table, gate, feed, round(age_h, 2), 0, gate.within_s / 3600)

    def _agrees(self, table: Table[...], gate: Agrees, rows: DataFrame | None = None) -> Iterator[GateResult]:
        """Yield the total with the bounds around the other; `rows` stand for the table's."""
        if rows is None:
            totals = compare_totals(self._engine, self._catalog, table, gate, expired=self._expired)
        else:
            view, count = f"shoplake_gate_{uuid.uuid4().hex}", rows.count() if gate.cents_per_row else 0
            rows.createOrReplaceTempView(view)
            views = {table.qualified_name: view}
            totals = compare_totals(self._engine, self._catalog, table, gate, views, count, self._expired)
            rows.sparkSession.catalog.dropTempView(view)
        if totals is not None:
            low, high = totals.expected - totals.tolerance, totals.expected + totals.tolerance
            status = PASS if totals.is_agreed else _failed(gate)
            cells = float(totals.actual), float(low), float(high)
            yield GateResult(table.qualified_name, gate.name, ALL_FEEDS, *cells, status)

    def _days_of(
        self, table: Table[...], gate: LikeHistory, days: Iterable[DayBand], known: Collection[str]
    ) -> Iterator[GateResult]:
        for each in days:
            self.measured.append(measured_row(table, gate, each))
            if (band := each.band) is None:
                continue
            is_known = f"{each.feed} {each.day}" in known
            status = PASS if not band.is_anomaly else ACCEPTED if is_known else _failed(gate)
            yield GateResult(table.qualified_name, gate.name, each.slice, band.value, band.low, band.high, status)


def is_checked_on_write(gate: Gate) -> bool:
    """Whether a run evaluates the gate before each commit: references and totals only where they stop it.

    An error budget is about runs, and not about rows.
    """
    return gate.stop or not isinstance(gate, References | Agrees | ErrorBudget)


def measured_row(table: Table[...], gate: LikeHistory, day: DayBand) -> dict[str, Any]:
    """Return what was measured of a day as a row of `ops.metrics`, without the run."""
    band = day.band
    return {
        "table": table.qualified_name,
        "feed": day.feed,
        "day": day.day,
        "metric": gate.measure,
        "column": gate.column,
        "value": day.value,
        "measured": day.measured,
        "expected": None if band is None else band.expected,
        "expected_low": None if band is None else band.low,
        "expected_high": None if band is None else band.high,
        "is_anomaly": None if band is None else band.is_anomaly,
    }


def both(rows: DataFrame, kept: DataFrame | None) -> DataFrame:
    """Return the rows of a write and those that stay beside them."""
    return rows if kept is None else rows.unionByName(kept.select(*rows.columns))


def _result(table: Table[...], gate: Gate, feed: str, value: float, low: float, high: float) -> GateResult:
    status = PASS if value <= high else _failed(gate)
    return GateResult(table.qualified_name, gate.name, feed, float(value), float(low), float(high), status)


def _failed(gate: Gate) -> str:
    return STOP if gate.stop else WARN
