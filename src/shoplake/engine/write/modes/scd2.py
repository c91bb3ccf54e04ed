"""The versions of a history, from the changes it is told: in whatever order, of only the keys that they touch.

Beside the versions lies the changelog, all distinct changes, those that changed nothing among them: without these a
late change could not find its place. What was true of a key just before its earliest new change is the version that
stands there; from that moment on all its changes are read and its versions made again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import CHANGELOG_COLUMNS, Scd2
from shoplake.engine.storage import delta_log
from shoplake.engine.storage.sync import sync_lake
from shoplake.errors import DeclarationError
from shoplake.transforms.scd2 import build_scd2, month

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Table
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.staging import StagingArea
    from shoplake.engine.write.table_location import TableLocation

MONTH = "valid_to_month"
SINCE = "_since"


@dataclass(frozen=True)
class Scd2Writer:
    """The versions of a history and its changelog, where they lie."""

    table: Table[...]
    place: TableLocation
    changelog: TableLocation

    def merge(self, stage: StagingArea, written: WriteResult) -> WriteResult:
        """Take the good changes of `stage` in: the versions first, the changelog after.

        If it ends between the two, the changes are still new to the changelog and the same versions are made again.
        """
        fresh, counted = self._fresh(stage, written)
        if fresh is None:
            return counted
        if delta_log.row_count(self.place.path) == 0 and delta_log.row_count(self.changelog.path) == 0:
            self._put(self._made(fresh))
        else:
            self._remake(stage, fresh)
        sync_lake(self.place.path)  # the changelog must not outlive the versions in a power cut
        self._add(fresh)
        return counted

    def full_refresh(self, stage: StagingArea, written: WriteResult) -> WriteResult:
        """Put versions and changelog made of the good changes of `stage` in place of those that are there."""
        told = stage.materialize(self._distinct(stage.valid_with_batch()), "told")
        self._put(self._made(told))
        self.changelog.overwrite(told, ["changed_month"])
        good = delta_log.row_count(self.changelog.path)
        return replace(written, rows_written=good, rows_duplicate=written.rows_written - good)

    def _fresh(self, stage: StagingArea, written: WriteResult) -> tuple[DataFrame | None, WriteResult]:
        """The changes that the changelog does not know, and the counts; None if it knows them all."""
        told = stage.materialize(self._distinct(stage.valid_with_batch()), "told")
        span = told.agg(F.count("*").alias("n"), F.min("changed_month").alias("lo"), F.max("changed_month").alias("hi"))
        found = span.collect()[0]
        counted = replace(written, rows_written=found.n, rows_duplicate=written.rows_written - found.n)
        if not found.n or delta_log.row_count(self.changelog.path) == 0:
            return (told if found.n else None), counted
        near = F.col("changed_month").between(F.lit(found.lo), F.lit(found.hi))
        known = self._log().where(near).select(*[F.col(name).alias(f"_{name}") for name in self._names], "batch_id")
        met = told.select(*self._names, F.col("batch_id").alias("_own")).join(known, on=self._is_told(), how="inner")
        again = stage.materialize(
            met.select(*known.columns[:-1], (F.col("batch_id") == F.col("_own")).alias("own")), "again"
        )
        repeats = again.count()
        if not repeats:
            return told, counted
        own = again.where("own").count()
        others = repeats - own
        counted = replace(
            counted, rows_written=counted.rows_written - others, rows_duplicate=counted.rows_duplicate + others
        )
        fresh = stage.materialize(told.join(again, on=self._is_told(), how="anti"), "fresh")
        return (None if fresh.isEmpty() else fresh), counted

    def _remake(self, stage: StagingArea, fresh: DataFrame) -> None:
        """Make the versions of the touched keys again, each from its earliest new change on."""
        write = self._write
        touched = stage.materialize(fresh.groupBy(*self._key).agg(F.min(write.effective_at).alias(SINCE)), "touched")
        first = touched.agg(F.trunc(F.min(SINCE).cast("date"), "month")).collect()[0][0]
        later = self._log().where(F.col("changed_month") >= F.lit(first)).join(F.broadcast(touched), on=self._key)
        told = later.where(F.col(write.effective_at) >= F.col(SINCE)).select(*self._names)
        recent = self._versions().where(F.col(MONTH).isNull() | (F.col(MONTH) >= F.lit(first)))
        reached = recent.join(F.broadcast(touched), on=self._key)
        reaches = F.col("valid_to").isNull() | (F.col("valid_to") >= F.col(SINCE))
        old = stage.materialize(reached.where(reaches), "old")
        said_before = self._as_changes(old.where(F.col("valid_from") < F.col(SINCE)))
        new = stage.materialize(self._made(reduce(_union, (said_before, told, fresh.select(*self._names)))), "new")
        months = _months(old.select(*new.columns), new)
        if months:
            here = self._versions().where(_in(months))
            gone = old.select(*self._key, "valid_from")
            kept = here.join(F.broadcast(gone), on=[*self._key, "valid_from"], how="anti").select(*new.columns)
            self._put(kept.unionAll(new.where(_in(months))), _said(months))

    def _made(self, changes: DataFrame) -> DataFrame:
        versions = build_scd2(changes.select(*self._names), self._key, self._write)
        return versions.select(*[column.name for column in self.table.columns])

    def _as_changes(self, versions: DataFrame) -> DataFrame:
        """Versions as changes that said everything at the moment they began."""
        types = {column.name: column.type for column in self.table.change_columns}
        unsaid = {name: F.lit(None).cast(types[name]) for name in self._write.controls}
        return versions.withColumns({self._write.effective_at: F.col("valid_from"), **unsaid}).select(*self._names)

    def _distinct(self, changes: DataFrame) -> DataFrame:
        """Each change once, filed under its month, with the first batch that it came in."""
        first = [F.min(name).alias(name) for name in ("batch_id", "ingested_at")]
        once = changes.groupBy(*self._names).agg(*first)
        filed = once.withColumn("changed_month", month(self._write.effective_at))
        return filed.select(*self._names, *[column.name for column in CHANGELOG_COLUMNS])

    def _is_told(self) -> Column:
        """Whether two changes, the columns of one with `_` before their names, say the same."""
        told_by = (*self._key, self._write.effective_at)
        same = reduce(lambda one, other: one & other, [F.col(name) == F.col(f"_{name}") for name in told_by])
        rest = [name for name in self._names if name not in told_by]
        return reduce(lambda one, other: one & other, [F.col(f"_{n}").eqNullSafe(F.col(n)) for n in rest], same)

    def _versions(self) -> DataFrame:
        return self.place.read()

    def _log(self) -> DataFrame:
        return self.changelog.read()

    def _put(self, rows: DataFrame, where: str | None = None) -> None:
        """Put versions in place of those of the months `where` says, or of all, in one commit."""
        self.place.overwrite(rows, [MONTH], where)

    def _add(self, changes: DataFrame) -> None:
        """Add changes to the changelog."""
        self.changelog.append(changes, ["changed_month"])

    @property
    def _key(self) -> list[str]:
        return [name for name in self.table.key if name != "valid_from"]

    @property
    def _names(self) -> list[str]:
        return [column.name for column in self.table.change_columns]

    @property
    def _write(self) -> Scd2:
        if not isinstance(self.table.write, Scd2):
            raise DeclarationError(f"{self.table.qualified_name} is not declared to be a history.")
        return self.table.write


def first_changed_at(apart: DataFrame) -> datetime | None:
    """The first moment of which versions that came and went say something else; None if there are none.

    Of a version that only ends at another time that is the sooner of the two ends.
    """
    said = [name for name in apart.columns if name not in ("valid_to", "is_current", MONTH)]
    both = apart.groupBy(*said).agg(F.count("*").alias("times"), F.min("valid_to").alias("ended"))
    differs = F.when(F.col("times") > 1, F.col("ended")).otherwise(F.col("valid_from"))
    found: datetime | None = both.agg(F.min(differs)).collect()[0][0]
    return found


def _union(one: DataFrame, other: DataFrame) -> DataFrame:
    return one.unionAll(other)


def _months(old: DataFrame, new: DataFrame) -> set[str | None]:
    """The months under which versions that go or come are filed; None for those that stand."""
    either = old.exceptAll(new).unionAll(new.exceptAll(old))
    return {None if row[0] is None else str(row[0]) for row in either.select(MONTH).distinct().collect()}


def _in(months: Collection[str | None]) -> Column:
    ended = F.col(MONTH).isin([F.lit(each).cast("date") for each in sorted(m for m in months if m is not None)])
    return F.coalesce(ended, F.lit(False)) | (F.col(MONTH).isNull() & F.lit(None in months))


def _said(months: Collection[str | None]) -> str:
    ended = ", ".join(f"'{each}'" for each in sorted(m for m in months if m is not None))
    said = [f"{MONTH} IN ({ended})"] if ended else []
    return " OR ".join([*said, f"{MONTH} IS NULL"] if None in months else said)
