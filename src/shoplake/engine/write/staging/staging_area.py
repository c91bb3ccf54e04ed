"""The staging area of one write: evaluated rows as files, so that a record is parsed once."""

from __future__ import annotations

import uuid
from collections import Counter
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Self, cast

from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType

from shoplake.columns.raw_record import RECORD, TYPE_ERRORS
from shoplake.columns.record_place import OWN_BATCH, is_joined
from shoplake.columns.schema import struct_type
from shoplake.declare import Action
from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.protocol import WriteResult
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.storage import filesystem
from shoplake.engine.write.schema.schema_check import SchemaCache
from shoplake.engine.write.staging import staged_files
from shoplake.engine.write.staging.quarantined_rows import quarantine_cells
from shoplake.engine.write.staging.violation_samples import sample_violations
from shoplake.errors import WriteStoppedError
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations, has_no_violation, is_satisfied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.session.capabilities import EngineCapabilities
    from shoplake.engine.write.local_server.fetched_rows import FetchedRows

FOLDER = "_staging"
EVALUATED = "evaluated"
ROW = "_row"
RETURNED = "returned"
"""The schema cache's name of what the table's function returns."""
ARRIVAL_TYPES = {
    "batch_id": ("batch_id", "string"),
    "ingested_at": ("ingested_at", "timestamp"),
    "source_file": ("file", "string"),
    "version_line": ("line", "bigint"),
}
"""The columns that say when a row arrived: which part of its record each is, and its type."""


class StagingArea:
    """A folder for the rows of one write; removed when the write ends, or by the next run after a crash."""

    def __init__(
        self,
        session: SparkSession,
        lake: str,
        table: Table[...],
        capabilities: EngineCapabilities,
        schemas: SchemaCache | None = None,
        fetched: FetchedRows | None = None,
    ) -> None:
        self._codec, self._schemas = capabilities.codec, schemas or SchemaCache()
        self._fetched = fetched
        self._is_elsewhere = not capabilities.is_in_process
        self._session, self._table = session, table
        self.invalid_batches: list[str] = []
        """The batches of the invalid rows that were evaluated."""
        self._folder = f"{lake}/{FOLDER}/{table.name}-{uuid.uuid4().hex}"

    def __enter__(self) -> Self:
        return self

    @crash_points("remove_staging")
    def __exit__(self, *_: object) -> None:
        filesystem.remove(self._folder)

    @crash_points("materialize")
    def materialize(self, rows: DataFrame, name: str, schema: StructType | None = None) -> DataFrame:
        """Write the rows to files, and return them from there: they are not computed again.

        Without a `schema` the engine is asked for it, once a table and name. Raises UnsharedFolderError where a server
        wrote them to a disk that this process does not see.
        """
        path = self.path(name)
        if self._fetched and (its_schema := self._fetched.stage(path, rows)) is not None:
            return self._fetched.gather(self._session.read.schema(schema or its_schema).parquet(path))
        retry_on_conflict(lambda: rows.write.mode("overwrite").option("compression", self._codec).parquet(path))
        if self._is_elsewhere:
            staged_files.check_shared(path)
        return self._session.read.schema(schema or self._schemas.of(self._table, name, rows)).parquet(path)

    @property
    def _evaluated(self) -> str:
        return self.path(EVALUATED)

    def path(self, name: str) -> str:
        """Return the folder of the rows that are materialized under a name."""
        return f"{self._folder}/{name}"

    def materialize_union(self, parts: Sequence[DataFrame]) -> DataFrame:
        """Write the rows of each part on its own, and return all of them from the files."""
        names = [f"part-{number}" for number in range(len(parts))]
        staged = [self.materialize(rows, name) for rows, name in zip(parts, names, strict=True)]
        paths = [self.path(name) for name in names if self.count(name)]
        return self._session.read.schema(staged[0].schema).parquet(*paths) if paths else staged[0]

    def count(self, name: str) -> int:
        """Count the rows that were materialized under a name, by their files."""
        return staged_files.count_rows(self.path(name))

    def evaluate(self, rows: DataFrame) -> WriteResult:
        """Materialize the rows with the rules that they violate, and count them. Valid rows lose their raw text.

        Raises WriteStoppedError where too many of them violate a rule that stops.
        """
        returned = self._schemas.of(self._table, RETURNED, rows)
        names = returned.names
        evaluated = evaluate_expectations(rows, self._table.expectations, names)
        is_valid = has_no_violation()
        if RECORD in names:
            record = F.col(RECORD).withField("raw", F.when(~is_valid, F.col(f"{RECORD}.raw")))
            evaluated = evaluated.withColumn(RECORD, record)
        kept = [_with_optional_raw(field) for field in returned if field.name != TYPE_ERRORS]
        self._schema = StructType([*kept, *struct_type(f"{VIOLATIONS} array<string>, {ROW} bigint")])
        numbered = evaluated.withColumn(ROW, F.monotonically_increasing_id())
        self._rows = self.materialize(numbered, EVALUATED, self._schema)
        counts = staged_files.count_rules(self._evaluated, has_record=RECORD in names)
        valid, invalid = counts.valid, counts.invalid.total()
        violations = Counter[str]()
        for rules, count in counts.invalid.items():
            violations.update(dict.fromkeys(rules, count))
        samples = sample_violations(self._table, self._rows, violations, (invalid, valid + invalid), names)
        self.invalid_batches = sorted(counts.batches)
        warnings = self.warning_counts(self.valid())
        result = WriteResult(valid + invalid, valid, invalid, violations=warnings | violations, samples=samples)
        self._check_stops(result)
        return result

    def _check_stops(self, result: WriteResult) -> None:
        """Raise WriteStoppedError where too many of the rows violate a rule that stops."""
        for rule in self._table.expectations:
            violating = result.violations.get(rule.name, 0)
            if rule.stop_above is not None and rule.stops(result.rows_read, violating):
                name = self._table.qualified_name
                raise WriteStoppedError(name, rule.name, result.rows_read, violating, rule.stop_above)

    def valid(self) -> DataFrame:
        """Return the rows that violate no rule."""
        return self.numbered().drop(RECORD, ROW)

    @property
    def is_joined(self) -> bool:
        """Whether rows are of joined records."""
        return is_joined(self._schema)

    def valid_with_own_batch(self) -> DataFrame:
        """Return `valid` with the own batch of joined records, if there are any."""
        if not self.is_joined:
            return self.valid()
        return self.numbered().withColumn(OWN_BATCH, F.col(f"{RECORD}.{OWN_BATCH}")).drop(RECORD, ROW)

    def numbered(self) -> DataFrame:
        """Return the rows that violate no rule with `ROW`, a number that differs from row to row."""
        return self._rows.where(has_no_violation()).drop(VIOLATIONS)

    def valid_without(self, name: str) -> DataFrame:
        """Return the rows that violate no rule, but for those whose `ROW` was materialized under a name."""
        left_out = self._session.read.schema(f"{ROW} bigint").parquet(self.path(name))
        return self.numbered().join(F.broadcast(left_out), on=ROW, how="anti").drop(RECORD, ROW)

    def has_repeats(self, key: Sequence[str]) -> bool:
        """Whether two valid rows have the same key; of few rows, as their keys are in memory at once."""
        return staged_files.has_repeats(self._evaluated, key)

    def value_range(self, column: str, name: str = EVALUATED) -> tuple[Any, Any]:
        """Return the least and the greatest value of a column of the rows under a name, or of the valid rows."""
        return staged_files.value_range(self.path(name), column, only_valid=name == EVALUATED)

    def value_counts(self, column: str, name: str) -> Counter[Any]:
        """Count the rows materialized under a name by a column."""
        return staged_files.value_counts(self.path(name), column)

    def count_true(self, name: str, column: str) -> int:
        """Count the rows materialized under a name whose column is true."""
        return staged_files.count_true(self.path(name), column)

    def valid_with_arrival(self) -> DataFrame:
        """Return the same with the batch, file and line they arrived in and when; null for rows without a record."""
        has_record = RECORD in self._schema.names
        cells = {
            name: F.col(f"{RECORD}.{part}") if has_record else F.lit(None).cast(type)
            for name, (part, type) in ARRIVAL_TYPES.items()
        }
        return self._rows.where(has_no_violation()).withColumns(cells).drop(VIOLATIONS, RECORD, ROW)

    def invalid(self, quarantine: Table[...]) -> DataFrame:
        """Return the rows that violate a rule, as rows of the quarantine."""
        return self._rows.where(~has_no_violation()).select(*quarantine_cells(self._table, quarantine))

    def not_evaluated(self, quarantined: DataFrame) -> DataFrame:
        """Return the rows of the quarantine that are of none of the records that were evaluated.

        Rows of Parquet have no line: those of a file are told apart by their text, which valid ones have no more.
        """
        record, text = F.col(RECORD), F.when(F.col("_line").isNull(), F.col("_raw"))
        places = [record[name].alias(f"_{name}") for name in ("file", "line", "raw", "batch_id")]
        evaluated = self._rows.select(F.col("feed").alias("_feed"), *places).withColumn("_raw", text).distinct()
        is_same = [F.col(name).eqNullSafe(F.col(f"_{name}")) for name in ("feed", "file", "line", "batch_id")]
        has_text = F.col("_raw").isNull() | (F.col("raw") == F.col("_raw"))
        return quarantined.join(evaluated, on=reduce(and_, [*is_same, has_text]), how="anti")

    def warning_counts(self, rows: DataFrame) -> dict[str, int]:
        """Count the rows that violate each rule that only warns."""
        warnings = [each for each in self._table.expectations if each.on_violation is Action.WARN]
        if not warnings:
            return {}
        counts = [F.count_if(~is_satisfied(each)).alias(each.name) for each in warnings]
        totals: dict[str, int] = rows.agg(*counts).collect()[0].asDict()
        return totals


def remove_leftovers(lake: str) -> None:
    """Remove the staging areas of interrupted writes; only while no other process writes."""
    filesystem.remove(f"{lake}/{FOLDER}")


def _with_optional_raw(field: StructField) -> StructField:
    """Return a column as it is materialized: valid rows have no raw text, also where the function always sets it."""
    if field.name != RECORD:
        return field
    parts = cast("StructType", field.dataType).fields
    record = [StructField(each.name, each.dataType, each.nullable or each.name == "raw") for each in parts]
    return StructField(field.name, StructType(record), field.nullable)
