"""Tables as Delta on a path, read and written through a Spark Connect session: the same on Sail and on Spark."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import History, Replace, Rework, Upsert
from shoplake.engine import log, reader, refill, rework
from shoplake.engine.apart import apart
from shoplake.engine.changes import Changes, between
from shoplake.engine.maintenance import ByLog, BySql
from shoplake.engine.offer import SAIL
from shoplake.engine.place import Folder, Named, in_lake
from shoplake.engine.protocol import Written
from shoplake.engine.schema import check_schema
from shoplake.engine.stage import Stage
from shoplake.engine.upsert import one_a_key, upsert
from shoplake.engine.versions import Versions, first_told
from shoplake.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.landing import Batch
    from shoplake.engine.maintenance import Maintenance
    from shoplake.engine.offer import Offer
    from shoplake.engine.place import Place

WORKERS = 2
"""How many tasks read files at once."""


class DeltaEngine:
    """Tables at `<lake>/<layer>/<table>`. One writer at a time."""

    def __init__(self, session: SparkSession, lake: str, offer: Offer = SAIL, catalog: str | None = None) -> None:
        self.session, self.lake, self.offer = session, lake.rstrip("/"), offer
        self._catalog = catalog
        self._places: dict[str, Place] = {}
        self.maintenance: Maintenance = BySql(session) if offer.has_maintenance else ByLog()

    def place(self, table: Table[...]) -> Place:
        """Where the table lies: in the lake, or where the catalog keeps it; the ledger's always in the lake."""
        if table.path not in self._places:
            name = f"{self._catalog}.{table.layer}.{table.name}"
            folder = Folder(self.session, f"{self.lake}/{table.path}", self.offer)
            self._places[table.path] = folder if in_lake(table, self._catalog) else Named(self.session, name)
        return self._places[table.path]

    def at(self, table: Table[...]) -> str:
        """The folder that the table lies in."""
        return self.place(table).at

    def stage(self, table: Table[...]) -> Stage:
        """A folder for the rows of one write of the table, kept the way the engine honours."""
        return Stage(self.session, self.lake, table, self.offer)

    def forget(self, table: Table[...], batch: str) -> None:
        """Take out of a bronze table what an earlier attempt at a batch left that has no files for it now."""
        self.place(table).forget([batch])

    def ensure(self, table: Table[...]) -> None:
        """Make the table and those beside it, without rows, unless they are there."""
        self.place(table).ensure(table)
        for each in table.beside:
            self.place(each).ensure(each)

    def read(self, table: Table[...]) -> DataFrame:
        """All rows as they now stand; no rows if nothing was ever written."""
        return self.place(table).read()

    def read_batches(self, table: Table[...], batches: Collection[str]) -> DataFrame:
        """The rows of a bronze table that arrived in `batches`."""
        return self.read(table).where(F.col("batch_id").isin(sorted(batches)))

    def rows(self, table: Table[...]) -> int:
        """How many rows the table has, by its log."""
        return log.rows(self.at(table))

    def version(self, table: Table[...]) -> int:
        """The number of the table's last commit."""
        return log.version(self.at(table))

    def land(self, table: Table[...], batch: Batch) -> Written:
        """Take the records of the batch's files into the bronze table, in place of an earlier attempt's."""
        files = sorted(batch.into(table.name), key=lambda file: -file.size)
        given = [(file.feed, file.path, file.name, file.stream.format) for file in files]
        listed = self.session.createDataFrame(given, reader.FILES).repartition(min(WORKERS, len(files)))
        arrival = {"batch_id": F.lit(batch.id), "ingested_at": F.lit(batch.ingested_at).cast("timestamp")}
        records = listed.mapInArrow(reader.read_files, reader.RECORDS).withColumns(arrival)
        self._append(table, records.select(*[column.name for column in table.columns]), [batch.id])
        landed = self.read_batches(table, [batch.id]).count()
        return Written(landed, landed)

    def write(self, table: Table[...], rows: DataFrame, *, slices: Collection[object] | None = None) -> Written:
        """Take `rows` into `table` the way it declares, bad rows into its quarantine.

        `slices` are the values of a replaced table's `by` column to put in place; None means all of it.
        """
        check_schema(table, rows)
        if not isinstance(table.write, Upsert | History) and table.quarantine is None:
            return self._replace(table, rows, slices)
        with self.stage(table) as stage:
            written = stage.judge(rows)
            if isinstance(table.write, Replace):
                self._put_aside(table, stage)
                count = self._replace(table, stage.good().distinct(), None).good
                return replace(written, good=count, duplicates=written.good - count)
            if table.quarantine is not None and written.quarantined:
                self._append(table.quarantine, stage.bad(table.quarantine), stage.bad_batches())
            if table.changelog is not None:
                return self._versions(table, table.changelog).take_in(stage, written)
            return upsert(self.session, table, self.place(table), stage, written)

    def rebuild(self, table: Table[...], rows: DataFrame, days: Callable[[str], bool] | None = None) -> Written:
        """Put the rows of an upserted table or a history, made of all of bronze, in place of those that are there.

        With `days`, only the partitions of those days for which it is true; the others' files stay as they are.
        """
        check_schema(table, rows)
        with self.stage(table) as stage:
            judged = stage.judge(rows)
            if table.changelog is not None:
                self._put_aside(table, stage)
                return self._versions(table, table.changelog).rebuild(stage, judged)
            winners, written = one_a_key(table, stage, judged)
            if days is None:
                self._put_aside(table, stage)
                self._put(table, winners)
                return written
            by = table.partition_by[0]
            known = {str(row[0]) for row in winners.select(by).distinct().collect()} | self.partitions(table, by)
            chosen = sorted(day for day in known if days(day))
            if not chosen:
                return Written(0, 0)
            is_chosen = F.col(by).isin([F.lit(day).cast("date") for day in chosen])
            rebuilt = winners.where(is_chosen)
            self._replace(table, rebuilt, chosen, by)
            count = rebuilt.count()
            return Written(count, count)

    def refill(self, table: Table[...], rows: DataFrame, feeds: list[str], days: Collection[str] | None) -> Written:
        """Put the judged rows of `feeds` in place of theirs in an upserted table on `days` (None: all) that differ."""
        check_schema(table, rows)
        with self.stage(table) as stage:
            change = refill.change(table, stage.keep(rows, "new"), self.read(table), feeds, days)
            if not change.days:
                return Written(0, 0)
            self._replace(table, change.rows, change.days, table.partition_by[0])
            count = change.new.count()
            return Written(count, count, broken=stage.warned(change.new))

    def rework(
        self, table: Table[...], upstream: Table[...], changed: DataFrame, build: Callable[[DataFrame], DataFrame]
    ) -> Written:
        """Build again the rows of `table` that rows of `upstream` which are new, gone or in question touch."""
        write = table.write
        if not isinstance(write, Rework):
            raise DeclarationError(f"{table.layer}.{table.name} is not declared to be reworked.")
        old = self.read(table)
        with self.stage(table) as stage:
            spans = stage.keep(rework.touched(old, changed.where(write.only), write), "spans")
            if spans.isEmpty():
                return Written(0, 0)
            rows = build(rework.within(self.read(upstream).where(write.only), spans, write))
            check_schema(table, rows)
            new = stage.keep(rows, "new")
            days = rework.days(old, new, spans, write)
            kept = rework.untouched(old.where(F.col(write.by).isin(list(days))), spans, write)
            self._replace(table, kept.select(*new.columns).unionAll(new), days)
            built = new.count()
        return Written(built, built)

    def changes(self, table: Table[...], since: int) -> Changes | None:
        """What commits after version `since` changed; None where the log no longer says, or the files are gone."""
        found = between(self.at(table), since, self.version(table))
        return found if found is not None and log.are_there(self.at(table), found.files) else None

    def compact(self, table: Table[...]) -> None:
        """Put the small files of a table together where many have gathered; its rows stay as they are."""
        for each in (table, *table.beside):
            log.compact(self.at(each), each.partition_by)

    def partitions(self, table: Table[...], column: str) -> set[str]:
        """The values of a partition column that the table holds, as text."""
        return log.partitions(self.at(table), column)

    def changed_from(self, table: Table[...], changes: Changes) -> datetime | None:
        """The first moment at which a history says something else after some changes; None if it says the same."""
        found = [first_told(rows) for rows in apart(self.session, table, changes)]
        return min((moment for moment in found if moment is not None), default=None)

    def changed_days(self, table: Table[...], changes: Changes, first: str, last: str) -> set[str]:
        """The days, from `first` to `last`, of the rows that are new or gone after some changes."""
        span = F.explode(F.sequence(F.col(first), F.col(last))).alias("day")
        found = [rows.select(span).distinct().collect() for rows in apart(self.session, table, changes)]
        return {str(row.day) for rows in found for row in rows}

    def changed_rows(self, table: Table[...], since: int) -> DataFrame | None:
        """The rows that are new or gone since a version, and maybe some that are neither.

        None where the log no longer says.
        """
        changes = self.changes(table, since)
        if changes is None:
            return None
        if not changes.files:
            return self.read(table).limit(0)
        stored = ", ".join(f"{each.name} {each.type}" for each in table.columns if each.name not in table.partition_by)
        return self.session.read.schema(stored).parquet(*changes.files)

    def _replace(
        self, table: Table[...], rows: DataFrame, slices: Collection[object] | None, by: str | None = None
    ) -> Written:
        by = by or getattr(table.write, "by", None)
        if slices is not None and by is not None:
            values = ", ".join(f"'{value}'" for value in sorted(map(str, slices)))
            within = rows.where(F.col(by).cast("string").isin(sorted(map(str, slices))))
            self._put(table, within, f"{by} IN ({values})")
        else:
            self._put(table, rows)
        count = self.rows(table)
        return Written(count, count)

    def _put_aside(self, table: Table[...], stage: Stage) -> None:
        """Put the bad rows in place of all that were set aside."""
        if table.quarantine is not None:
            self._put(table.quarantine, stage.bad(table.quarantine))

    def _versions(self, table: Table[...], changelog: Table[...]) -> Versions:
        return Versions(table, self.place(table), self.place(changelog))

    def _append(self, table: Table[...], rows: DataFrame, batches: Collection[str]) -> None:
        """Add the rows of batches in place of those that an earlier attempt at them left."""
        place = self.place(table)
        place.forget(batches)
        place.append(rows, ["batch_id"])

    def _put(self, table: Table[...], rows: DataFrame, where: str | None = None) -> None:
        """Put the rows in place of those `where` it says, or of all, in one commit."""
        self.place(table).put(rows, table.partition_by, where)
