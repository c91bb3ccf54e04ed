"""Tables as Delta on a path, read and written through a Spark Connect session: the same on Sail and on Spark."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import History, Replace, Rework, Upsert
from shoplake.engine.ingest import record_reader
from shoplake.engine.protocol import Written
from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.storage import delta_log
from shoplake.engine.write.modes import overwrite, session_window
from shoplake.engine.write.modes.scd2 import Versions
from shoplake.engine.write.modes.upsert import one_a_key, upsert
from shoplake.engine.write.schema_check import Schemas, check_schema
from shoplake.engine.write.staging import RETURNED, Stage
from shoplake.engine.write.table_reader import Tables
from shoplake.errors import DeclarationError
from shoplake.operations.table_maintenance import ByLog, BySql

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch
    from shoplake.engine.session.capabilities import Offer
    from shoplake.operations.table_maintenance import Maintenance

WORKERS = 2
"""How many tasks read files at once."""
LARGE = 16 << 20
"""Bytes; the records of a file that is larger than this and all others are dealt out, so that none works alone."""


class DeltaEngine(Tables):
    """Tables that lie in a lake or a catalog, and are written there. One writer at a time."""

    def __init__(self, session: SparkSession, lake: str, offer: Offer = SAIL, catalog: str | None = None) -> None:
        super().__init__(session, lake, offer, catalog)
        self._schemas = Schemas()
        self.maintenance: Maintenance = BySql(session) if offer.has_maintenance else ByLog()

    def stage(self, table: Table[...]) -> Stage:
        """A folder for the rows of one write of the table, kept the way the engine honours."""
        return Stage(self.session, self.lake, table, self.offer, self._schemas)

    def forget(self, table: Table[...], batch: str) -> None:
        """Take out of a bronze table what an earlier attempt at a batch left that has no files for it now."""
        self.place(table).forget([batch])

    def ensure(self, table: Table[...]) -> None:
        """Make the table and those beside it, without rows, unless they are there."""
        self.place(table).ensure(table)
        for each in table.beside:
            self.place(each).ensure(each)

    def land(self, table: Table[...], batch: Batch) -> Written:
        """Take the records of the batch's files into the bronze table, in place of an earlier attempt's."""
        files = sorted(batch.into(table.name), key=lambda file: -file.size)
        given = [(file.feed, file.path, file.name, file.stream.format) for file in files]
        listed = self.session.createDataFrame(given, record_reader.FILES).repartition(min(WORKERS, len(files)))
        arrival = {"batch_id": F.lit(batch.id), "ingested_at": F.lit(batch.ingested_at).cast("timestamp")}
        records = listed.mapInArrow(record_reader.read_files, record_reader.RECORDS).withColumns(arrival)
        if files[0].size > max(LARGE, sum(file.size for file in files[1:])):
            records = records.repartition(WORKERS)
        self._append(table, records.select(*[column.name for column in table.columns]), [batch.id])
        landed = delta_log.rows(self.at(table), batch.id)
        return Written(landed, landed)

    def write(self, table: Table[...], rows: DataFrame, *, slices: Collection[object] | None = None) -> Written:
        """Take `rows` into `table` the way it declares, bad rows into its quarantine.

        `slices` are the values of a replaced table's `by` column to put in place; None means all of it.
        """
        self._check(table, rows)
        if not isinstance(table.write, Upsert | History) and table.quarantine is None:
            return self._replace(table, rows, slices)
        with self.stage(table) as stage:
            written = stage.judge(rows)
            if isinstance(table.write, Replace):
                self._put_aside(table, stage)
                count = self._replace(table, stage.good().distinct(), None).good
                return replace(written, good=count, duplicates=written.good - count)
            if table.quarantine is not None and written.quarantined:
                self._append(table.quarantine, stage.bad(table.quarantine), stage.bad_batches)
            if table.changelog is not None:
                return self._versions(table, table.changelog).take_in(stage, written)
            return upsert(self.session, table, self.place(table), stage, written)

    def add(self, table: Table[...], rows: DataFrame) -> Written:
        """Add rows that are new to a table whose rows are each made of one of another."""
        self._check(table, rows)
        before = self.rows(table)
        self.place(table).append(rows, table.partition_by)
        count = self.rows(table) - before
        return Written(count, count)

    def rebuild(self, table: Table[...], rows: DataFrame, days: Callable[[str], bool] | None = None) -> Written:
        """Put the rows of an upserted table or a history, made of all of bronze, in place of those that are there.

        With `days`, only the partitions of those days for which it is true; the others' files stay as they are.
        """
        self._check(table, rows)
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
        self._check(table, rows)
        with self.stage(table) as stage:
            change = overwrite.change(table, stage.keep(rows, "new"), self.read(table), feeds, days)
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
            spans = stage.keep(session_window.touched(old, changed.where(write.only), write), "spans")
            if not stage.count("spans"):
                return Written(0, 0)
            rows = build(session_window.within(self.read(upstream).where(write.only), spans, write))
            self._check(table, rows)
            change = session_window.change(old, stage.keep(rows, "new"), spans, write)
            if not change.days:
                return Written(0, 0)
            self._replace(table, change.rows, change.days)
            built = change.new.count()
        return Written(built, built)

    def compact(self, table: Table[...]) -> None:
        """Put the small files of a table together where many have gathered; its rows stay as they are."""
        for each in (table, *table.beside):
            delta_log.compact(self.at(each), each.partition_by)

    def _check(self, table: Table[...], rows: DataFrame) -> None:
        check_schema(table, self._schemas.of(table, RETURNED, rows))

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
