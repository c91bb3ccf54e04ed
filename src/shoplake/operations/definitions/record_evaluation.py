"""Evaluates the records of an upserted table or a history again after its rules changed."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.record_place import record_id
from shoplake.engine import FileIngestion, WriteResult, overwrite_differing, replay_batches
from shoplake.pipeline.table_inputs import TableInputs
from shoplake.quality.gates import UNSTOPPED

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import DefinitionEngine, StateStore
    from shoplake.settings import Settings


MAX_FILES = 200


class RecordEvaluator:
    """Reads the records of tables from bronze and applies the current rules.

    Records of at most `max_files` files are read with these as a condition, so that the engine skips other row groups.
    """

    def __init__(
        self,
        engine: DefinitionEngine,
        catalog: Catalog,
        state: StateStore,
        settings: Settings,
        max_files: int = MAX_FILES,
    ) -> None:
        self._engine, self._catalog, self._feeds, self._max_files = engine, catalog, settings.feeds, max_files
        self._files = FileIngestion(state, settings, "", state.next_run_time()).registry

    def replay(self, table: Table[...], rules: Collection[str]) -> WriteResult:
        """Evaluate again all quarantined records of the batches that have one which violates one of the `rules`.

        All other records of those batches are in the table already and would change nothing.
        """
        if table.quarantine is None:
            return WriteResult(0, 0)
        violates = F.arrays_overlap("reasons", F.array(*[F.lit(name) for name in rules]))
        quarantined = self._engine.read(table.quarantine)
        batches = sorted(row.batch_id for row in quarantined.where(violates).select("batch_id").distinct().collect())
        if not batches:
            return WriteResult(0, 0)
        records = quarantined.where(F.col("batch_id").isin(batches))
        files = few_files(records, self._max_files)
        fixes = {batch for name in table.incremental for batch in self._files.fix_batches(name)}
        known = None if fixes & {*batches} else batches  # a corrected record may be of the batch of the landed one
        rows = self._rows(table, known, records, files)
        return replay_batches(self._engine, UNSTOPPED.applied_to(table), rows, batches)

    def reevaluate(self, table: Table[...]) -> WriteResult:
        """Apply the rules to all records: overwrite the quarantine, and the table's partitions whose rows differ."""
        return overwrite_differing(self._engine, UNSTOPPED.applied_to(table), self._rows(table, None))

    def rows(self, table: Table[...], records: DataFrame) -> DataFrame:
        """Return what the function makes of some quarantined records of a table."""
        return self._rows(table, None, records)

    def waiting(self, table: Table[...]) -> list[DataFrame]:
        """Return the records of a table that wait for a record of another file, for each feed that finds them."""
        return TableInputs(self._engine, self._catalog, table, self._files, self._feeds).waiting()

    def build(self, table: Table[...], records: Mapping[str, DataFrame]) -> DataFrame:
        """Return what the function makes of these rows of bronze tables; its other inputs are empty."""
        source = TableInputs(self._engine, self._catalog, table, self._files, self._feeds)
        empty = {name: source.current_rows(self._catalog[name]).where(F.lit(False)) for name in table.inputs}
        return source.build_from(empty | dict(records))

    def build_files(
        self,
        table: Table[...],
        files: Collection[str],
        corrected: Mapping[str, DataFrame],
        replaced: Collection[str] = (),
    ) -> DataFrame:
        """Return what the function makes of whole files, as a record may be made of several; of those it joins, of all.

        `corrected` records, by bronze table, are there instead of the `replaced` ones, given by their ids.
        """
        source = TableInputs(self._engine, self._catalog, table, self._files, self._feeds)
        gone = self._engine.session.createDataFrame([(id,) for id in sorted(replaced)], "_gone string")
        inputs = {}
        for name in table.inputs:
            rows = source.current_rows(self._catalog[name])
            if not self._catalog[name].write.reads_files:
                rows = rows.where(F.lit(False))
            elif not any(name in feed.kind.joins for feed in self._feeds):
                rows = rows.where(F.col("file").isin([*files]))
            if replaced and self._catalog[name].write.reads_files:
                rows = rows.join(F.broadcast(gone), on=record_id() == F.col("_gone"), how="left_anti")
            inputs[name] = rows.unionByName(corrected[name]) if name in corrected else rows
        return source.build_from(inputs)

    def _rows(
        self,
        table: Table[...],
        batches: Collection[str] | None,
        records: DataFrame | None = None,
        files: Collection[str] = (),
    ) -> DataFrame:
        """Return what the function makes of the records of some batches, or of all; inputs of whole rows are empty.

        `records` restricts them to those with their feed, file, line and text; of these `files`, where there are any.
        """
        source = TableInputs(self._engine, self._catalog, table, self._files, self._feeds)
        inputs = []
        for name in table.inputs:
            rows = source.current_rows(self._catalog[name])
            if name not in table.incremental:
                rows = rows.where(F.lit(False))
            elif batches is not None:
                rows = rows.where(F.col("batch_id").isin([*batches]))
            if files and name in table.incremental:
                rows = rows.where(F.col("file").isin([*files]))
            if records is not None:
                rows = _among(rows, records)
            inputs.append(rows)
        return table(*inputs, **table.arguments(self._feeds))


def few_files(records: DataFrame, most: int = MAX_FILES) -> list[str]:
    """Return the files of records; none where they are of more than `most`."""
    files = [row.file for row in records.select("file").distinct().limit(most + 1).collect()]
    return files if len(files) <= most else []


def _among(rows: DataFrame, records: DataFrame) -> DataFrame:
    """Return the bronze rows of some records. Records of Parquet files have no line."""
    cells = {"feed": F.col("feed"), "file": F.col("file"), "raw": F.col("raw"), "line": F.coalesce("line", F.lit(-1))}
    known = records.select(*[cell.alias(f"_{name}") for name, cell in cells.items()]).distinct()
    is_same = [cell == F.col(f"_{name}") for name, cell in cells.items()]
    return rows.join(F.broadcast(known), on=reduce(and_, is_same), how="semi")
