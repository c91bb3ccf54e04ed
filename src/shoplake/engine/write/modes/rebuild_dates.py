"""Dates of a table of records, rebuilt: the keys that have or get rows there are as a full refresh makes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.columns.json import key_as_json
from shoplake.engine.protocol import WriteResult
from shoplake.engine.write.row_diff import differing_partitions, differing_values
from shoplake.engine.write.table_writer import DeltaTableWriter

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from shoplake.engine.write.staging.staging_area import StagingArea
    from shoplake.engine.write.table_plan import DateRange

KEY = "_key"
"""The key of a record without its feed, as the quarantine has it: a JSON object."""


@dataclass(frozen=True)
class RebuiltDates:
    """The winners among all records, by the rules of now, of which the keys in some dates are written."""

    writer: DeltaTableWriter
    stage: StagingArea
    winners: DataFrame

    def write(self, dates: DateRange) -> WriteResult:
        """Overwrite the partitions in the dates, and what else has rows of their keys; the other files stay.

        Rules may have changed since the table was written, and its rows have been kept: a record may be invalid now,
        so that an older one of another date wins, or valid, and win over one of another date.
        """
        day, writer = self._day, self.writer
        known = {str(row[0]) for row in self.winners.select(day).distinct().collect()}
        days = sorted(filter(dates.includes, known | writer.tables.partitions(writer.table, day)))
        if not days:
            return WriteResult(0, 0)
        winners, stored, key = self.winners, writer.read(), self._key
        is_asked = F.col(day).isin([F.lit(each).cast("date") for each in days])
        asked = stored.where(is_asked).select(*key).unionAll(winners.where(is_asked).select(*key)).distinct()
        keys = self.stage.materialize(asked.withColumn(KEY, key_as_json(key[1:])), "keys")
        others = self._differing_days(stored.where(~is_asked), winners.where(~is_asked), keys)
        rows = winners.where(is_asked)
        if others:
            kept = _of(stored.where(self._is_in(others)), keys, key, "anti")
            moved = _of(winners.where(self._is_in(others)), keys, key, "semi")
            parts = [self.stage.materialize(each, name) for each, name in ((kept, "kept"), (moved, "moved"))]
            rows = reduce(lambda one, other: one.unionByName(other), parts, rows)
        judged = self._judged(keys)
        if judged is not None:
            self._write_quarantine(judged, keys, keeps_old=True)
        count, before = rows.count(), writer.row_count()
        writer.overwrite_partitions(self.stage, rows, [*days, *others], day)
        if judged is not None:
            self._write_quarantine(judged, keys, keeps_old=False)
        return WriteResult(count, count, rows_replaced=before + count - writer.row_count())

    @property
    def _day(self) -> str:
        return self.writer.table.partition_by[0]

    @property
    def _key(self) -> tuple[str, ...]:
        """The feed, and the key of a record in it."""
        return "feed", *self.writer.table.write.record_key(self.writer.table)

    def _is_in(self, days: list[str]) -> Any:
        return F.col(self._day).cast("string").isin(days)

    def _differing_days(self, stored: DataFrame, winners: DataFrame, keys: DataFrame) -> list[str]:
        """Return the days that were not asked for, and in which rows of the keys differ."""
        before, now = (_of(rows, keys, self._key, "semi") for rows in (stored, winners))
        return sorted(differing_partitions(before, now, self.writer.table.columns, self._day))

    def _judged(self, keys: DataFrame) -> DataFrame | None:
        """Return the invalid rows of the keys, materialized; None where the quarantine has just these."""
        quarantine = self.writer.table.quarantine
        if quarantine is None:
            return None
        names = [each.name for each in quarantine.columns]
        found = (self.writer.tables.read(quarantine), self.stage.invalid(quarantine))
        before, now = (_quarantined(rows.select(*names), keys, "semi") for rows in found)
        now = self.stage.materialize(now, "judged")
        return now if differing_values(before, now, quarantine.columns) else None

    def _write_quarantine(self, judged: DataFrame, keys: DataFrame, *, keeps_old: bool) -> None:
        """Put the invalid rows of the keys in the place of the old ones, or beside them.

        Interrupted before the table is written, a record that is invalid now is in both, and not in none.
        """
        quarantine = self.writer.table.quarantine
        assert quarantine is not None
        stored = self.writer.tables.read(quarantine).select(*judged.columns)
        others = stored if keeps_old else _quarantined(stored, keys, "anti")
        rows = self.stage.materialize(others.unionAll(judged).distinct(), f"quarantine-{keeps_old}")
        DeltaTableWriter(self.writer.tables, quarantine, self.writer.schemas).overwrite(rows)


def _of(rows: DataFrame, keys: DataFrame, key: tuple[str, ...], how: str) -> DataFrame:
    """Return the rows of the keys, or with `anti` all others, also those without a key."""
    chosen = keys.select(*[F.col(name).alias(f"_{name}") for name in key])
    is_same = [F.col(name) == F.col(f"_{name}") for name in key]
    return rows.join(chosen, on=reduce(and_, is_same), how=how)


def _quarantined(rows: DataFrame, keys: DataFrame, how: str) -> DataFrame:
    """Return the rows of a quarantine that are of the keys, or with `anti` all others."""
    chosen = keys.select(F.col("feed").alias("_feed"), KEY)
    return rows.join(chosen, on=(F.col("feed") == F.col("_feed")) & (F.col("record_key") == F.col(KEY)), how=how)
