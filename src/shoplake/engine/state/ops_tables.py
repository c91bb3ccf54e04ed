"""Schemas of the `ops` tables: the state store, results and quality of runs, definitions, decisions, models."""

from __future__ import annotations

from typing import Any

from shoplake.declare import Table, col, stored_table

RUN = col("run_id", "string", "The run that wrote this")
AT = col("recorded_at", "timestamp", "When the run that recorded it started", unit="UTC")
COUNTS = (
    col("rows_read", "bigint", "Rows read: written + quarantined + duplicate + superseded", unit="rows"),
    col("rows_written", "bigint", "Valid rows that are in the table because of this write", unit="rows"),
    col("rows_quarantined", "bigint", "Rows that violate a rule", unit="rows"),
    col("rows_duplicate", "bigint", "Rows that repeat a row of the table or of the same write", unit="rows"),
    col("rows_conflicting", "bigint", "Duplicates whose payload differs", unit="rows"),
    col("rows_superseded", "bigint", "Rows of versions of a document that are not its newest", unit="rows"),
    col("rows_replaced", "bigint", "Rows of the table that this write removed or updated", unit="rows"),
)


def _ops(name: str, doc: str, *columns: Any) -> Table[...]:
    return stored_table(name, doc, "ops", columns)


FILES = _ops(
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
OFFSETS = _ops(
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
TABLE_RUNS = _ops(
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
QUALITY = _ops(
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
CHECKSUMS = _ops(
    "checksums",
    "One row per data file of a table, as it was written.",
    col("table", "string", "layer.table"),
    col("file", "string", "Its path in the table's folder"),
    col("sha256", "string", "The SHA-256 of its content"),
    RUN,
    AT,
)
SCHEMA_CHANGES = _ops(
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
DEFINITIONS = _ops(
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
    col("status", "string", "applied; baseline: unknown before; kept: recorded without a rebuild; dropped"),
    col("note", "string", "What changed"),
    col("shoplake", "string", "The version of shoplake"),
    RUN,
    col("applied_at", "timestamp", "When it was recorded", unit="UTC"),
)
GATES = _ops(
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
AUDIT = _ops(
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
DECISIONS = _ops(
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
MODELS = _ops(
    "models",
    "One row per version of a model: where its file is, what it was trained with and what was measured.",
    col("name", "string", "The model, such as churn"),
    col("version", "int", "Its version, from 1", unit="version"),
    col("sha256", "string", "The SHA-256 of its file"),
    col("size", "bigint", "The size of its file", unit="bytes"),
    col("path", "string", "Its file in the lake"),
    col("seed", "bigint", "The seed of everything that is random", unit="dimensionless"),
    col("features", "string", "The names of its features in their order, as JSON"),
    col("features_hash", "string", "The hash of the declarations of its features"),
    col("code_hash", "string", "The hash of the code that trained it"),
    col("training_set_hash", "string", "The hash of the rows that it was trained, calibrated and tested with"),
    col("source_versions", "string", "The versions of the tables that these were made of, as JSON"),
    col("library_versions", "string", "The versions of the libraries that trained it, as JSON"),
    col("params", "string", "Calibration, as-of days by split and size, as JSON"),
    col("metrics", "string", "What was measured on the test rows, as JSON"),
    col("parent", "int", "The champion when it was trained; null without", unit="version"),
    RUN,
    AT,
)
MODEL_RUNS = _ops(
    "model_runs",
    "One row per command that trained, scored, promoted or reproduced a model.",
    RUN,
    col("command", "string", "train, score, promote or reproduce"),
    col("name", "string", "The model"),
    col("version", "int", "Its version", unit="version"),
    col("status", "string", "done, refused or failed"),
    col("note", "string", "What came of it"),
    col("duration_s", "double", "How long it took", unit="s"),
    AT,
)
MODEL_ALIASES = _ops(
    "model_aliases",
    "One row per decision on the champion of a model; the last that is not refused counts.",
    col("name", "string", "The model"),
    col("alias", "string", "champion"),
    col("version", "int", "The version that was to become it", unit="version"),
    col("status", "string", "promoted, forced or refused"),
    col("reason", "string", "Why"),
    col("comparison", "string", "The figures of the comparison, as JSON"),
    RUN,
    AT,
)
INCIDENTS = _ops(
    "incidents",
    "One row per incident and what happened to it: it opened, was reminded of, was acknowledged, or ended.",
    col("incident_id", "string", "12 hex digits of the SHA-256 of kind, table, check and the run that opened it"),
    col("event", "string", "opened, reminded, acknowledged, resolved"),
    col("kind", "string", "run: failed; stale; stop: a rule stops a table; quarantine; gate; files; slo: error budget"),
    col("table", "string", "layer.table; null where it is not about a table"),
    col("check_name", "string", "The rule, gate, state of files or error that it is about"),
    col("count", "bigint", "The rows, slices or files that it is about", unit="by kind"),
    col("summary", "string", "What happened, with counts and names; never a value of a record"),
    col("actor", "string", "Who acknowledged it: user@host"),
    col("because", "string", "Why it was acknowledged"),
    RUN,
    col("recorded_at", "timestamp", "When it was recorded", unit="UTC"),
)
OUTBOX = _ops(
    "outbox",
    "One row per message about incidents and what became of it: a message is recorded before it is sent.",
    col("message_id", "string", "Its idempotency key: the same in each attempt"),
    col("channel", "string", "email, or webhook: and its name in the settings"),
    col("status", "string", "pending, sent, failed: it is tried again; expired: it is not"),
    col("events", "string", "What it is about, as JSON: incident, event and time of each"),
    col("subject", "string", "Its subject"),
    col("body", "string", "Its text; null in rows after the first"),
    col("attempt", "int", "How often it was tried", unit="attempts"),
    col("error", "string", "The class of the error of a failed attempt"),
    col("recorded_at", "timestamp", "When it was recorded", unit="UTC"),
)
OPS = (
    *(FILES, OFFSETS, TABLE_RUNS, QUALITY, CHECKSUMS, SCHEMA_CHANGES, DEFINITIONS),
    *(GATES, AUDIT, DECISIONS),
    *(MODELS, MODEL_RUNS, MODEL_ALIASES),
    *(INCIDENTS, OUTBOX),
)
