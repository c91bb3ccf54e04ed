"""Schemas of the `ops` tables: the state store, results and quality of runs, definitions, decisions."""

from __future__ import annotations

from shoplake.declare import col
from shoplake.engine.state.ops_columns import AT, COUNTS, RUN, ops_table
from shoplake.engine.state.ops_models import MODEL_ALIASES, MODEL_RUNS, MODELS
from shoplake.engine.state.ops_upkeep import COSTS, ERRORS, EXPIRATIONS, INCIDENTS, MAINTENANCE, OUTBOX

FILES = ops_table(
    "files",
    "One row per version of a file that was inspected because its size or time was new.",
    col("feed", "string", "Which shop's stream"),
    col("stream", "string", "The bronze table its records go into"),
    col("path", "string", "Its path in the feed's folder"),
    col("size", "bigint", "Its size", unit="bytes"),
    col("sha256", "string", "The SHA-256 of its content"),
    col("modified_at", "timestamp", "When it was last modified, as the storage says", unit="UTC"),
    col("batch_id", "string", "The batch it was ingested with"),
    col(
        "state",
        "string",
        "ingested; rejected: a known path with new content; replaced content is superseded; unreadable; unchanged; "
        "unmatched: no stream of the feed's kind reads it",
    ),
    RUN,
    AT,
)
OFFSETS = ops_table(
    "offsets",
    "One row per table and input: the last batch or version of the input that the table has read.",
    col("table", "string", "The table that reads"),
    col("upstream", "string", "The table that is read"),
    col("batch_id", "string", "The last batch read, where it reads batch by batch"),
    col("version", "bigint", "The version read, where it reads whole versions", unit="commits"),
    col("own_version", "bigint", "The table's own version at that time, where rows are only added", unit="commits"),
    RUN,
    AT,
)
TABLE_RUNS = ops_table(
    "table_runs",
    "One row per run and table that the run wrote.",
    RUN,
    col("table", "string", "layer.table"),
    *COUNTS,
    col("rows_total", "bigint", "Rows in the table afterwards", unit="rows"),
    col("version", "bigint", "The table's version afterwards", unit="commits"),
    col("duration_s", "double", "How long it took", unit="s"),
    col("offsets", "string", "What it has read of each input, as JSON: input → [batch, version, own version]"),
    col("run_started_at", "timestamp", "When the run started", unit="UTC"),
)
QUALITY = ops_table(
    "quality",
    "One row per run, table and check: the table itself, one of its rules, or one of its columns.",
    RUN,
    col("table", "string", "layer.table"),
    col("check_type", "string", "table, rule or column"),
    col("check_name", "string", "The name of the rule, column or table"),
    *COUNTS,
    col("rows_failed", "bigint", "Rows that violate the rule, or nulls in the column", unit="rows"),
    col("failed_ratio", "double", "rows_failed / rows_read"),
    col("status", "string", "PASS, WARN, FAIL"),
    AT,
)
CHECKSUMS = ops_table(
    "checksums",
    "One row per data file of a table, as it was written.",
    col("table", "string", "layer.table"),
    col("file", "string", "Its path in the table's folder"),
    col("sha256", "string", "The SHA-256 of its content"),
    RUN,
    AT,
)
SCHEMA_CHANGES = ops_table(
    "schema_changes",
    "One row per field of a feed's files that its kind does not know, when it was first seen.",
    col("feed", "string", "Which shop's stream"),
    col("stream", "string", "The bronze table its records go into"),
    col("field", "string", "The field"),
    col("change", "string", "new: kept in bronze, read by no table"),
    col("file", "string", "The first file it was seen in"),
    col("batch_id", "string", "The batch that came in with"),
    RUN,
    AT,
)
DEFINITIONS = ops_table(
    "definitions",
    "One row per table and change of its definition: the definition that its rows have from then on.",
    col("table", "string", "layer.table"),
    col("columns", "string", "Its columns, as JSON: [name, type, description]"),
    col("change_columns", "string", "The columns of its changes, as JSON; empty without SCD type 2"),
    col("key", "string", "Its key, as JSON"),
    col("write", "string", "Its write mode"),
    col("partition_by", "string", "Its partition columns, as JSON"),
    col("rules", "string", "Its rules, as JSON: name → [condition, action]"),
    col("doc", "string", "What one row is"),
    col("plan_hash", "string", "Hash of the plan that its function makes, as JSON by feed"),
    col("code_hash", "string", "Hash of the Python code that the plan refers to; empty without any"),
    col("source", "string", "Hash of each function and constant that its function reaches, as JSON"),
    col("inputs", "string", "Hash of key, partitioning and write mode of each input, as JSON"),
    col("settings", "string", "The settings of the feeds that it depends on, as JSON"),
    col("versions", "string", "Versions of the engine and of the libraries that its rows depend on, as JSON"),
    col("status", "string", "applied; applying: begun; baseline: unknown before; kept: not rebuilt; dropped"),
    col("note", "string", "What changed"),
    col("shoplake", "string", "The version of shoplake"),
    RUN,
    col("applied_at", "timestamp", "When it was recorded", unit="UTC"),
)
GATES = ops_table(
    "gates",
    "One row per run, gate and slice of a table that the run wrote or stopped; rules with `stop_above` are gates, too.",
    RUN,
    col("table", "string", "layer.table"),
    col("gate", "string", "The name of the gate or rule"),
    col("slice", "string", "Feed, day and value that were looked at; null for all rows of a write"),
    col("value", "double", "What was measured, e.g. the share of rows that violate the rule", unit="by gate"),
    col("expected_low", "double", "The least value that passes", unit="as the value"),
    col("expected_high", "double", "The greatest value that passes", unit="as the value"),
    col("status", "string", "pass; warn; stop: the write was not committed; accepted: it would have stopped"),
    col("accepted_by", "string", "Who accepted it for this run"),
    col("because", "string", "Why"),
    AT,
)
METRICS = ops_table(
    "metrics",
    "One row per run, closed day and measure of a table whose gates compare days; the last run of a day counts.",
    RUN,
    col("table", "string", "layer.table"),
    col("feed", "string", "Which shop's stream"),
    col("day", "date", "The day of the shop"),
    col("metric", "string", "rows; nulls: their share; shares: that of one value"),
    col("column", "string", "The column; null for rows"),
    col("value", "string", "The value whose share it is; null for rows"),
    col("measured", "double", "Number of rows, or share of them", unit="by metric"),
    col("expected", "double", "What the weeks before make likely; null where too little is known", unit="by metric"),
    col("expected_low", "double", "The least value that is no anomaly", unit="by metric"),
    col("expected_high", "double", "The greatest value that is no anomaly", unit="by metric"),
    col("is_anomaly", "boolean", "Whether it is outside; null where the day is not compared"),
    AT,
)
AUDIT = ops_table(
    "audit",
    "One row per decision of a person about the rows of a lake.",
    RUN,
    col("actor", "string", "Who decided: user@host"),
    col("command", "string", "What was decided, e.g. accept"),
    col("subject", "string", "What it is about, e.g. a rule as layer.table.rule"),
    col("because", "string", "Why"),
    col("previous_hash", "string", "The hash of the row before; empty for the first"),
    col("hash", "string", "SHA-256 of the row's other cells"),
    AT,
)
DECISIONS = ops_table(
    "decisions",
    "One row per quarantined record and decision about it. A rebuild heeds them, as quarantines are built anew.",
    col("record_id", "string", "16 hex digits of the SHA-256 of the record's feed, file, line and text"),
    col("table", "string", "The table, as layer.table, whose quarantine had it"),
    col("decision", "string", "fixed: a corrected record came instead; discarded. Neither counts any more"),
    col("fix_id", "string", "The SHA-256 of the file with the corrected record; null where it is discarded"),
    col("actor", "string", "Who decided: user@host"),
    col("because", "string", "Why"),
    RUN,
    AT,
)
OPS = (
    *(FILES, OFFSETS, TABLE_RUNS, QUALITY, CHECKSUMS, SCHEMA_CHANGES, DEFINITIONS),
    *(GATES, METRICS, AUDIT, DECISIONS),
    *(MODELS, MODEL_RUNS, MODEL_ALIASES),
    *(MAINTENANCE, EXPIRATIONS, ERRORS, COSTS),
    *(INCIDENTS, OUTBOX),
)
