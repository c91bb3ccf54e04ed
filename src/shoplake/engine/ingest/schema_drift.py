"""Schema drift: fields in files that no stream of their feed declares."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.engine.state.ops_tables import SCHEMA_CHANGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch
    from shoplake.engine.state.state_store import StateStore


def unknown_fields(table: Table[...], records: DataFrame, batch: Batch) -> Iterator[tuple[str, str, str]]:
    """Feed, field and first file of each field in a batch that no stream of its feed into `table` declares."""
    known: dict[str, set[str]] = {}
    for file in batch.into(table.name):
        known.setdefault(file.feed, set()).update(file.stream.fields)
    headers = records.where(F.col("header").isNotNull()).groupBy("feed", "header").agg(F.min("file").alias("file"))
    fields: dict[tuple[str, str], str] = {}
    for row in headers.orderBy("file").collect():
        for field in _names(row.header):
            if field not in known[row.feed]:
                fields.setdefault((row.feed, field), row.file)
    yield from ((feed, field, file) for (feed, field), file in sorted(fields.items()))


def record_new_fields(
    state: StateStore, table: Table[...], records: DataFrame, batch: Batch, run_id: str, at: datetime
) -> list[str]:
    """Append the fields of a batch that were never seen before to `ops.schema_changes`; as `feed: table.field`."""
    unknown = list(unknown_fields(table, records, batch))
    if not unknown:
        return []
    recorded = {(row["feed"], row["stream"], row["field"]) for row in state.read(SCHEMA_CHANGES)}
    new = [each for each in unknown if (each[0], table.name, each[1]) not in recorded]
    stamp = {"stream": table.name, "change": "new", "batch_id": batch.id, "run_id": run_id, "recorded_at": at}
    state.append(SCHEMA_CHANGES, [{"feed": feed, "field": name, "file": file} | stamp for feed, name, file in new])
    return [f"{feed}: {table.name}.{name}" for feed, name, _ in new]


def _names(header: str) -> list[str]:
    """The names in a CSV header, or in a JSON array of them."""
    if header.startswith("["):
        try:
            names: list[str] = json.loads(header)
            return names
        except ValueError:
            pass
    return next(csv.reader([header]), [])
