"""Records that wait for a record of another file: they are in no table and in no quarantine yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from shoplake.columns.raw_record import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import DataFrame

    from shoplake.declare import Table

SHOWN = ("file", "line", "ingested_at", "raw")


def read_waiting(table: Table[...], found: Iterable[DataFrame]) -> list[dict[str, Any]]:
    """Return the `table`, `feed`, and columns of `SHOWN` of each record, by feed, file and line.

    `found` are what the functions in `waiting` of a feed's kind return: parsed records of bronze.
    """
    records = []
    for rows in found:
        columns = [F.col(f"{RECORD}.{name}").alias(name) for name in SHOWN]
        records += [row.asDict() for row in rows.select("feed", *columns).collect()]
    ordered = sorted(records, key=lambda each: (each["feed"], each["file"], each["line"] or 0))
    return [{"table": table.qualified_name, **each} for each in ordered]
