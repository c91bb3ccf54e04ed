"""The page Quality: what arrived, what was quarantined and why, freshness and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shoplake.serve.answers.quality import FreshnessQuery, QualityQuery, RunsQuery, freshness, quality, runs
from shoplake.serve.dashboard.blocks import Page
from shoplake.serve.dashboard.page_context import PageContext, Shown
from shoplake.serve.dashboard.page_state import csv_link, subject_link

if TYPE_CHECKING:
    from shoplake.serve.dashboard.blocks import Table

RUNS, OLDEST = 10, 12


def quality_page(context: PageContext) -> Page:
    """Build the page."""
    blocks = [_arrived(context), _rules(context), _freshness(context), _runs(context)]
    return Page("quality", "Quality", blocks, has_range=False)


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
    ]
    csv = csv_link("quality", check="rule")
    shown = type(answer)(failed, answer.meta)
    more = ("All rules", subject_link("/rows/quality", check="rule"))
    return context.table(
        "Why records were quarantined or warned of", shown, columns, csv=csv, more=more, empty="None was."
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
