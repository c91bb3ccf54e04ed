"""Tables as Delta on a path, read and written through a Spark Connect session: the same on Sail and on Spark."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import Replace, Scd2, SessionWindow, Upsert
from shoplake.engine.ingest import record_reader
from shoplake.engine.protocol import WriteResult
from shoplake.engine.session.capabilities import SAIL
from shoplake.engine.storage import delta_log
from shoplake.engine.write.modes import overwrite, session_window
from shoplake.engine.write.modes.scd2 import Scd2Writer
from shoplake.engine.write.modes.upsert import deduplicate, upsert
from shoplake.engine.write.schema_check import SchemaCache, check_schema
from shoplake.engine.write.staging import RETURNED, StagingArea
from shoplake.engine.write.table_reader import DeltaTableReader
from shoplake.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch
    from shoplake.engine.session.capabilities import EngineCapabilities

WORKERS = 2
"""How many tasks read files at once."""
LARGE = 16 << 20
"""Bytes; the records of a file that is larger than this and all others are dealt out, so that none works alone."""


class DeltaEngine(DeltaTableReader):
    """Tables that lie in a lake or a catalog, and are written there. One writer at a time."""

    def __init__(
        self, session: SparkSession, lake: str, offer: EngineCapabilities = SAIL, catalog: str | None = None
    ) -> None:
        super().__init__(session, lake, offer, catalog)
        self._schemas = SchemaCache()

    def staging(self, table: Table[...]) -> StagingArea:
        """A folder for the rows of one write of the table, kept the way the engine honours."""
        return StagingArea(self.session, self.lake, table, self.capabilities, self._schemas)

    def delete_batch(self, table: Table[...], batch: str) -> None:
        """Take out of a bronze table what an earlier attempt at a batch left that has no files for it now."""
        self.location(table).delete_batches([batch])

    def create_if_missing(self, table: Table[...]) -> None:
        """Make the table and those beside it, without rows, unless they are there."""
        self.location(table).create_if_missing(table)
        for each in table.companion_tables:
            self.location(each).create_if_missing(each)

    def ingest(self, table: Table[...], batch: Batch) -> WriteResult:
        """Take the records of the batch's files into the bronze table, in place of an earlier attempt's."""
        files = sorted(batch.into(table.name), key=lambda file: -file.size)
        given = [(file.feed, file.path, file.name, file.stream.format) for file in files]
        listed = self.session.createDataFrame(given, record_reader.FILES).repartition(min(WORKERS, len(files)))
        arrival = {"batch_id": F.lit(batch.id), "ingested_at": F.lit(batch.ingested_at).cast("timestamp")}
        records = listed.mapInArrow(record_reader.read_files, record_reader.RECORDS).withColumns(arrival)
        if files[0].size > max(LARGE, sum(file.size for file in files[1:])):
            records = records.repartition(WORKERS)
        self._append(table, records.select(*[column.name for column in table.columns]), [batch.id])
        landed = delta_log.row_count(self.path(table), batch.id)
        return WriteResult(landed, landed)

    def write(self, table: Table[...], rows: DataFrame, *, slices: Collection[object] | None = None) -> WriteResult:
        """Take `rows` into `table` the way it declares, bad rows into its quarantine.

        `slices` are the values of a replaced table's `by` column to put in place; None means all of it.
        """
        self._check(table, rows)
        if not isinstance(table.write, Upsert | Scd2) and table.quarantine is None:
            return self._replace(table, rows, slices)
        with self.staging(table) as stage:
            written = stage.evaluate(rows)
            if isinstance(table.write, Replace):
                self._put_aside(table, stage)
                count = self._replace(table, stage.valid().distinct(), None).rows_written
                return replace(written, rows_written=count, rows_duplicate=written.rows_written - count)
            if table.quarantine is not None and written.rows_quarantined:
                self._append(table.quarantine, stage.invalid(table.quarantine), stage.invalid_batches)
            if table.changelog is not None:
                return self._versions(table, table.changelog).merge(stage, written)
            return upsert(self.session, table, self.location(table), stage, written)

    def append(self, table: Table[...], rows: DataFrame) -> WriteResult:
        """Add rows that are new to a table whose rows are each made of one of another."""
        self._check(table, rows)
        before = self.row_count(table)
        self.location(table).append(rows, table.partition_by)
        count = self.row_count(table) - before
        return WriteResult(count, count)

    def full_refresh(
        self, table: Table[...], rows: DataFrame, days: Callable[[str], bool] | None = None
    ) -> WriteResult:
        """Put the rows of an upserted table or a history, made of all of bronze, in place of those that are there.

        With `days`, only the partitions of those days for which it is true; the others' files stay as they are.
        """
        self._check(table, rows)
        with self.staging(table) as stage:
            judged = stage.evaluate(rows)
            if table.changelog is not None:
                self._put_aside(table, stage)
                return self._versions(table, table.changelog).full_refresh(stage, judged)
            winners, written = deduplicate(table, stage, judged)
            if days is None:
                self._put_aside(table, stage)
                self._overwrite(table, winners)
                return written
            by = table.partition_by[0]
            known = {str(row[0]) for row in winners.select(by).distinct().collect()} | self.partitions(table, by)
            chosen = sorted(day for day in known if days(day))
            if not chosen:
                return WriteResult(0, 0)
            is_chosen = F.col(by).isin([F.lit(day).cast("date") for day in chosen])
            rebuilt = winners.where(is_chosen)
            self._replace(table, rebuilt, chosen, by)
            count = rebuilt.count()
            return WriteResult(count, count)

    def overwrite_feed(
        self, table: Table[...], rows: DataFrame, feeds: list[str], days: Collection[str] | None
    ) -> WriteResult:
        """Put the judged rows of `feeds` in place of theirs in an upserted table on `days` (None: all) that differ."""
        self._check(table, rows)
        with self.staging(table) as stage:
            change = overwrite.partition_change(table, stage.materialize(rows, "new"), self.read(table), feeds, days)
            if not change.days:
                return WriteResult(0, 0)
            self._replace(table, change.rows, change.days, table.partition_by[0])
            count = change.new.count()
            return WriteResult(count, count, violations=stage.warning_counts(change.new))

    def recompute_sessions(
        self, table: Table[...], upstream: Table[...], changed: DataFrame, build: Callable[[DataFrame], DataFrame]
    ) -> WriteResult:
        """Build again the rows of `table` that rows of `upstream` which are new, gone or in question touch."""
        write = table.write
        if not isinstance(write, SessionWindow):
            raise DeclarationError(f"{table.qualified_name} is not declared to be reworked.")
        old = self.read(table)
        with self.staging(table) as stage:
            spans = stage.materialize(session_window.touched_spans(old, changed.where(write.filter), write), "spans")
            if not stage.count("spans"):
                return WriteResult(0, 0)
            rows = build(session_window.rows_within(self.read(upstream).where(write.filter), spans, write))
            self._check(table, rows)
            change = session_window.session_change(old, stage.materialize(rows, "new"), spans, write)
            if not change.days:
                return WriteResult(0, 0)
            self._replace(table, change.rows, change.days)
            built = change.new.count()
        return WriteResult(built, built)

    def compact(self, table: Table[...], max_files: int = delta_log.MANY_FILES) -> None:
        """Compact partitions of more than `max_files` small files, of the table and its companion tables."""
        for each in (table, *table.companion_tables):
            delta_log.compact(self.path(each), each.partition_by, max_files)

    def _check(self, table: Table[...], rows: DataFrame) -> None:
        check_schema(table, self._schemas.of(table, RETURNED, rows))

    def _replace(
        self, table: Table[...], rows: DataFrame, slices: Collection[object] | None, by: str | None = None
    ) -> WriteResult:
        by = by or getattr(table.write, "partition_by", None)
        if slices is not None and by is not None:
            values = ", ".join(f"'{value}'" for value in sorted(map(str, slices)))
            within = rows.where(F.col(by).cast("string").isin(sorted(map(str, slices))))
            self._overwrite(table, within, f"{by} IN ({values})")
        else:
            self._overwrite(table, rows)
        count = self.row_count(table)
        return WriteResult(count, count)

    def _put_aside(self, table: Table[...], stage: StagingArea) -> None:
        """Put the bad rows in place of all that were set aside."""
        if table.quarantine is not None:
            self._overwrite(table.quarantine, stage.invalid(table.quarantine))

    def _versions(self, table: Table[...], changelog: Table[...]) -> Scd2Writer:
        return Scd2Writer(table, self.location(table), self.location(changelog))

    def _append(self, table: Table[...], rows: DataFrame, batches: Collection[str]) -> None:
        """Add the rows of batches in place of those that an earlier attempt at them left."""
        place = self.location(table)
        place.delete_batches(batches)
        place.append(rows, ["batch_id"])

    def _overwrite(self, table: Table[...], rows: DataFrame, where: str | None = None) -> None:
        """Put the rows in place of those `where` it says, or of all, in one commit."""
        self.location(table).overwrite(rows, table.partition_by, where)
