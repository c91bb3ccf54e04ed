"""Sample tables of documents that are sent again: one of nested records, one of flat ones."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from sample_tables import DAY, DAYS, FEED

from shoplake.columns.raw_record import (
    BRONZE_COLUMNS,
    VERSION_COLUMNS,
    json_record,
    parse_as,
    payload_hash,
    type_errors,
)
from shoplake.declare import Append, ReplaceDocuments, col, expect, table

COLUMNS = (
    FEED,
    col("id", "string", "The receipt", required=True),
    col("line", "int", "Its line", required=True),
    DAY,
    col("n", "int", "How many", unit="pieces", required=True),
    col("updated_at", "timestamp", "When the receipt last changed", unit="UTC"),
    *VERSION_COLUMNS,
    col("payload_hash", "bigint", "Distinguishes an exact repeat"),
    col("batch_id", "string", "Its batch"),
)
RULES = [expect("n_positive", "n > 0")]


@table("bronze", write=Append(), partition_by=["batch_id"], columns=BRONZE_COLUMNS)
def receipts_raw(landed: DataFrame) -> DataFrame:
    """One row per record of a receipt."""
    return landed


def _columns(line: Column, n: Column, version_line: Column) -> list[Column]:
    return [
        F.col("feed"),
        F.col("id"),
        line.cast("int").alias("line"),
        F.col("day").cast("date").alias("day"),
        n.try_cast("int").alias("n"),
        parse_as("updated_at", "timestamp").alias("updated_at"),
        F.col("_source.file").alias("source_file"),
        version_line.cast("bigint").alias("version_line"),
        payload_hash(),
        F.col("_source.batch_id").alias("batch_id"),
        F.col("_source"),
        type_errors(updated_at="timestamp"),
    ]


@table(
    "silver",
    key=["feed", "id", "line"],
    write=ReplaceDocuments(("id",)),
    partition_by=["day"],
    incremental="receipts_raw",
    columns=COLUMNS,
    expectations=RULES,
)
def receipts(receipts_raw: DataFrame) -> DataFrame:
    """One row per line of a receipt: a record has all lines."""
    records = json_record(receipts_raw, "id string, day string, updated_at string, lines array<string>")
    lines = records.select("*", F.posexplode("lines").alias("at", "n"))
    return lines.select(*_columns(F.col("at") + 1, F.col("n"), F.col("_source.line")))


@table(
    "silver",
    key=["feed", "id", "line"],
    write=ReplaceDocuments(("id",)),
    incremental="receipts_raw",
    columns=COLUMNS,
    expectations=RULES,
)
def slips(receipts_raw: DataFrame) -> DataFrame:
    """One row per line of a slip: each line is a record, and a file has whole slips."""
    fields = "id string, day string, updated_at string, line string, n string"
    return json_record(receipts_raw, fields).select(*_columns(F.col("line"), F.col("n"), F.lit(None)))


def receipt(name: str, *lines: object, at: str | None = None, day: str = DAYS[0]) -> dict[str, object]:
    """A record of a receipt with the number of pieces per line."""
    return {"id": name, "day": day, "updated_at": at, "lines": [str(n) for n in lines]}


def slip(name: str, line: int, n: object, at: str | None = None) -> dict[str, object]:
    """A record of one line of a slip."""
    return {"id": name, "day": DAYS[0], "updated_at": at, "line": line, "n": n}
