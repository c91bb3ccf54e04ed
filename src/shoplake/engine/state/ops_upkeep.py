"""Schemas of the `ops` tables about upkeep, errors, costs and incidents."""

from __future__ import annotations

from shoplake.declare import col
from shoplake.engine.state.ops_columns import AT, RUN, ops_table

MAINTENANCE = ops_table(
    "maintenance",
    "One row per table and action of a maintenance.",
    RUN,
    col("table", "string", "layer.table"),
    col("action", "string", "compact, log (checkpoint and clean-up) or vacuum"),
    col("files", "bigint", "Files, or commits of a log, that are fewer because of it", unit="files"),
    col("size", "bigint", "What it freed", unit="bytes"),
    AT,
)
EXPIRATIONS = ops_table(
    "expirations",
    "One row per table and clean-up that deleted rows of it whose retention was over.",
    RUN,
    col("table", "string", "layer.table"),
    col("rows_deleted", "bigint", "The rows that it deleted", unit="rows"),
    col("kept_from", "date", "The first day (UTC) whose rows it left; of bronze, the day of arrival"),
    AT,
)
ERRORS = ops_table(
    "errors",
    "One row per exception that ended a run, and per run that was killed. Values of records are masked.",
    RUN,
    col("table", "string", "layer.table; empty where it is about no table"),
    col("kind", "string", "The class of the exception; Killed"),
    col("message", "string", "The first line of its message, without quoted texts, addresses and numbers"),
    col("location", "string", "The function that raised it"),
    col("fingerprint", "string", "16 hex digits that are the same whenever the same error is seen again"),
    AT,
)
COSTS = ops_table(
    "costs",
    "One row per run and table that the run wrote: what that cost.",
    RUN,
    col("table", "string", "layer.table"),
    col("duration_s", "double", "How long it took", unit="s"),
    col("cpu_s", "double", "Processor time of the process, embedded engine included", unit="s"),
    col("files", "bigint", "Data files of the table afterwards", unit="files"),
    col("size", "bigint", "Size of the table afterwards", unit="bytes"),
    AT,
)
INCIDENTS = ops_table(
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
OUTBOX = ops_table(
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
