"""The page of a report: what stands in the whole lake first, then each section."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from shoplake.operations.quality_report.markup import status
from shoplake.operations.quality_report.quality_sections import gates, incidents, quarantine, rules
from shoplake.operations.quality_report.style import STYLE
from shoplake.operations.quality_report.table_sections import costs, lineage, runs, tables

if TYPE_CHECKING:
    from shoplake.operations.quality_report.content import ReportContent

LINKS = (
    *(("incidents", "Incidents"), ("gates", "Gates"), ("quarantine", "Quarantine"), ("rules", "Rules")),
    *(("tables", "Tables"), ("runs", "Runs"), ("lineage", "Lineage")),
)


def render(content: ReportContent) -> str:
    """Return the page as HTML. The same content makes the same text."""
    title = f"Quality of {content.lake}"
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title><style>{STYLE}</style>'
    )
    links = "".join(f'<a href="#{id}">{name}</a>' for id, name in LINKS)
    sections = (incidents, gates, quarantine, rules, tables, runs, costs, lineage)
    body = "\n".join(f"<section>\n{section(content)}\n</section>" for section in sections)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n<header>\n<h1>{escape(title)}</h1>\n'
        f"<p>As the last run left it, which started at {content.at:%Y-%m-%d %H:%M} UTC.</p>\n{_figures(content)}\n"
        f'<nav aria-label="Sections">{links}</nav>\n</header>\n<main>\n{body}\n</main>\n</body></html>\n'
    )


def verdict(content: ReportContent) -> str:
    """Return FAIL where a table is stopped, a run failed or a check fails, WARN where something else is wrong."""
    severe = {"run", "stale", "stop"} & {each.kind for each in content.incidents}
    states = {row["status"] for row in (*content.tables, *content.rules)}
    if severe or "FAIL" in states or any(row["status"] == "stop" for row in content.gates):
        return "FAIL"
    is_warned = content.incidents or "WARN" in states or any(row["status"] == "warn" for row in content.gates)
    return "WARN" if is_warned else "PASS"


def _figures(content: ReportContent) -> str:
    failing = Counter(row["status"] in ("warn", "stop") for row in content.gates)
    figures = [
        ("Status", status(verdict(content))),
        ("Open incidents", f"{len(content.incidents):,}"),
        ("Gates that fail", f"{failing[True]:,} of {len(content.gates):,}"),
        ("Quarantined, open", f"{content.open_records:,}"),
        ("Files not read", f"{content.unmatched_files:,}"),
    ]
    items = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in figures)
    return f'<dl class="figures">{items}</dl>'
