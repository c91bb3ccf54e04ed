"""The page Quality: incidents, gates, quarantined records, measures of days, what arrived, freshness and runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from shoplake.serve.answers.quality import (
    FreshnessQuery,
    GatesQuery,
    IncidentsQuery,
    MeasuresQuery,
    QualityQuery,
    QuarantineQuery,
    RunsQuery,
    freshness,
    gates,
    incidents,
    measures,
    quality,
    quarantine,
    runs,
)
from shoplake.serve.dashboard.blocks import Chart, Facts, Page
from shoplake.serve.dashboard.charts.line_chart import LineChart, Point
from shoplake.serve.dashboard.formats import format_day, format_value
from shoplake.serve.dashboard.page_context import PageContext, Row, Shown
from shoplake.serve.dashboard.page_state import csv_link, subject_link

if TYPE_CHECKING:
    from shoplake.serve.answers.query.answer import Answer
    from shoplake.serve.dashboard.blocks import Table

VERDICTS = {True: "outside", False: "within", None: "no band yet"}
RUNS, OLDEST, INCIDENTS, GATES, REASONS, MEASURES, RULES = 10, 12, 10, 15, 20, 12, 20


def quality_page(context: PageContext) -> Page:
    """Build the page."""
    sections = (_arrived, _freshness, _runs)
    blocks = [_incidents(context), _quarantine(context), _gates(context), *_measures(context), _rules(context)]
    blocks += [section(context) for section in sections]
    return Page("quality", "Quality", blocks, has_range=False)


def _incidents(context: PageContext) -> Table:
    answer = incidents(context.generation, IncidentsQuery(limit=INCIDENTS))
    columns = [
        Shown("opened_at", "Opened", "time"),
        Shown("state", "State"),
        Shown("summary", "What", "code"),
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
    csv, empty = csv_link("gates"), "No gate was measured. A project adds some in rules.py."
    return context.table("Gates", shown, columns, csv=csv, more=more, span="full", empty=empty)


def _quarantine(context: PageContext) -> Table:
    answer = quarantine(context.generation, QuarantineQuery())
    columns = [
        Shown("table", "Table", "code"),
        Shown("reason", "Reason", "code"),
        Shown("records", "Open records", "count", bar=True),
        Shown("oldest_at", "Since", "time"),
        Shown("examples", "Examples", "code"),
        Shown("command", "Export them", "code"),
    ]
    first = type(answer)(answer.rows.slice(0, REASONS), answer.meta)
    shown = _typed(first, _export_commands(first, "reason"))
    note = (
        "Of personal values only the form is shown. A record counts for each of its reasons, and once where it repeats "
        "in a file without lines, such as Parquet; the rows of the last run below count it each time."
    )
    more = ("All reasons", subject_link("/rows/quarantine"))
    csv, empty = csv_link("quarantine"), "No quarantined record is open."
    return context.table(
        "Quarantined records by reason", shown, columns, csv=csv, note=note, more=more, span="full", empty=empty
    )


def _measures(context: PageContext) -> list[Table | Chart | Facts]:
    answer = measures(context.generation, MeasuresQuery())
    rows: list[Row] = answer.rows.to_pylist()

    def chart(row: Row) -> str:
        return context.state.link("/quality", series=row["series"])

    columns = [
        Shown("series", "Measure", "code", chart),
        Shown("day", "Day", "day"),
        Shown("measured", "Measured", "figure"),
        Shown("expected_low", "From", "figure"),
        Shown("expected_high", "To", "figure"),
        Shown("verdict", "Status", "code"),
    ]
    verdicts = [VERDICTS[row["is_anomaly"]] for row in rows]
    shown = answer.rows.append_column("verdict", pa.array(verdicts, pa.string())).slice(0, MEASURES)
    csv, more = csv_link("measures"), ("All measures", subject_link("/rows/measures"))
    empty = "No table compares its days with the weeks before."
    note = "The last closed day of each measure; a measure opens its chart. Nulls and shares are shares of the rows."
    table = context.table(
        "Measures of closed days",
        type(answer)(shown, answer.meta),
        columns,
        csv=csv,
        note=note if rows else "",
        more=more,
        span="full",
        empty=empty,
    )
    known = [row["series"] for row in rows]
    chosen = context.state.extra.get("series", known[0] if known else "")
    return [table, *_band_chart(context, chosen)] if chosen in known else [table]


def _band_chart(context: PageContext, series: str) -> list[Table | Chart | Facts]:
    answer = measures(context.generation, MeasuresQuery(series=series, days="all"))
    rows: list[Row] = sorted(answer.rows.to_pylist(), key=lambda row: row["day"])
    columns = [
        Shown("day", "Day", "day"),
        Shown("measured", "Measured", "figure"),
        Shown("expected_low", "From", "figure"),
        Shown("expected_high", "To", "figure"),
    ]
    csv = csv_link("measures", series=series, days="all")
    title = f"{series} by day{'' if rows[0]['metric'] == 'rows' else ', %'}"
    table = context.table(title, answer, columns, csv=csv)
    name = f"{title}, with the band in which it is expected. The table below has the numbers."
    wide, narrow = context.charts.draw(LineChart(name, [_day(context, row) for row in rows]))
    last = _last_day(context, rows[-1], answer)
    return [Chart(title, wide, narrow, table, [("now", "measured"), ("area", "expected")]), last]


def _last_day(context: PageContext, row: Row, answer: Answer) -> Facts:
    names = ("measured", "expected", "expected_low", "expected_high")
    measured, expected, low, high = (format_value(row[name], "figure", context.zone) for name in names)
    facts = [
        ("Day", format_day(row["day"])),
        ("Measured", measured),
        ("Expected", expected),
        ("Band", f"{low} to {high}" if row["expected"] is not None else VERDICTS[None]),
        ("Status", VERDICTS[row["is_anomaly"]]),
    ]
    return Facts("Last closed day", facts, context.origin(answer.meta), span="narrow")


def _day(context: PageContext, row: Row) -> Point:
    scale = 1.0 if row["metric"] == "rows" else 100.0
    low, high = row["expected_low"], row["expected_high"]
    band = None if low is None or high is None else (low * scale, high * scale)
    value, *ends = (
        format_value(row[name], "figure", context.zone) for name in ("measured", "expected_low", "expected_high")
    )
    read_out = (format_day(row["day"]), f"measured {value}", *([f"expected {ends[0]} to {ends[1]}"] if band else []))
    label = format_day(row["day"], year=False)
    return Point(label, row["measured"] * scale, None, read_out, is_marked=bool(row["is_anomaly"]), band=band)


def _arrived(context: PageContext) -> Table:
    answer = quality(context.generation, QualityQuery("table"))
    shown = answer.where(lambda row: row["table"].startswith("bronze.") or row["rows_quarantined"])
    columns = [
        Shown("table", "Table", "code"),
        Shown("rows_read", "Read", "count"),
        Shown("rows_written", "Written", "count"),
        Shown("rows_duplicate", "Duplicates", "count"),
        Shown("rows_quarantined", "Quarantined", "count"),
    ]
    more = ("All tables", subject_link("/rows/quality"))
    return context.table("What arrived", shown, columns, csv=csv_link("quality"), more=more, empty="Nothing yet.")


def _rules(context: PageContext) -> Table:
    answer = quality(context.generation, QualityQuery("rule"))
    columns = [
        Shown("table", "Table", "code"),
        Shown("check_name", "Rule", "code"),
        Shown("rows_failed", "Rows", "count", bar=True),
        Shown("failed_ratio", "Share", "percent"),
        Shown("status", "Status", "code"),
    ]
    failed = answer.where(lambda row: row["rows_failed"]).rows.sort_by([("rows_failed", "descending")])
    csv, shown = csv_link("quality", check="rule"), replace(answer, rows=failed.slice(0, RULES))
    more = ("All rules", subject_link("/rows/quality", check="rule"))
    return context.table("Rules that rows of the last run violate", shown, columns, csv=csv, more=more, empty="None.")


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


def _export_commands(answer: Answer, rule: str) -> list[str]:
    names = zip(answer.rows["table"].to_pylist(), answer.rows[rule].to_pylist(), strict=True)
    return [f"shoplake quarantine export {table} --reason {name} -o bad.ndjson" for table, name in names]


def _typed(answer: Answer, commands: list[str]) -> Answer:
    """Return the rows with the command to type for each."""
    rows = answer.rows.append_column("command", pa.array(commands, pa.string()))
    return type(answer)(rows, answer.meta, answer.is_truncated)
