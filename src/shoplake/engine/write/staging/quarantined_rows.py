"""Evaluated rows as rows of a quarantine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from shoplake.columns.json import key_as_json
from shoplake.columns.raw_record import RECORD
from shoplake.transforms.expectations import VIOLATIONS

if TYPE_CHECKING:
    from pyspark.sql import Column

    from shoplake.declare import Table


def quarantine_cells(table: Table[...], quarantine: Table[...]) -> list[Column]:
    """Return the columns of the quarantine of a table, of evaluated rows with their record and `_violations`."""
    record = F.col(RECORD)
    cells = {
        "feed": F.col("feed"),
        "record_key": key_as_json(table.write.record_key(table)),
        "reasons": F.array_distinct(VIOLATIONS),
        "quarantined_at": record.ingested_at,
        **{name: record[name] for name in ("raw", "file", "line", "batch_id")},
    }
    return [cells[column.name].alias(column.name) for column in quarantine.columns]
