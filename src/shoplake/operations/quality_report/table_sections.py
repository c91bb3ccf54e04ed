"""Sections about all tables: freshness and history, runs, cost, lineage."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from shoplake.operations.quality_report.markup import bar, code, heading, sparkline, status, table

if TYPE_CHECKING:
    from shoplake.operations.quality_report.content import ReportContent


def tables(content: ReportContent) -> str:
    """Return each table: status, rows, how long before the last run it was written, and its last writes."""
    heads = [("Table", ""), ("Status", ""), ("Rows", "number"), ("Written (UTC)", ""), ("Hours behind", "number")]
    heads += [("Last writes", "")]
    rows = [
        (
            code(row["table"]),
            status(row["status"]),
            f"{row['rows_total'] or 0:,}",
            f"{row['run_started_at']:%Y-%m-%d %H:%M}",
            f"{(content.at - row['run_started_at']).total_seconds() / 3600:,.1f}",
            sparkline(row["written"], row["quarantined"]),
        )
        for row in content.tables
    ]
    about = "Bars are the rows of the last writes, the oldest first; those that quarantined records are marked."
    return heading("tables", "Tables", about) + table("Tables", heads, rows, "No table was written yet.")


def runs(content: ReportContent) -> str:
    """Return the last runs."""
    heads = [("Run (UTC)", ""), ("Tables", "number"), ("Rows", "number"), ("Quarantined", "number")]
    heads += [("Ended by", ""), ("Work", "number"), ("Of the most", "")]
    most = max((run["s"] for run in content.runs), default=0.0) or 1.0
    rows = [
        (
            f"{run['at']:%Y-%m-%d %H:%M}",
            f"{run['tables']:,}",
            f"{run['rows']:,}",
            f"{run['bad']:,}",
            escape(run["error"]),
            f"{run['s']:,.1f} s",
            bar(run["s"] / most),
        )
        for run in content.runs
    ]
    about = "Runs that wrote a table or did not end well, the newest first. Work is the time of all tables; two are "
    about += "built at a time. A run that ended well has no error."
    return heading("runs", "Runs", about) + table("Runs", heads, rows, "No run wrote a table yet.")


def costs(content: ReportContent) -> str:
    """Return the tables that took longest in all recorded runs."""
    most = max((cost["s"] for cost in content.costs), default=0.0) or 1.0
    heads = [("Table", ""), ("Work", "number"), ("Writes", "number"), ("Of the most", "")]
    rows = [
        (code(cost["table"]), f"{cost['s']:,.1f} s", f"{cost['writes']:,}", bar(cost["s"] / most))
        for cost in content.costs
    ]
    return "<h3>Most work by table</h3>" + table("Cost", heads, rows, "No table was written yet.")


def lineage(content: ReportContent) -> str:
    """Return the tables and what each is made from; a name leads to its own row."""
    rows = [
        (f'<code id="{_anchor(name)}">{escape(name)}</code>', ", ".join(_link(each) for each in inputs) or "files")
        for name, inputs in content.lineage
    ]
    heads = [("Table", ""), ("Made from", "text")]
    about = "What each table is made from, in the order in which a run builds them."
    return heading("lineage", "Lineage", about) + table("Lineage", heads, rows, "There are no tables.")


def _link(name: str) -> str:
    return f'<a href="#{_anchor(name)}">{code(name)}</a>'


def _anchor(name: str) -> str:
    return f"t-{escape(name, quote=True)}"
