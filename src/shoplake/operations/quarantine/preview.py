"""What a replay or a fix of quarantined records would come to. Nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD
from shoplake.columns.record_place import landed_file, record_id
from shoplake.declare import Scd2, Upsert
from shoplake.engine import at_landed_places
from shoplake.operations.quarantine.corrections import corrected_id, fix_rows
from shoplake.operations.quarantine.fix_plan import plan_fix
from shoplake.operations.quarantine.originals import BronzeRecords, bronze_inputs
from shoplake.operations.quarantine.records import RecordFilter
from shoplake.quality.quarantine import OPEN, quarantined_rows
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyspark.sql import Column, DataFrame

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import DefinitionEngine
    from shoplake.operations.definitions.record_evaluation import RecordEvaluator
    from shoplake.operations.quarantine.corrections import Correction, FixFile


@dataclass(frozen=True)
class Preview:
    """How many records would be valid, which would still be bad, by their first reason, and the days that change.

    Days are those of the table's partitions; a history has none, as it does not say when a version is over.
    """

    passed: int = 0
    still_bad: dict[str, int] = field(default_factory=dict)
    days: tuple[str, ...] = ()


class RecordPreview:
    """Evaluates records: of upserted tables and histories one by one, of others, such as documents, in their files."""

    def __init__(self, engine: DefinitionEngine, catalog: Catalog, evaluator: RecordEvaluator) -> None:
        self._engine, self._catalog, self._evaluator = engine, catalog, evaluator

    def replay(self, table: Table[...], reason: str | None = None) -> Preview | None:
        """Evaluate the open records of a table by the rules and functions of today."""
        if table.quarantine is None:
            return None
        records = RecordFilter(reason, OPEN).apply(quarantined_rows(self._engine, table, table.quarantine))
        found = records.select("record_id", "file").distinct().collect()
        if not found:
            return Preview()
        if isinstance(table.write, Upsert | Scd2):
            rows = self._evaluator.rows(table, records)
        else:
            rows = self._evaluator.build_files(table, {row.file for row in found}, {})
        return self._count_records(table, rows, {row.record_id: row.record_id for row in found})

    def fix(self, table: Table[...], fix: FixFile, corrections: Sequence[Correction]) -> Preview:
        """Evaluate the corrected texts of some records of a table."""
        if not isinstance(table.write, Upsert | Scd2):
            return self._fix_in_files(table, fix, corrections)
        bronze = BronzeRecords(self._engine, self._catalog, tuple(table.incremental))
        found = bronze.find([each.record_id for each in corrections])
        inputs = {}
        for name, originals in found.items():
            last = max(row["ingested_at"] for rows in originals.values() for row in rows)
            inputs[name] = at_landed_places(fix_rows(self._engine, self._catalog[name], fix, originals, "", last))
        if not inputs:
            return Preview()
        texts = {each.record_id: each.raw for each in corrections}
        rows = [(id, row) for groups in found.values() for id, some in groups.items() for row in some]
        ids = {corrected_id(row, texts[id]): id for id, row in rows if row["raw"] != texts[id]}
        return self._count_records(table, self._evaluator.build(table, inputs), ids)

    def _fix_in_files(self, table: Table[...], fix: FixFile, corrections: Sequence[Correction]) -> Preview:
        """Evaluate the files of the corrected records, with the corrections in them."""
        bronze = BronzeRecords(self._engine, self._catalog, tuple(bronze_inputs(self._catalog, table)))
        plan = plan_fix(bronze, [table], fix, [each.record_id for each in corrections])
        if not plan.originals:
            return Preview()
        corrected: dict[str, DataFrame] = {}
        originals = [row for groups in plan.originals.values() for rows in groups.values() for row in rows]
        for name, groups in plan.originals.items():
            last = max(row["ingested_at"] for rows in groups.values() for row in rows)
            rows = fix_rows(self._engine, self._catalog[name], plan.file, groups, "", last)
            corrected[name] = at_landed_places(rows, takes_batch=True)
        files = {landed_file(row["file"]) for row in originals}
        replaced = {id for groups in plan.originals.values() for id in groups}
        rows = self._evaluator.build_files(table, files, corrected, replaced)
        return self._count_records(table, rows, {new: id for id, some in plan.new_ids.items() for new in some})

    @staticmethod
    def _count_records(table: Table[...], rows: DataFrame, ids: Mapping[str, str]) -> Preview:
        """Count records by their first reason, and the days of those without any; `ids` has each by what came of it."""
        cells = [F.col(RECORD)[name].alias(name) for name in ("raw", "file", "line")]
        day = _day(table)
        evaluated = evaluate_expectations(rows, table.expectations, rows.columns)
        judged = evaluated.select("feed", *cells, day.alias("day"), F.get(VIOLATIONS, F.lit(0)).alias("reason"))
        found = judged.select(record_id().alias("id"), "day", "reason").distinct().collect()
        of = [(ids[row.id], row.day, row.reason) for row in found if row.id in ids]
        bad = {id: reason for id, _, reason in reversed(of) if reason is not None}
        days = sorted({day for id, day, _ in of if id not in bad and day is not None})
        return Preview(len({*ids.values()}) - len(bad), dict(Counter(bad.values())), tuple(days))


def _day(table: Table[...]) -> Column:
    """Return the day of a row, as text; null where the table has no partitions, and of a history."""
    is_known = table.partition_by and not isinstance(table.write, Scd2)
    return F.col(table.partition_by[0]).cast("string") if is_known else F.lit(None).cast("string")
