"""Judged rows, kept as files for the length of one write: a record is parsed once, not at every pass."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import TYPE_CHECKING, Self

import pyarrow.dataset as ds
from pyarrow import fs
from pyspark.sql import functions as F

from shoplake.columns.json import key_as_json
from shoplake.columns.raw_record import RECORD
from shoplake.declare import Action
from shoplake.engine.crash_hooks import crash_points
from shoplake.engine.protocol import WriteResult
from shoplake.engine.session.error_mapping import retry_on_conflict
from shoplake.engine.storage import filesystem
from shoplake.engine.write.schema_check import SchemaCache
from shoplake.transforms.expectations import VIOLATIONS, evaluate_expectations, is_satisfied

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame, Row, SparkSession

    from shoplake.declare import Table
    from shoplake.engine.session.capabilities import EngineCapabilities

FOLDER = "_staging"
RETURNED = "returned"
"""The step before all others: what the table's function returns."""


class StagingArea:
    """A folder for the rows of one write; gone when the write is done, or swept up at the next run after a crash."""

    def __init__(
        self,
        session: SparkSession,
        lake: str,
        table: Table[...],
        offer: EngineCapabilities,
        schemas: SchemaCache | None = None,
    ) -> None:
        self._codec, self._schemas = offer.codec, schemas or SchemaCache()
        self._session = session
        self._table = table
        self.invalid_batches: list[str] = []
        """The batches that the bad rows judged came in."""
        self._folder = f"{lake}/{FOLDER}/{table.name}-{uuid.uuid4().hex}"

    def __enter__(self) -> Self:
        return self

    @crash_points("remove_staging")
    def __exit__(self, *_: object) -> None:
        filesystem.remove(self._folder)

    @crash_points("materialize")
    def materialize(self, rows: DataFrame, name: str) -> DataFrame:
        """The same rows, from files: whatever made them is not done again."""
        path = f"{self._folder}/{name}"
        retry_on_conflict(lambda: rows.write.mode("overwrite").option("compression", self._codec).parquet(path))
        return self._session.read.schema(self._schemas.of(self._table, name, rows)).parquet(path)

    def materialize_union(self, parts: Sequence[DataFrame]) -> DataFrame:
        """The rows of all parts, each made on its own, from files that are read as one."""
        names = [f"part-{number}" for number in range(len(parts))]
        kept = [self.materialize(rows, name) for rows, name in zip(parts, names, strict=True)]
        there = [f"{self._folder}/{name}" for name in names if self.count(name)]
        return self._session.read.schema(kept[0].schema).parquet(*there) if there else kept[0]

    def count(self, name: str) -> int:
        """How many rows were kept under a name, as their files say."""
        where, folder = filesystem.filesystem_for(f"{self._folder}/{name}")
        if where.get_file_info(folder).type is fs.FileType.NotFound:
            return 0  # Sail writes nothing where there are no rows
        return int(ds.dataset(folder, format="parquet", filesystem=where).count_rows())

    def evaluate(self, rows: DataFrame) -> WriteResult:
        """Keep the rows with the rules they break, and count them. The raw text of good rows is not kept."""
        names = self._schemas.of(self._table, RETURNED, rows).names
        judged = evaluate_expectations(rows, self._table.expectations, names)
        is_good = F.size(VIOLATIONS) == 0
        if RECORD in names:
            record = F.col(RECORD).withField("raw", F.when(~is_good, F.col(f"{RECORD}.raw")))
            judged = judged.withColumn(RECORD, record)
        self._rows = self.materialize(judged, "judged")
        found = self._counted(has_record=RECORD in names)
        good, bad = (sum(row.n for row in found if bool(row.rules) is is_bad) for is_bad in (False, True))
        broken = Counter[str]()
        for row in found:
            broken.update(dict.fromkeys(row.rules, row.n))
        self.invalid_batches = sorted({batch for row in found for batch in row.batches})
        return WriteResult(good + bad, good, bad, violations=self.warning_counts(self.valid()) | broken)

    def valid(self) -> DataFrame:
        """The rows that broke no rule."""
        return self._rows.where(F.size(VIOLATIONS) == 0).drop(VIOLATIONS, RECORD)

    def valid_with_batch(self) -> DataFrame:
        """The same with the batch they came in and when; null where nobody says."""
        has_record = RECORD in self._rows.columns
        said = {"batch_id": "string", "ingested_at": "timestamp"}
        cells = {name: F.col(f"{RECORD}.{name}") if has_record else F.lit(None).cast(said[name]) for name in said}
        return self._rows.where(F.size(VIOLATIONS) == 0).withColumns(cells).drop(VIOLATIONS, RECORD)

    def invalid(self, quarantine: Table[...]) -> DataFrame:
        """The rows that broke one, as rows of the quarantine."""
        record = F.col(RECORD)
        cells = {
            "feed": F.col("feed"),
            "record_key": key_as_json(self._table.write.record_key(self._table)),
            "reasons": F.array_distinct(VIOLATIONS),
            "quarantined_at": record.ingested_at,
            **{name: record[name] for name in ("raw", "file", "line", "batch_id")},
        }
        return self._bad.select(*[cells[column.name].alias(column.name) for column in quarantine.columns])

    @property
    def _bad(self) -> DataFrame:
        return self._rows.where(F.size(VIOLATIONS) > 0)

    def _counted(self, *, has_record: bool) -> list[Row]:
        """How many rows break the same rules, each rule named once, and the batches that bad ones came in."""
        rules = F.array_sort(F.array_distinct(VIOLATIONS)).alias("rules")
        batch = F.col(f"{RECORD}.batch_id") if has_record else F.lit(None).cast("string")
        told = self._rows.select(rules, F.when(F.size(VIOLATIONS) > 0, batch).alias("batch"))
        return told.groupBy("rules").agg(F.count("*").alias("n"), F.collect_set("batch").alias("batches")).collect()

    def warning_counts(self, rows: DataFrame) -> dict[str, int]:
        """How many rows break each rule that only warns."""
        warnings = [each for each in self._table.expectations if each.on_violation is Action.WARN]
        if not warnings:
            return {}
        counts = [F.count_if(~is_satisfied(each)).alias(each.name) for each in warnings]
        found: dict[str, int] = rows.agg(*counts).collect()[0].asDict()
        return found


def remove_leftovers(lake: str) -> None:
    """Take away what writes that were cut off left behind; only while nobody writes."""
    filesystem.remove(f"{lake}/{FOLDER}")
