"""Sections about what is wrong: incidents, gates, quarantined records, rules."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from shoplake.operations.quality_report.markup import code, heading, status, table
from shoplake.quality.gates import format_measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shoplake.operations.quality_report.content import ReportContent

MAX_ROWS = 200
"""Rows of a table of this page."""


def incidents(content: ReportContent) -> str:
    """Return the open incidents."""
    rows = [
        (code(each.incident_id), f"{each.opened_at:%Y-%m-%d %H:%M}", escape(each.state), escape(each.summary))
        for each in content.incidents[:MAX_ROWS]
    ]
    heads = [("Incident", ""), ("Opened (UTC)", ""), ("State", ""), ("What", "text")]
    about = "An incident stays open until a run no longer finds its cause: shoplake alerts list."
    return heading("incidents", "Incidents", about) + table("Incidents", heads, rows, "No incident is open.")


def gates(content: ReportContent) -> str:
    """Return what the gates of each table last measured, and the days that were unlike their history."""
    heads = [("Table", ""), ("Gate", ""), ("Slice", ""), ("Value", "number"), ("Expected", ""), ("Status", "")]
    about = "What must be true of all rows of a table, as the last run that wrote it measured: shoplake check."
    rows = [_gate(row) for row in content.gates[:MAX_ROWS]]
    days = [_gate(row) for row in content.anomalies[-MAX_ROWS:]]
    return "\n".join(
        [
            heading("gates", "Gates", about),
            table("Gates", heads, rows, "No table has gates."),
            "<h3>Days unlike the weeks before</h3>",
            table("Anomalies", heads, days, "None was recorded."),
        ]
    )


def quarantine(content: ReportContent) -> str:
    """Return the open quarantined records by table and reason, with examples and the command that shows them."""
    heads = [("Table", ""), ("Reason", ""), ("Records", "number"), ("Oldest (UTC)", ""), ("Examples", "text")]
    rows = [
        (
            code(row["table"]),
            code(row["reason"]),
            f"{row['records']:,}",
            f"{row['oldest_at']:%Y-%m-%d}",
            _examples(row["table"], row["reason"], row["examples"]),
        )
        for row in content.quarantine[:MAX_ROWS]
    ]
    about = "Records that violate a rule and wait for a correction. Of personal values only the form is shown."
    return heading("quarantine", "Quarantine", about) + table("Quarantine", heads, rows, "No record is open.")


def rules(content: ReportContent) -> str:
    """Return the rules and columns that did not pass in the last run that wrote their table."""
    heads = [("Table", ""), ("Check", ""), ("Rows", "number"), ("Share", "number"), ("Status", "")]
    rows = [
        (
            code(row["table"]),
            code(row["check_name"]),
            f"{row['rows_failed'] or 0:,}",
            f"{row['failed_ratio'] or 0:.2%}",
            status(row["status"]),
        )
        for row in content.rules[:MAX_ROWS]
    ]
    about = "Rules that rows violate and columns with nulls, in the last run that wrote the table: shoplake quality."
    return heading("rules", "Rules", about) + table("Rules", heads, rows, "Every rule passes.")


def _gate(row: Mapping[str, Any]) -> tuple[str, ...]:
    band = f"{_number(row['expected_low'])} … {_number(row['expected_high'])}"
    cells = code(row["table"]), code(row["gate"]), escape(row["slice"] or "all"), _number(row["value"]), band
    return (*cells, status(row["status"]))


def _number(value: float | None) -> str:
    return "" if value is None else format_measure(value)


def _examples(name: str, reason: str, examples: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f"<li>{code(value) + ' ' if value else ''}<small>{escape(place)}</small></li>" for value, place in examples
    )
    command = f"shoplake quarantine export {name} --reason {reason} -o bad.ndjson"
    return f"<ul>{items}</ul><details><summary>Correct them</summary>{code(command)}</details>"
