"""SCD type 2: versions built from changes in whatever order they arrive, of only the keys that they touch.

Beside the versions lies the changelog: all distinct changes, no-ops included, by which a late change is ordered. The
state of a key before its earliest new change is the version of that moment; from there on its changes are read and its
versions rebuilt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import TYPE_CHECKING, cast

from pyspark.sql import functions as F

from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.storage import table_log
from shoplake.engine.storage.durability.sync import sync_lake
from shoplake.engine.write.modes.incremental import plan_records
from shoplake.engine.write.modes.matching.distinct_changes import ARRIVED, DistinctChanges
from shoplake.engine.write.modes.matching.version_months import MONTH, changed_months, is_in_months, months_condition
from shoplake.engine.write.modes.merge import nothing
from shoplake.engine.write.modes.strategy import unsupported, write_batches
from shoplake.engine.write.schema.map_columns import decode_maps, encode_maps, encoded_type, has_maps
from shoplake.engine.write.table_plan import AllRows, Batches, FullRefresh
from shoplake.transforms.scd2 import build_scd2, month

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame

    from shoplake.declare import Scd2, Table
    from shoplake.engine.protocol import WriteResult
    from shoplake.engine.write.input_changes import InputChanges
    from shoplake.engine.write.modes.strategy import RowSource
    from shoplake.engine.write.staging.staging_area import StagingArea
    from shoplake.engine.write.table_location import TableLocation
    from shoplake.engine.write.table_plan import Action, RunSelection, TablePlan
    from shoplake.engine.write.table_writer import DeltaTableWriter

SINCE = "_since"


class Scd2Strategy:
    """Keeps every version of a key, and its distinct changes in the changelog."""

    def plan(self, table: Table[...], inputs: InputChanges, selection: RunSelection) -> TablePlan:
        """Plan the new batches of changes, or a full refresh."""
        return plan_records(table, inputs, selection)

    def write(self, writer: DeltaTableWriter, action: Action, source: RowSource) -> WriteResult:
        """Merge batches of changes, or rebuild versions and changelog from all changes."""
        return write_batches(writer, source.rows(action), lambda rows: self._write(writer, action, rows))

    def _write(self, writer: DeltaTableWriter, action: Action, rows: DataFrame) -> WriteResult:
        writer.check(rows)
        with writer.staging() as stage:
            result = stage.evaluate(rows)
            versions = Scd2Writer.of(writer)
            if isinstance(action, FullRefresh):
                rebuilt = versions.rebuild(stage, result)
                writer.replace_quarantine(stage)  # interrupted before, a record that is valid now is in both
                return rebuilt
            if not isinstance(action, Batches | AllRows):
                raise unsupported(writer, action)
            has_invalid = result.rows_quarantined > 0
            return versions.merge(stage, result, partial(writer.quarantine_batches, stage) if has_invalid else nothing)


@dataclass(frozen=True)
class Scd2Writer:
    """Writes the versions and the changelog of one table."""

    table: Table[...]
    location: TableLocation
    changelog: TableLocation
    writer: DeltaTableWriter

    @classmethod
    def of(cls, writer: DeltaTableWriter) -> Scd2Writer:
        """Return the writer of a table's versions and of its changelog."""
        changelog = cast("Table[...]", writer.table.changelog)
        return cls(writer.table, writer.location, writer.tables.location(changelog), writer)

    def merge(self, stage: StagingArea, result: WriteResult, write_invalid: Callable[[], None]) -> WriteResult:
        """Merge the valid changes of a staging area: the invalid ones first, then the versions, then the changelog.

        Interrupted between the two, the changes are still new to the changelog and the same versions are made again.
        """
        new, counted = self._new_changes(stage, result)
        if new is None:
            write_invalid()
            return counted
        if table_log.row_count(self.location.path) == 0 and table_log.row_count(self.changelog.path) == 0:
            versions = self._checked(stage, self._build_versions(new))
            write_invalid()
            self._overwrite_versions(versions)
        else:
            self._rebuild_keys(stage, new, write_invalid)
        sync_lake(self.location.path)  # the changelog must not outlive the versions in a power cut
        self._append_changes(new)
        return counted

    def rebuild(self, stage: StagingArea, result: WriteResult) -> WriteResult:
        """Overwrite versions and changelog with those of the valid changes."""
        changes = stage.materialize(self._changes.of(self._read_changes(stage)), "changes")
        self._overwrite_versions(self._checked(stage, self._build_versions(changes)))
        self.changelog.overwrite(self._log_rows(changes), ["changed_month"])
        count = table_log.row_count(self.changelog.path)
        return replace(result, rows_written=count, rows_duplicate=result.rows_written - count)

    def _stored_versions(self) -> DataFrame:
        return encode_maps(self.location.read(), self.table.columns)

    def _logged_changes(self) -> DataFrame:
        return self._changes.logged(encode_maps(self.changelog.read(), self.table.change_columns))

    def _read_changes(self, stage: StagingArea) -> DataFrame:
        return encode_maps(stage.valid_with_arrival(), self.table.change_columns)

    def _new_changes(self, stage: StagingArea, result: WriteResult) -> tuple[DataFrame | None, WriteResult]:
        """Return the changes that are not in the changelog, None if all are, and the counts."""
        changes = stage.materialize(self._changes.of(self._read_changes(stage)), "changes")
        months = [F.min("changed_month").alias("first"), F.max("changed_month").alias("last")]
        span = changes.agg(F.count("*").alias("n"), *months).collect()[0]
        counted = replace(result, rows_written=span.n, rows_duplicate=result.rows_written - span.n)
        if not span.n or table_log.row_count(self.changelog.path) == 0:
            return (changes if span.n else None), counted
        is_near = F.col("changed_month").between(F.lit(span.first), F.lit(span.last))
        logged = self._logged_changes().where(is_near)
        repeated = stage.materialize(self._changes.repeats(changes, logged), "repeated_changes")
        repeats = repeated.count()
        if not repeats:
            return changes, counted
        others = repeats - repeated.where("own").count()
        counted = replace(
            counted, rows_written=counted.rows_written - others, rows_duplicate=counted.rows_duplicate + others
        )
        new = stage.materialize(self._changes.without(changes, repeated), "new_changes")
        return (None if new.isEmpty() else new), counted

    @crash_points("scd2_rebuild_keys")
    def _rebuild_keys(self, stage: StagingArea, new: DataFrame, write_invalid: Callable[[], None]) -> None:
        """Rebuild the versions of the touched keys, each from its earliest new change on."""
        effective_at = self._mode.effective_at
        touched = stage.materialize(new.groupBy(*self._key).agg(F.min(effective_at).alias(SINCE)), "touched")
        first = touched.agg(F.min(month(SINCE))).collect()[0][0]
        logged = self._logged_changes().where(F.col("changed_month") >= F.lit(first))
        later = logged.join(F.broadcast(touched), on=self._key)
        later = later.where(F.col(effective_at) >= F.col(SINCE)).select(*self._names, ARRIVED)
        recent = self._stored_versions().where(F.col(MONTH).isNull() | (F.col(MONTH) >= F.lit(first)))
        is_reached = F.col("valid_to").isNull() | (F.col("valid_to") >= F.col(SINCE))
        old = stage.materialize(recent.join(F.broadcast(touched), on=self._key).where(is_reached), "old")
        state_before = self._as_changes(old.where(F.col("valid_from") < F.col(SINCE)))
        changes = reduce(_union, (state_before, later, new.select(*self._names, ARRIVED)))
        versions = stage.materialize(self._build_versions(changes), "new")
        months = changed_months(old.select(*versions.columns), versions)
        if not months:
            write_invalid()
        else:
            current = self._stored_versions().where(is_in_months(months))
            gone = F.broadcast(old.select(*self._key, "valid_from"))
            remaining = current.join(gone, on=[*self._key, "valid_from"], how="anti").select(*versions.columns)
            rows = stage.materialize(remaining.unionAll(versions.where(is_in_months(months))), "versions")
            rows = self._checked(stage, rows, months_condition(months))
            write_invalid()
            self._overwrite_versions(rows, months_condition(months))

    def _checked(self, stage: StagingArea, rows: DataFrame, where: str | None = None) -> DataFrame:
        """Return encoded versions once `before_commit` has seen them as they are stored."""
        if self.writer.before_commit is None:
            return rows
        checked = self.writer.checked(stage, decode_maps(rows, self.table.columns), where)
        return encode_maps(checked, self.table.columns)

    def _build_versions(self, changes: DataFrame) -> DataFrame:
        types = {column.name: encoded_type(column) for column in self.table.change_columns}
        versions = build_scd2(changes.select(*self._names, ARRIVED), self._key, self._mode, types, ARRIVED)
        return versions.select(*[column.name for column in self.table.columns])

    def _as_changes(self, versions: DataFrame) -> DataFrame:
        """Return versions as changes that set every column at the moment the versions began."""
        types = {column.name: column.type for column in self.table.change_columns}
        unset = {name: F.lit(None).cast(types[name]) for name in self._mode.controls}
        unset[ARRIVED] = F.lit(None).cast("string")
        at = {self._mode.effective_at: F.col("valid_from")}
        return versions.withColumns(at | unset).select(*self._names, ARRIVED)

    @crash_points("scd2_overwrite_versions")
    def _overwrite_versions(self, rows: DataFrame, where: str | None = None) -> None:
        """Overwrite the versions of the months that `where` selects, or all, in one commit."""
        versions = decode_maps(rows, self.table.columns)
        if where is not None and has_maps(self.table.columns):
            versions = self.writer.with_stored_types(versions, self.location.read())
        self.location.overwrite(versions, [MONTH], where)

    @crash_points("scd2_append_changes")
    def _append_changes(self, changes: DataFrame) -> None:
        self.changelog.append(self._log_rows(changes), ["changed_month"])

    def _log_rows(self, changes: DataFrame) -> DataFrame:
        """Return changes as rows of the changelog."""
        return decode_maps(changes.drop(ARRIVED), self.table.change_columns)

    @property
    def _changes(self) -> DistinctChanges:
        return DistinctChanges(self.table)

    @property
    def _key(self) -> list[str]:
        return self._changes.key

    @property
    def _names(self) -> list[str]:
        return self._changes.names

    @property
    def _mode(self) -> Scd2:
        return cast("Scd2", self.table.write)


def _union(one: DataFrame, other: DataFrame) -> DataFrame:
    return one.unionAll(other)
