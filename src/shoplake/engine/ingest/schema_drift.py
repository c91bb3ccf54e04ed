"""Fields that a feed's files hold and its kind does not know."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import DataFrame

    from shoplake.declare import Table
    from shoplake.engine.ingest.file_discovery import Batch


def unknown_fields(table: Table[...], landed: DataFrame, batch: Batch) -> Iterator[tuple[str, str, str]]:
    """Feed, field and first file of each field in a batch that no stream of its kind into `table` knows."""
    known = {file.feed: set(file.stream.fields) for file in batch.into(table.name)}
    told = landed.where(F.col("header").isNotNull()).groupBy("feed", "header").agg(F.min("file").alias("file"))
    found: dict[tuple[str, str], str] = {}
    for row in told.orderBy("file").collect():
        for field in _names(row.header):
            if field not in known[row.feed]:
                found.setdefault((row.feed, field), row.file)
    yield from ((feed, field, file) for (feed, field), file in sorted(found.items()))


def _names(header: str) -> list[str]:
    """The names in a CSV header, or in a JSON array of them."""
    if header.startswith("["):
        try:
            names: list[str] = json.loads(header)
            return names
        except ValueError:
            pass
    return next(csv.reader([header]), [])
