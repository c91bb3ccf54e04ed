"""The page Quality: incidents, gates, what was quarantined and why, what arrived, freshness and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from shoplake.serve.answers.quality import (
    FreshnessQuery,
    GatesQuery,
    IncidentsQuery,
    QualityQuery,
    RunsQuery,
    freshness,
    gates,
    incidents,
    quality,
    runs,
)
from shoplake.serve.dashboard.blocks import Page
from shoplake.serve.dashboard.page_context import PageContext, Shown
from shoplake.serve.dashboard.page_state import csv_link, subject_link

if TYPE_CHECKING:
    from shoplake.serve.answers.query.answer import Answer
    from shoplake.serve.dashboard.blocks import Table

RUNS, OLDEST, INCIDENTS, GATES = 10, 12, 10, 15


def quality_page(context: PageContext) -> Page:
    """Build the page."""
    sections = (_incidents, _gates, _rules, _arrived, _freshness, _runs)
    blocks = [section(context) for section in sections]
    return Page("quality", "Quality", blocks, has_range=False)


def _incidents(context: PageContext) -> Table:
    answer = incidents(context.generation, IncidentsQuery(limit=INCIDENTS))
    columns = [
        Shown("opened_at", "Opened", "time"),
        Shown("state", "State"),
        Shown("summary", "What"),
        Shown("command", "Acknowledge", "code"),
    ]
    commands = [f"shoplake alerts ack {id}" for id in answer.rows["incident_id"].to_pylist()]
    more = ("All incidents", subject_link("/rows/incidents", state="any"))
    csv, empty = csv_link("incidents"), "No incident is open."
    return context.table("Incidents", _typed(answer, commands), columns, csv=csv, more=more, span="full", empty=empty)


def _gates(context: PageContext) -> Table:
    answer = gates(context.generation, GatesQuery())
    columns = [
        Shown("table", "Table", "code"),
        Shown("gate", "Gate", "code"),
        Shown("slice", "Slice"),
        Shown("value", "Value", "figure"),
        Shown("expected_low", "From", "figure"),
        Shown("expected_high", "To", "figure"),
        Shown("status", "Status", "code"),
    ]
    shown = type(answer)(answer.rows.slice(0, GATES), answer.meta)
    more = ("All gates", subject_link("/rows/gates"))
    csv, empty = csv_link("gates"), "No table has gates."
    return context.table("Gates", shown, columns, csv=csv, more=more, span="full", empty=empty)


def _arrived(context: PageContext) -> Table:
    answer = quality(context.generation, QualityQuery("table"))
    rows = answer.rows
    is_arrival = [
        str(name).startswith("bronze.") or bool(bad)
        for name, bad in zip(rows["table"].to_pylist(), rows["rows_quarantined"].to_pylist(), strict=True)
    ]
    columns = [
        Shown("table", "Table", "code"),
        Shown("rows_read", "Read", "count"),
        Shown("rows_written", "Written", "count"),
        Shown("rows_duplicate", "Duplicates", "count"),
        Shown("rows_quarantined", "Quarantined", "count"),
    ]
    more = ("All tables", subject_link("/rows/quality"))
    shown = type(answer)(rows.filter(is_arrival), answer.meta)
    return context.table("What arrived", shown, columns, csv=csv_link("quality"), more=more, empty="Nothing yet.")


def _rules(context: PageContext) -> Table:
    answer = quality(context.generation, QualityQuery("rule"))
    failed = answer.rows.filter([bool(count) for count in answer.rows["rows_failed"].to_pylist()])
    columns = [
        Shown("table", "Table", "code"),
        Shown("check_name", "Rule", "code"),
        Shown("rows_failed", "Rows", "count", bar=True),
        Shown("failed_ratio", "Share", "percent"),
        Shown("status", "Status", "code"),
        Shown("command", "Show them", "code"),
    ]
    csv = csv_link("quality", check="rule")
    names = zip(failed["table"].to_pylist(), failed["check_name"].to_pylist(), strict=True)
    commands = [f"shoplake quarantine list {table} --reason {rule}" for table, rule in names]
    shown = _typed(type(answer)(failed, answer.meta), commands)
    more = ("All rules", subject_link("/rows/quality", check="rule"))
    return context.table(
        "Why records were quarantined or warned of", shown, columns, csv=csv, more=more, span="full", empty="None was."
    )


def _freshness(context: PageContext) -> Table:
    answer = freshness(context.generation, FreshnessQuery())
    columns = [
        Shown("table", "Table", "code"),
        Shown("version", "Version", "count"),
        Shown("run_started_at", "Last run", "time"),
        Shown("hours_behind", "Hours behind", "number"),
    ]
    oldest = type(answer)(answer.rows.slice(0, OLDEST), answer.meta)
    more = ("All tables", subject_link("/rows/freshness"))
    return context.table("Oldest tables", oldest, columns, csv=csv_link("freshness"), more=more, empty="Nothing yet.")


def _runs(context: PageContext) -> Table:
    columns = [
        Shown("run_started_at", "Run", "time"),
        Shown("tables", "Tables", "count"),
        Shown("rows_written", "Written", "count"),
        Shown("rows_quarantined", "Quarantined", "count"),
        Shown("duration_s", "Work", "seconds"),
    ]
    answer = runs(context.generation, RunsQuery(RUNS))
    more = ("All runs", subject_link("/rows/runs"))
    return context.table("Runs", answer, columns, csv=csv_link("runs"), more=more, empty="No run has finished yet.")


def _typed(answer: Answer, commands: list[str]) -> Answer:
    """Return the rows with the command to type for each."""
    rows = answer.rows.append_column("command", pa.array(commands, pa.string()))
    return type(answer)(rows, answer.meta, answer.is_truncated)
