"""Evaluates the gates of tables on the rows that they have."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.declare.gate import Fresh, LikeHistory, References, Unique
from shoplake.quality.gates import PASS
from shoplake.quality.history import check_history

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from shoplake.declare import Gate, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader

WARN = "warn"


@dataclass(frozen=True)
class GateResult:
    """What a gate measured of one slice of a table, and whether that passes.

    `slice` is a feed, or a feed and a day; `value` lies in `low` to `high`, or the gate warns.
    """

    table: str
    gate: str
    slice: str
    value: float
    low: float
    high: float
    status: str

    def to_row(self) -> dict[str, Any]:
        """Return it as a row of `ops.gates`, without the run."""
        cells = asdict(self)
        return {**cells, "expected_low": cells.pop("low"), "expected_high": cells.pop("high")}


class GateCheck:
    """Evaluates gates at one moment. `days` is how many of the last closed days are compared with their history."""

    def __init__(self, engine: TableReader, catalog: Catalog, now: datetime, days: int = 1) -> None:
        self._engine, self._catalog, self._now, self._days = engine, catalog, now, days

    def check(self, tables: Iterable[Table[...]]) -> Iterator[GateResult]:
        """Yield what each gate of the tables measures, feed by feed; of history day by day."""
        for table in tables:
            for gate in table.gates:
                yield from self._check(table, gate)

    def _check(self, table: Table[...], gate: Gate) -> Iterator[GateResult]:
        name = table.qualified_name
        if isinstance(gate, Unique):
            yield from self._unique(table, gate)
        elif isinstance(gate, References):
            yield from self._references(table, gate)
        elif isinstance(gate, Fresh):
            yield from self._fresh(table, gate)
        else:
            yield from self._history(name, table, gate)

    def _unique(self, table: Table[...], gate: Unique) -> Iterator[GateResult]:
        """Yield for each feed how many rows repeat another."""
        rows = self._engine.read(table).select("feed", *gate.columns).dropna(subset=list(gate.columns))
        keys = list(dict.fromkeys(["feed", *gate.columns]))
        repeats = rows.groupBy(*keys).agg((F.count("*") - 1).alias("repeats"))
        for row in repeats.groupBy("feed").agg(F.sum("repeats").alias("n")).orderBy("feed").collect():
            yield _result(table, gate, row.feed, row.n, 0, 0)

    def _references(self, table: Table[...], gate: References) -> Iterator[GateResult]:
        """Yield for each feed which share of the references has no row in the other table."""
        rows = self._engine.read(table).where(F.col(gate.column).isNotNull())
        if gate.at is not None:
            settled = F.lit(self._now).cast("timestamp") - F.expr(f"INTERVAL {gate.settles_s} SECONDS")
            rows = rows.where(F.col(gate.at) <= settled)
        known = self._engine.read(self._catalog[gate.to]).select("feed", F.col(gate.key).alias("_key")).distinct()
        counts = rows.groupBy("feed", F.col(gate.column).alias("_key")).agg(F.count("*").alias("n"))
        marked = known.withColumn("_known", F.lit(1))
        joined = counts.join(marked, on=["feed", "_key"], how="left")
        missing = F.sum(F.when(F.col("_known").isNull(), F.col("n")).otherwise(0))
        for row in (
            joined.groupBy("feed").agg(missing.alias("missing"), F.sum("n").alias("n")).orderBy("feed").collect()
        ):
            yield _result(table, gate, row.feed, row.missing / row.n, 0, gate.missing_at_most)

    def _fresh(self, table: Table[...], gate: Fresh) -> Iterator[GateResult]:
        """Yield for each feed how many hours old its newest row is."""
        newest = F.unix_micros(F.max(gate.column)).alias("newest")
        for row in self._engine.read(table).groupBy("feed").agg(newest).orderBy("feed").collect():
            if row.newest is not None:
                age_h = (self._now.timestamp() - row.newest / 1e6) / 3600
                yield _result(table, gate, row.feed, round(age_h, 2), 0, gate.within_s / 3600)

    def _history(self, name: str, table: Table[...], gate: LikeHistory) -> Iterator[GateResult]:
        for day in check_history(self._engine, table, gate, self._days):
            status = WARN if day.band.is_anomaly else PASS
            band = day.band
            yield GateResult(name, gate.name, day.slice, band.value, band.low, band.high, status)


def _result(table: Table[...], gate: Gate, feed: str, value: float, low: float, high: float) -> GateResult:
    status = PASS if value <= high else WARN
    return GateResult(table.qualified_name, gate.name, feed, float(value), float(low), float(high), status)
