"""Rows into a table that keeps one a key, whatever order they arrive in and however often."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyspark.sql import Window
from pyspark.sql import functions as F

from shoplake.declare import Upsert
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.storage import delta_log

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.staging import StagingArea
    from shoplake.engine.write.table_location import TableLocation

HASH = "payload_hash"
MERGE_BELOW_ROWS = 20_000
"""Rows below which all are merged in one commit where somebody else might write too: to merge takes memory."""
HASH_MATCH_FROM_ROWS = 250_000
"""Rows from which on those that meet old ones are found by way of hashes: a join of so many takes memory."""


def upsert(
    session: SparkSession, table: Table[...], place: TableLocation, stage: StagingArea, written: WriteResult
) -> WriteResult:
    """Take the good rows of `stage` into the table at its place: the winner of each key, once.

    Those of new keys are appended, then better ones of old keys are merged. Cut off in between, the same rows once more
    change nothing but what is missing. To append is safe only while nobody else writes: where somebody might, few rows
    are all merged in one commit.
    """
    winners, counted = deduplicate(table, stage, written)
    if not written.rows_written:
        return counted
    if delta_log.row_count(place.path) == 0:
        place.append(winners, table.partition_by)
        return counted
    old = _ExistingRows(table, place.read(), winners)
    is_many = counted.rows_written >= HASH_MATCH_FROM_ROWS
    meeting = old.meeting_of_many(winners, stage) if is_many else old.meeting(winners)
    pairs = stage.materialize(meeting.select(*_facts(table)), "met")
    met = _counted(table, pairs)
    if counted.rows_written < MERGE_BELOW_ROWS and not place.is_single_writer:
        if met.rows < counted.rows_written or met.better:
            _merge(session, table, place, winners, old.where)
    else:
        if met.rows < counted.rows_written:
            place.append(_those(table, winners, pairs, "anti") if met.rows else winners, table.partition_by)
        if met.better:
            better = pairs.where("_better")
            _merge(session, table, place, _those(table, winners, better, "semi"), _days_of(table, better))
    repeats = met.rows - met.own
    return replace(
        counted,
        rows_written=counted.rows_written - repeats,
        rows_duplicate=counted.rows_duplicate + repeats,
        rows_conflicting=counted.rows_conflicting + met.conflicts,
    )


def deduplicate(table: Table[...], stage: StagingArea, written: WriteResult) -> tuple[DataFrame, WriteResult]:
    """The winner of each key among the new rows themselves, or of each time it comes again after `within_days`.

    Few keys come twice, so those are found first and only they are sorted.
    """
    good, key = stage.valid(), list(table.key)
    repeated = stage.materialize(good.groupBy(*key).agg(F.count("*").alias("n")).where("n > 1"), "repeated")
    if not stage.count("repeated"):
        return good, written
    repeated = repeated.select(*key)
    met = _with_turns(table, good.join(F.broadcast(repeated), on=key, how="semi"))
    best_first = Window.partitionBy(*key, "_turn").orderBy(*_order(table))
    best_hash = F.first(HASH).over(best_first)
    ranked = met.withColumns({"_place": F.row_number().over(best_first), "_differs": F.col(HASH) != best_hash})
    ranked = stage.materialize(ranked, "ranked")
    losers = ranked.where("_place > 1").agg(F.count("*").alias("n"), F.count_if("_differs").alias("conflicts"))
    winners = ranked.where("_place = 1").select(*good.columns)
    singles = good.join(F.broadcast(repeated), on=key, how="anti").select(*good.columns)
    lost = losers.collect()[0]
    return singles.unionAll(winners), replace(
        written, rows_written=written.rows_written - lost.n, rows_duplicate=lost.n, rows_conflicting=lost.conflicts
    )


def _with_turns(table: Table[...], rows: DataFrame) -> DataFrame:
    """The rows with the number of the turn in which their key comes: another one after more than `within_days`."""
    days = _write(table).dedup_window_days
    if days is None:
        return rows.withColumn("_turn", F.lit(0))
    day = F.col(table.partition_by[0])
    in_time = Window.partitionBy(*table.key).orderBy(*_order(table))
    is_new = F.coalesce(F.abs(F.datediff(day, F.lag(day).over(in_time))) > days, F.lit(False))
    return rows.withColumn("_new", is_new.cast("int")).withColumn("_turn", F.sum("_new").over(in_time)).drop("_new")


@dataclass(frozen=True)
class _MatchCounts:
    """How many of the new rows meet an old one of their key, and how many of those are of the old one's own batch."""

    rows: int
    own: int
    conflicts: int
    better: int


class _ExistingRows:
    """The rows already in the table that new ones may meet."""

    def __init__(self, table: Table[...], rows: DataFrame, winners: DataFrame) -> None:
        self._rows = rows
        self._table = table
        self.where = self._near(winners)

    def meeting(self, winners: DataFrame) -> DataFrame:
        """Each new row, as `s`, with the old one of its key, as `t`: of both only what decides between them."""
        new, old = self._decisive(winners, self._rows.alias("t").where(self.where))
        return new.alias("s").join(old.alias("t"), F.expr(_same(self._table)), "inner")

    def meeting_of_many(self, winners: DataFrame, stage: StagingArea) -> DataFrame:
        """The same in memory that grows with the rows that meet, not with all: their keys' hashes are found first."""
        new, old = self._decisive(winners, self._rows.alias("t").where(self.where))
        key = F.xxhash64(*self._table.key).alias("key")
        sides = new.select(key, F.lit(1).alias("side")).unionAll(old.select(key, F.lit(2).alias("side")))
        seen = sides.groupBy("key").agg(F.min("side").alias("first"), F.max("side").alias("last"))
        both = stage.materialize(seen.where("first < last").select(F.col("key").alias("_key")), "hashes")
        new, old = (rows.join(F.broadcast(both), on=key == F.col("_key"), how="semi") for rows in (new, old))
        return new.alias("s").join(old.alias("t"), F.expr(_same(self._table)), "inner")

    def _decisive(self, *sides: DataFrame) -> list[DataFrame]:
        names = [*self._table.key, _write(self._table).order_by, HASH, "batch_id", *self._table.partition_by]
        return [rows.select(*dict.fromkeys(names)) for rows in sides]

    def _near(self, winners: DataFrame) -> str:
        """Which partitions of the table can hold repeats of the new rows."""
        days = _write(self._table).dedup_window_days
        if days is None:
            return "true"
        day = self._table.partition_by[0]
        span = winners.agg(F.date_sub(F.min(day), days).alias("first"), F.date_add(F.max(day), days).alias("last"))
        found = span.collect()[0]
        return f"t.{day} >= DATE '{found.first}' AND t.{day} <= DATE '{found.last}'"


def _facts(table: Table[...]) -> list[Column]:
    """Of a new row and the old one of its key: the key, and what one is to the other."""
    is_same = F.col("s.payload_hash") == F.col("t.payload_hash")
    is_own = is_same & (F.col("s.batch_id") == F.col("t.batch_id"))
    keys = [F.col(f"s.{name}").alias(name) for name in _identity(table)]
    keys += [F.col(f"t.{name}").alias(f"_{name}") for name in _identity(table)[len(table.key) :]]
    return [*keys, is_own.alias("_own"), (~is_same).alias("_differs"), F.expr(_beats(table)).alias("_better")]


def _days_of(table: Table[...], pairs: DataFrame) -> str:
    """Which partitions hold the old rows of the pairs."""
    if _write(table).dedup_window_days is None:
        return "true"
    day = table.partition_by[0]
    found = pairs.select(f"_{day}").distinct().collect()
    days = sorted(f"DATE '{row[0]}'" for row in found)
    return f"t.{day} IN ({', '.join(days)})"


def _counted(table: Table[...], pairs: DataFrame) -> _MatchCounts:
    """A new row may meet two old ones, as long before the one as after the other: it counts once."""
    counts = {"own": "_own", "conflicts": "_differs", "better": "_better"}
    by_row = pairs.groupBy(*_identity(table)).agg(*[F.count_if(name).alias(what) for what, name in counts.items()])
    found = by_row.agg(F.count("*").alias("rows"), *[F.count_if(F.col(what) > 0).alias(what) for what in counts])
    return _MatchCounts(**found.collect()[0].asDict())


def _identity(table: Table[...]) -> list[str]:
    """What tells one winner from another: the key, and the day where a key may come again after `within_days`."""
    return [*table.key, *(table.partition_by[:1] if _write(table).dedup_window_days is not None else ())]


def _those(table: Table[...], rows: DataFrame, pairs: DataFrame, how: str) -> DataFrame:
    """The rows that are among the pairs (semi) or not (anti)."""
    names = _identity(table)
    return rows.join(F.broadcast(pairs.select(*names).distinct()), on=names, how=how).select(*rows.columns)


def _write(table: Table[...]) -> Upsert:
    assert isinstance(table.write, Upsert)
    return table.write


def _order(table: Table[...]) -> list[Column]:
    write = _write(table)
    direction = F.asc if write.keep == "first" else F.desc
    return [direction(write.order_by), direction(HASH)]


def _same(table: Table[...]) -> str:
    same = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    days = _write(table).dedup_window_days
    if days is None:
        return same
    day = table.partition_by[0]
    return f"{same} AND abs(datediff(t.{day}, s.{day})) <= {days}"


def _beats(table: Table[...]) -> str:
    write = _write(table)
    sign, time = ("<" if write.keep == "first" else ">"), write.order_by
    return f"(s.{time} {sign} t.{time} OR (s.{time} = t.{time} AND s.{HASH} {sign} t.{HASH}))"


def _merge(session: SparkSession, table: Table[...], place: TableLocation, rows: DataFrame, where: str) -> None:
    """Put the rows into the table: those of new keys, and those that beat the old one of theirs."""
    view = f"shoplake_upsert_{uuid.uuid4().hex}"
    rows.createOrReplaceTempView(view)
    retry_on_conflict(lambda: session.sql(_merging(table, place, view, where)).collect())
    session.catalog.dropTempView(view)


def _merging(table: Table[...], place: TableLocation, view: str, where: str) -> str:
    names = [column.name for column in table.columns]
    values = ", ".join(f"s.{name}" for name in names)
    changes = ", ".join(f"{name} = s.{name}" for name in names)
    return (
        f"MERGE INTO {place.sql} AS t USING {view} AS s ON {_same(table)} AND {where} "
        f"WHEN MATCHED AND {_beats(table)} THEN UPDATE SET {changes} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(names)}) VALUES ({values})"
    )
