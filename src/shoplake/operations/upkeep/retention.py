"""Deletes rows whose retention is over, and the landing files that they came from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.dataset as ds
from pyspark.sql import functions as F

from shoplake.declare.retention import days_kept, retention_column
from shoplake.engine import FILES, TABLE_RUNS, WriteResult, crash_points, has_expiry, is_remote, table_exists
from shoplake.operations.table_maintenance import maintenance_backend
from shoplake.pipeline.run_recorder import recorded
from shoplake.pipeline.run_result import ExpiredRows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import Offset, PipelineEngine, StateStore
    from shoplake.pipeline.run_result import ProgressListener


class Retention:
    """Deletes rows by the retention that tables declare; to write, the caller holds the lake's lease.

    A bronze table follows the tables that are made from it: where each declares a retention, the longest counts, by
    the time of arrival. The quarantine of a table follows the table. Tables that are made from expired rows keep what
    they made of them: rows that changed stay until these have read them.
    """

    def __init__(
        self, engine: PipelineEngine, catalog: Catalog, state: StateStore, feeds: Feeds, now: datetime | None = None
    ) -> None:
        self._engine, self._catalog, self._state, self._feeds = engine, catalog, state, feeds
        self._now = now or datetime.now(UTC)
        self._backend = maintenance_backend(engine)

    def plan(self) -> list[ExpiredRows]:
        """Return the tables with expired rows, bronze first. It writes nothing."""
        expired = []
        for table, before in self._limits():
            if table_exists(self._engine.path(table)) and (where := self._condition(table, before)):
                rows = self._engine.read(table).where(where).count()
                expired += [(table, rows, before)] if rows else []
        offsets = self._state.offsets() if expired else {}
        return [
            ExpiredRows(table.qualified_name, rows, before, self._behind(table, before, offsets))
            for table, rows, before in expired
        ]

    def execute(self, expired: Sequence[ExpiredRows], listener: ProgressListener | None = None) -> None:
        """Delete expired rows, one commit per table; a repetition deletes what an interrupted one has left."""
        tables = {table.qualified_name: table for table, _ in self._limits()}
        owners = {
            each.qualified_name: table for table in self._catalog.ordered for each in (*table.companion_tables, table)
        }
        unrecorded = self._unrecorded()
        due = [each for each in expired if not each.waits_for]
        if not due and not unrecorded:
            return
        with recorded(self._engine, self._state, listener) as recorder:
            for table, rows, before in unrecorded:
                with recorder.measure(table) as step:
                    recorder.record_expiration(table, rows, before.date())
                    step.result = WriteResult(0, 0, rows_replaced=rows)
            for each in due:
                table, owner = tables[each.table], owners[each.table]
                with recorder.measure(owner) as step:
                    deleted = self._expire(table, each.before)
                    recorder.record_expiration(table, deleted, each.before.date())
                    step.result = WriteResult(0, 0, rows_replaced=deleted if owner is table else 0)

    def _unrecorded(self) -> list[tuple[Table[...], int, datetime]]:
        """Return the tables from which an interrupted expiry deleted rows without a record, how many, and its limit."""
        last: dict[str, dict[str, Any]] = {}
        for row in self._state.read(TABLE_RUNS, ["table", "version", "rows_total", "run_started_at"]):
            if row["version"] >= last.get(row["table"], row)["version"]:
                last[row["table"]] = row
        found = []
        for table, before in self._limits():
            known, path = last.get(table.qualified_name), self._engine.path(table)
            if known is not None and has_expiry(path, known["version"], self._engine.version(table)):
                found.append((table, known["rows_total"] - self._engine.row_count(table), before))
        return found

    def expired_files(self) -> list[Path]:
        """Return the landing files on this machine whose records have all left bronze.

        Records of a file may be in several bronze tables, and those of several feeds where they share a folder.
        """
        limits = {table.name: before for table, before in self._limits() if table.layer == "bronze"}
        if not limits or not table_exists(self._state.path(FILES)):
            return []
        paths = {feed.name: Path(feed.path) for feed in self._feeds if not is_remote(feed.path)}
        names = ["feed", "stream", "path", "state", "recorded_at"]
        expired, kept = set[Path](), set[Path]()
        for row in self._state.read(FILES, names, ds.field("state") != "unmatched"):
            if row["feed"] in paths:
                before = limits.get(row["stream"])
                is_expired = before is not None and row["recorded_at"] < before
                file = paths[row["feed"]] / row["path"]
                if not is_expired:
                    kept.add(file)
                elif row["state"] in ("ingested", "superseded"):
                    expired.add(file)
        return [path for path in sorted(expired - kept) if path.is_file()]

    def _limits(self) -> Iterator[tuple[Table[...], datetime]]:
        """Yield each table with a retention, its quarantine behind it, and the moment before which rows are expired."""
        for table in self._catalog.ordered:
            if (days := days_kept(self._catalog, table)) is not None:
                before = datetime(self._now.year, self._now.month, self._now.day, tzinfo=UTC) - timedelta(days=days)
                yield table, before
                if table.quarantine is not None:
                    yield table.quarantine, before

    def _behind(
        self, table: Table[...], before: datetime, offsets: Mapping[tuple[str, str], Offset]
    ) -> tuple[str, ...]:
        """Return the tables that have not read a change of expired rows: without the rows they would lose them, too."""
        behind = []
        for reader in map(self._catalog.__getitem__, self._catalog.downstream_of(table.name)):
            read = offsets.get((reader.name, table.name))
            if read is not None and read.version is not None and self._has_changed(table, read.version, before):
                behind.append(reader.qualified_name)
        return tuple(behind)

    def _has_changed(self, table: Table[...], since: int, before: datetime) -> bool:
        """Whether expired rows may have changed after a version of their table."""
        diff = self._engine.commit_diff(table, since)
        column = retention_column(table)
        if diff is None or column is None or column.name not in table.partition_by:
            return diff is None or bool(diff.files)
        return any(day is None or day < str(before.date()) for day in diff.values(column.name))

    @crash_points("expire_rows")
    def _expire(self, table: Table[...], before: datetime) -> int:
        where = self._condition(table, before)
        return self._backend.expire(table, where) if where else 0

    def _condition(self, table: Table[...], before: datetime) -> str:
        """Return the condition of expired rows in SQL; empty where no batch has any."""
        if "batch_id" not in table.partition_by:
            column = retention_column(table)
            assert column is not None
            return f"{column.name} < DATE '{before:%Y-%m-%d}'"
        arrival = "ingested_at" if table.layer == "bronze" else "quarantined_at"
        arrived = self._engine.read(table).groupBy("batch_id").agg(F.max(F.unix_micros(arrival)).alias("last"))
        old = arrived.where(F.col("last") < int(before.timestamp()) * 1_000_000).select("batch_id").collect()
        batches = ", ".join(f"'{row.batch_id}'" for row in sorted(old))
        return f"batch_id IN ({batches})" if batches else ""
