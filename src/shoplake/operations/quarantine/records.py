"""Quarantined records that a command selects, and the bronze tables that have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.columns.raw_record import record_id
from shoplake.errors import KeyNotFoundError
from shoplake.quality.quarantine import OPEN, quarantined_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.declare.catalog import Catalog
    from shoplake.engine import TableReader

SHOWN = ["record_id", "feed", "record_key", "reasons", "file", "line", "quarantined_at", "state", "raw"]


@dataclass(frozen=True)
class RecordFilter:
    """Which quarantined records of a table: of one reason, of a state (None: any), or by their ids."""

    reason: str | None = None
    state: str | None = OPEN
    ids: tuple[str, ...] = ()

    def apply(self, rows: DataFrame) -> DataFrame:
        """Return the rows that are selected."""
        if self.reason is not None:
            rows = rows.where(F.array_contains("reasons", self.reason))
        if self.state is not None:
            rows = rows.where(F.col("state") == self.state)
        return rows.where(F.col("record_id").isin([*self.ids])) if self.ids else rows


def select_records(
    engine: TableReader, table: Table[...], selection: RecordFilter, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return the quarantined records of a table with the columns of `SHOWN`, by file and line."""
    if table.quarantine is None or not engine.row_count(table.quarantine):
        return []
    rows = selection.apply(quarantined_rows(engine, table, table.quarantine)).select(*SHOWN)
    rows = rows.orderBy("feed", "file", "line", "record_id")
    return [row.asDict() for row in (rows if limit is None else rows.limit(limit)).collect()]


def find_records(
    engine: TableReader, tables: Iterable[Table[...]], ids: Collection[str]
) -> dict[Table[...], list[dict[str, Any]]]:
    """Return the records of some ids by the table whose quarantine has them.

    Raises KeyNotFoundError for an id that no quarantine has.
    """
    found = {}
    for table in tables:
        if records := select_records(engine, table, RecordFilter(state=None, ids=tuple(ids))):
            found[table] = records
    known = {record["record_id"] for records in found.values() for record in records}
    for id in ids:
        if id not in known:
            raise KeyNotFoundError(id, "record_id", "The quarantine", [])
    return found


def bronze_rows(engine: TableReader, catalog: Catalog, table: Table[...], ids: Collection[str]) -> dict[str, list[Any]]:
    """Return the bronze rows of some records, by the bronze table that has them."""
    found = {}
    for name in table.incremental:
        rows = engine.read(catalog[name]).withColumn("_id", record_id()).where(F.col("_id").isin([*ids])).collect()
        if rows:
            found[name] = rows
    return found


def summarise(engine: TableReader, tables: Iterable[Table[...]], selection: RecordFilter) -> list[dict[str, Any]]:
    """Return for each table and reason how many records are selected, and when the oldest and the newest arrived."""
    summary = []
    for table in tables:
        if table.quarantine is None or not engine.row_count(table.quarantine):
            continue
        rows = selection.apply(quarantined_rows(engine, table, table.quarantine))
        reasons = rows.select(F.explode("reasons").alias("reason"), "quarantined_at", "record_id")
        counted = reasons.groupBy("reason").agg(
            F.countDistinct("record_id").alias("records"),
            F.min("quarantined_at").alias("oldest_at"),
            F.max("quarantined_at").alias("newest_at"),
        )
        for row in counted.orderBy(F.col("records").desc(), "reason").collect():
            if selection.reason in (None, row.reason):
                summary.append({"table": table.qualified_name, **row.asDict()})
    return summary
