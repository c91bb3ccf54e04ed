"""Which new rows of an upsert match existing rows of their keys, and the merge of those that win."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, cast

from pyspark.sql import functions as F

from shoplake.columns.record_place import arrival_of_undated
from shoplake.declare.modes.mode import ARRIVAL, ARRIVED_AT
from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.session.error_mapping import retry_on_conflict

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from shoplake.declare import Table, Upsert
    from shoplake.engine.write.staging.staging_area import StagingArea
    from shoplake.engine.write.table_location import TableLocation

HASH = "payload_hash"


def row_order(table: Table[...], side: str = "") -> list[str]:
    """Return the SQL expressions by which the rows of a key are in order: time, arrival where that counts, and hash.

    `side` is before the name of each column, as `t.`; without it names are in backticks, because one may be a keyword.
    """
    mode = cast("Upsert", table.write)
    time, content, *arrival = [
        f"{side}{name}" if side else f"`{name}`" for name in (mode.order_by, HASH, ARRIVED_AT, *ARRIVAL)
    ]
    if not mode.knows_arrival(table):
        return [time, content]
    return [time, f"coalesce({arrival_of_undated(time, *arrival)}, '')", content]


@dataclass(frozen=True)
class MatchCounts:
    """New rows that match an existing one: all, those of the existing row's batch, conflicting and winning ones."""

    rows: int = 0
    own: int = 0
    conflicts: int = 0
    better: int = 0


@dataclass(frozen=True)
class KeyMatch:
    """How new rows, aliased `s`, match existing rows, aliased `t`: by key, and by day within the dedup window."""

    table: Table[...]
    mode: Upsert

    @property
    def identity(self) -> list[str]:
        """The columns that identify a winner: the key, and the day where a key may repeat outside the window."""
        return [*self.table.key, *(self.table.partition_by[:1] if self.mode.dedup_window_days is not None else ())]

    @property
    def is_same(self) -> str:
        """The SQL condition that two rows are of the same key."""
        same = " AND ".join(f"t.{name} = s.{name}" for name in self.table.key)
        days = self.mode.dedup_window_days
        if days is None:
            return same
        day = self.table.partition_by[0]
        return f"{same} AND abs(datediff(t.{day}, s.{day})) <= {days}"

    @property
    def wins(self) -> str:
        """The SQL condition that a new row wins over the existing row of its key."""
        sign = "<" if self.mode.keep == "first" else ">"
        pairs = [*zip(row_order(self.table, "s."), row_order(self.table, "t."), strict=True)]
        better = [f"{new} {sign} {old}" for new, old in pairs]
        equal = [f"{new} = {old}" for new, old in pairs]
        rest = [f"({' AND '.join([*equal[:place], better[place]])})" for place in range(1, len(pairs))]
        return f"({' OR '.join([better[0], *rest])})"

    @property
    def decisive(self) -> list[str]:
        """The columns that decide which row of a key is kept, and the key."""
        arrival = (ARRIVED_AT, *ARRIVAL) if self.mode.knows_arrival(self.table) else ()
        return list(dict.fromkeys([*self.table.key, self.mode.order_by, HASH, *arrival, *self.table.partition_by]))

    def partitions_near(self, stage: StagingArea) -> str:
        """Return the SQL condition of the partitions that can hold repeats of the valid rows of a staging area."""
        days = self.mode.dedup_window_days
        if days is None:
            return "true"
        day = self.table.partition_by[0]
        ends = stage.value_range(day)
        if None in ends:  # no row has a day
            return "false"
        least, greatest = (end.toordinal() for end in ends)
        first, last = max(least - days, date.min.toordinal()), min(greatest + days, date.max.toordinal())
        return f"t.{day} >= DATE '{date.fromordinal(first)}' AND t.{day} <= DATE '{date.fromordinal(last)}'"

    def partitions_of(self, pairs: DataFrame) -> str:
        """Return the SQL condition of the partitions that hold the existing rows of pairs."""
        if self.mode.dedup_window_days is None:
            return "true"
        day = self.table.partition_by[0]
        days = sorted(f"DATE '{row[0]}'" for row in pairs.select(f"_{day}").distinct().collect())
        return f"t.{day} IN ({', '.join(days)})"

    def facts(self) -> list[Column]:
        """Return the columns of a pair: identity of the new row, day of the existing one, and how the two compare."""
        is_same = F.col("s.payload_hash") == F.col("t.payload_hash")
        is_own = is_same & (F.col("s.batch_id") == F.col("t.batch_id"))
        keys = [F.col(f"s.{name}").alias(name) for name in self.identity]
        keys += [F.col(f"t.{name}").alias(f"_{name}") for name in self.identity[len(self.table.key) :]]
        return [*keys, is_own.alias("_own"), (~is_same).alias("_differs"), F.expr(self.wins).alias("_better")]

    def count(self, pairs: DataFrame) -> MatchCounts:
        """Count the new rows of pairs; one that matches two existing rows, before and after it, counts once."""
        counts = {"own": "_own", "conflicts": "_differs", "better": "_better"}
        by_row = pairs.groupBy(*self.identity).agg(*[F.count_if(name).alias(what) for what, name in counts.items()])
        totals = by_row.agg(F.count("*").alias("rows"), *[F.count_if(F.col(what) > 0).alias(what) for what in counts])
        return MatchCounts(**totals.collect()[0].asDict())

    def select(self, rows: DataFrame, pairs: DataFrame, how: str) -> DataFrame:
        """Return the rows that are among the pairs (`semi`) or not (`anti`)."""
        keys = F.broadcast(pairs.select(*self.identity).distinct())
        return rows.join(keys, on=self.identity, how=how).select(*rows.columns)

    def kept(self, rows: DataFrame, better: DataFrame) -> DataFrame:
        """Return the existing rows but for those that the new rows of the pairs win over."""
        days = [F.col(f"_{name}").alias(name) for name in self.identity[len(self.table.key) :]]
        replaced = F.broadcast(better.select(*self.table.key, *days).distinct())
        return rows.join(replaced, on=self.identity, how="anti").select(*rows.columns)


class ExistingRows:
    """The rows of the table that new rows may match."""

    def __init__(self, keys: KeyMatch, rows: DataFrame, winners: DataFrame, stage: StagingArea) -> None:
        self._keys, self._winners, self._stage = keys, winners, stage
        self.where = keys.partitions_near(stage)
        self._rows = rows.alias("t").where(self.where)

    def match(self, *, by_hash: bool) -> DataFrame:
        """Return each new row, as `s`, with the existing row of its key, as `t`: only the columns that decide.

        With `by_hash`, matching keys are found by their hashes first: memory grows with the matches, not with all rows.
        """
        new, old = self._decisive(self._winners), self._decisive(self._rows)
        if by_hash:
            key = F.xxhash64(*self._keys.table.key).alias("key")
            sides = new.select(key, F.lit(1).alias("side")).unionAll(old.select(key, F.lit(2).alias("side")))
            ends = sides.groupBy("key").agg(F.min("side").alias("first"), F.max("side").alias("last"))
            both = self._stage.materialize(ends.where("first < last").select(F.col("key").alias("_key")), "hashes")
            new, old = (rows.join(F.broadcast(both), on=key == F.col("_key"), how="semi") for rows in (new, old))
        return new.alias("s").join(old.alias("t"), F.expr(self._keys.is_same), "inner")

    def _decisive(self, rows: DataFrame) -> DataFrame:
        return rows.select(*dict.fromkeys([*self._keys.decisive, "batch_id"]))


@crash_points("merge")
def merge(session: SparkSession, keys: KeyMatch, location: TableLocation, rows: DataFrame, where: str) -> None:
    """Merge rows into the table: insert those of new keys, and update existing rows that they win over."""
    view = f"shoplake_upsert_{uuid.uuid4().hex}"
    rows.createOrReplaceTempView(view)
    retry_on_conflict(lambda: session.sql(_merge_sql(keys, location, view, where)).collect())
    session.catalog.dropTempView(view)


def _merge_sql(keys: KeyMatch, location: TableLocation, view: str, where: str) -> str:
    names = [column.name for column in keys.table.columns]
    values = ", ".join(f"s.{name}" for name in names)
    changes = ", ".join(f"{name} = s.{name}" for name in names)
    return (
        f"MERGE INTO {location.sql} AS t USING {view} AS s ON {keys.is_same} AND {where} "
        f"WHEN MATCHED AND {keys.wins} THEN UPDATE SET {changes} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) VALUES ({values})"
    )
