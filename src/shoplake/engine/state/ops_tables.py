"""The tables of the ledger: which files were taken, how far each table is, what each run did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shoplake.declare import Append, Table, col

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

RUN = col("run_id", "string", "The run that wrote this")
AT = col("recorded_at", "timestamp", "When", unit="UTC")
COUNTS = (
    col("rows_in", "bigint", "Rows that came in: good + quarantined + duplicates", unit="rows"),
    col("good", "bigint", "Rows in the table because of it", unit="rows"),
    col("quarantined", "bigint", "Rows set aside for the rules they broke", unit="rows"),
    col("duplicates", "bigint", "Rows that repeat one that is there, or came with them", unit="rows"),
    col("conflicts", "bigint", "Duplicates that differ from it", unit="rows"),
)


def _ops(name: str, doc: str, *columns: Any) -> Table[...]:
    def kept(rows: DataFrame) -> DataFrame:
        return rows

    kept.__name__, kept.__doc__ = name, doc
    return Table(kept, "ops", columns, Append())


FILES = _ops(
    "files",
    "One row a file that was looked at because its content was new.",
    col("feed", "string", "Which shop's stream"),
    col("stream", "string", "The bronze table its records go into"),
    col("path", "string", "Its path in the feed's folder"),
    col("size", "bigint", "Its size", unit="bytes"),
    col("sha256", "string", "The SHA-256 of its content"),
    col("modified_at", "timestamp", "When it was last modified, as the storage says", unit="UTC"),
    col("batch_id", "string", "The batch it was taken in with"),
    col("state", "string", "landed; refused: a known path with new content; unreadable; same: known content"),
    RUN,
    AT,
)
PROGRESS = _ops(
    "progress",
    "One row a table and a table it reads: how far it has read.",
    col("table", "string", "The table that reads"),
    col("upstream", "string", "The table that is read; its own name for what it was itself then"),
    col("batch_id", "string", "The last batch it has taken in, where it reads batch by batch"),
    col("version", "bigint", "The version it was built from, where it reads the whole", unit="commits"),
    RUN,
    AT,
)
RUNS = _ops(
    "runs",
    "One row a table and run that wrote it.",
    RUN,
    col("table", "string", "layer.table"),
    *COUNTS,
    col("rows", "bigint", "Rows in the table afterwards", unit="rows"),
    col("version", "bigint", "The table's version afterwards", unit="commits"),
    col("seconds", "double", "How long it took", unit="s"),
    col("progress", "string", "How far it has read each table since, as JSON: the last batch, or the version"),
    AT,
)
QUALITY = _ops(
    "quality",
    "One row a run, a table, and what was measured of it: the table itself, one of its rules or columns.",
    RUN,
    col("table", "string", "layer.table"),
    col("subject", "string", "table, rule or column"),
    col("name", "string", "The rule's or column's name; of the table its own"),
    *COUNTS,
    col("broken", "bigint", "Rows that break the rule, or nulls in the column", unit="rows"),
    col("share", "double", "broken, or for a table quarantined, of all rows in question"),
    col("status", "string", "PASS, WARN, FAIL"),
    AT,
)
CHECKSUMS = _ops(
    "checksums",
    "One row a data file of a table, as it was written.",
    col("table", "string", "layer.table"),
    col("file", "string", "Its path in the table's folder"),
    col("sha256", "string", "The SHA-256 of its content"),
    RUN,
    AT,
)
SCHEMA_CHANGES = _ops(
    "schema_changes",
    "One row a field that a feed's files hold and its kind does not know, when it was first seen.",
    col("feed", "string", "Which shop's stream"),
    col("stream", "string", "The bronze table its records go into"),
    col("field", "string", "The field"),
    col("change", "string", "new: kept in bronze, read by no table"),
    col("file", "string", "The first file it was seen in"),
    col("batch_id", "string", "The batch that came in with"),
    RUN,
    AT,
)
OPS = (FILES, PROGRESS, RUNS, QUALITY, CHECKSUMS, SCHEMA_CHANGES)
