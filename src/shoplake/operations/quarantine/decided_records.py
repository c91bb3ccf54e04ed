"""Fixed and discarded records that a quarantine has no more, because a table that is rebuilt leaves them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from pyspark.sql import functions as F

from shoplake.columns.record_place import is_corrected, landed_file, record_id
from shoplake.columns.schema import struct_type
from shoplake.engine import DECISIONS, at_landed_places, quarantine_cells, table_exists
from shoplake.operations.definitions.record_evaluation import MAX_FILES
from shoplake.operations.quarantine.originals import BronzeRecords, bronze_inputs
from shoplake.quality.quarantine import OPEN, SUPERSEDED
from shoplake.transforms.expectations import evaluate_expectations

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pyspark.sql import DataFrame

    from shoplake.declare import Feeds, Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import DefinitionEngine
    from shoplake.operations.definitions.record_evaluation import RecordEvaluator


class Decided(NamedTuple):
    """What was decided about a record, and whether it was the table's own quarantine that had it."""

    state: str
    is_own: bool


@dataclass(frozen=True)
class DecidedRecords:
    """Makes rows of a quarantine of bronze and `ops.decisions`; their reasons are those by the rules of now."""

    engine: DefinitionEngine
    catalog: Catalog
    feeds: Feeds
    evaluator: RecordEvaluator

    def rows(self, table: Table[...], state: str | None = None, ids: Collection[str] = ()) -> DataFrame | None:
        """Return what `quarantined_rows` would, of the decided records that are not in the table's quarantine.

        Of one state, or of any; of some ids, or of all. None where there are none. A record that no rule quarantines
        now has no reasons, and is only in the table whose quarantine had it.
        """
        if table.quarantine is None or state in (OPEN, SUPERSEDED):
            return None
        decided = self._decided(table, ids)
        inputs = self._inputs(table, decided)
        if not inputs:
            return None
        found = self._judged(table, table.quarantine, inputs, decided)
        own = {id for id, each in decided.items() if each.is_own}
        cells = [(*row, decided[row.record_id].state) for row in _choose(found, own)]
        types = ", ".join(f"{column.name} {column.type}" for column in table.quarantine.columns)
        schema = struct_type(f"record_id string, {types}, state string")
        return self.engine.session.createDataFrame(cells, schema) if cells else None

    def _decided(self, table: Table[...], ids: Collection[str]) -> dict[str, Decided]:
        """Return the decided records that may be of a table and are not in its quarantine, by id."""
        assert table.quarantine is not None
        if not table_exists(self.engine.path(DECISIONS)):
            return {}
        of_same_files = BronzeRecords.of(self.engine, self.catalog, self.feeds, [table]).tables
        names = [each.qualified_name for each in of_same_files]
        decisions = self.engine.read(DECISIONS).where(F.col("table").isin(names))
        if ids:
            decisions = decisions.where(F.col("record_id").isin([*ids]))
        known = self.engine.read(table.quarantine).select(record_id().alias("record_id")).distinct()
        decided: dict[str, Decided] = {}
        for row in decisions.join(known, on="record_id", how="left_anti").collect():
            before = decided.get(row.record_id, Decided(row.decision, is_own=False))
            is_own = before.is_own or row.table == table.qualified_name
            decided[row.record_id] = Decided(max(before.state, row.decision), is_own)
        return decided

    def _inputs(self, table: Table[...], ids: Collection[str]) -> dict[str, DataFrame]:
        """Return by bronze table the rows of the files that the records are in, as they were landed.

        Whole files, because a record may be made of several; of a feed whose kind joins those of several files, all.
        Of corrected records only those that were decided about are there.
        """
        found: dict[str, DataFrame] = {}
        for name in bronze_inputs(self.catalog, table) if ids else ():
            rows = self.engine.read(self.catalog[name])
            records = self._among(rows.withColumn("record_id", record_id()), ids)
            own = {row.file for row in records.select("file").distinct().collect()}
            files = sorted(own | {landed_file(file) for file in own})
            if not files:
                continue
            is_wanted = F.col("file").isin(files)
            if len(files) > MAX_FILES or any(name in feed.kind.joins for feed in self.feeds):
                is_wanted = ~is_corrected() | F.col("file").isin(sorted(own))
            found[name] = at_landed_places(rows.where(is_wanted))
        return found

    def _judged(
        self, table: Table[...], quarantine: Table[...], inputs: dict[str, DataFrame], ids: Collection[str]
    ) -> list[Any]:
        """Return the rows that the table makes of the records: their id, and the columns of its quarantine."""
        rows = self.evaluator.build(table, inputs)
        judged = evaluate_expectations(rows, table.expectations, rows.columns)
        judged = judged.select(*quarantine_cells(table, quarantine)).withColumn("record_id", record_id())
        names = [column.name for column in quarantine.columns]
        return self._among(judged, ids).select("record_id", *names).collect()

    def _among(self, rows: DataFrame, ids: Collection[str]) -> DataFrame:
        """Return the rows of some records; by a join, as a condition would be pushed to where the cells are unknown."""
        wanted = self.engine.session.createDataFrame([(id,) for id in sorted(ids)], "record_id string")
        return rows.join(F.broadcast(wanted), on="record_id", how="semi")


def _choose(rows: Iterable[Any], own: Collection[str]) -> list[Any]:
    """Return the invalid rows; of one of the `own` records without any, its first row."""
    rows = [*rows]
    invalid = [row for row in rows if row.reasons]
    named = {row.record_id for row in invalid}
    others = {row.record_id: row for row in reversed(rows) if row.record_id in own and row.record_id not in named}
    return [*invalid, *others.values()]
