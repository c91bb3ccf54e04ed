"""What a replay or a fix of quarantined records would come to. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.declare import Scd2, Upsert
from shoplake.engine import at_landed_places
from shoplake.operations.quarantine.corrections import fix_rows
from shoplake.operations.quarantine.originals import BronzeRecords
from shoplake.operations.quarantine.records import RecordFilter
from shoplake.quality.quarantine import OPEN, quarantined_rows
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

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
    """Evaluates records of tables whose rows are single records; of others, such as documents, it knows nothing."""

    def __init__(self, engine: DefinitionEngine, catalog: Catalog, evaluator: RecordEvaluator) -> None:
        self._engine, self._catalog, self._evaluator = engine, catalog, evaluator

    def replay(self, table: Table[...], reason: str | None = None) -> Preview | None:
        """Evaluate the open records of a table by the rules and functions of today."""
        if table.quarantine is None or not isinstance(table.write, Upsert | Scd2):
            return None
        records = RecordFilter(reason, OPEN).apply(quarantined_rows(self._engine, table, table.quarantine))
        return self._count(table, self._evaluator.rows(table, records))

    def fix(self, table: Table[...], fix: FixFile, corrections: Sequence[Correction]) -> Preview | None:
        """Evaluate the corrected texts of some records of a table."""
        if not isinstance(table.write, Upsert | Scd2):
            return None
        bronze = BronzeRecords(self._engine, self._catalog, tuple(table.incremental))
        found = bronze.find([each.record_id for each in corrections])
        inputs = {}
        for name, originals in found.items():
            last = max(row["ingested_at"] for rows in originals.values() for row in rows)
            inputs[name] = at_landed_places(fix_rows(self._engine, self._catalog[name], fix, originals, "", last))
        return self._count(table, self._evaluator.build(table, inputs)) if inputs else Preview()

    @staticmethod
    def _count(table: Table[...], rows: DataFrame) -> Preview:
        column = table.partition_by[0] if table.partition_by and isinstance(table.write, Upsert) else None
        day = F.lit(None).cast("string") if column is None else F.col(column).cast("string")
        evaluated = evaluate_expectations(rows, table.expectations, rows.columns)
        first = F.when(F.size(VIOLATIONS) > 0, F.col(VIOLATIONS)[0])
        counted = evaluated.select(first.alias("reason"), day.alias("day")).groupBy("reason", "day").count().collect()
        still_bad: dict[str, int] = {}
        for row in counted:
            if row["reason"] is not None:
                still_bad[row["reason"]] = still_bad.get(row["reason"], 0) + row["count"]
        valid = [row for row in counted if row["reason"] is None]
        days = sorted({row["day"] for row in valid if row["day"] is not None})
        return Preview(sum(row["count"] for row in valid), still_bad, tuple(days))
