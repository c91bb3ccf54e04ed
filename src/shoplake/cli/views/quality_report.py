"""The quality report: what came of the rows, which rules they broke, which columns have gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from shoplake.cli.console import grid, number, percent, status
from shoplake.engine import QUALITY
from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from shoplake.lake import Lake

COUNTS = ("rows_read", "rows_written", "rows_quarantined", "rows_duplicate", "rows_conflicting")
WORST = ("FAIL", "WARN", "PASS")


def measured(lake: Lake, run_id: str | None = None) -> list[dict[str, Any]]:
    """The rows of `ops.quality` of that run, or of the last run that wrote each table."""
    last = lake.quality()
    if run_id is None:
        return last
    rows = [row for row in lake.state.read(QUALITY) if row["run_id"] == run_id]
    if not rows:
        newest = max(last, key=lambda row: row["recorded_at"], default={"run_id": "none yet"})
        raise ShoplakeError(f"No run '{run_id}' has written anything. The last one is {newest['run_id']}.")
    return rows


def together(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per subject: counts of the batches of one run added up, a column as it was left last."""
    merged: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        key = row["table"], row["check_type"], row["check_name"]
        before = merged.get(key)
        merged[key] = dict(row) if before is None or row["check_type"] == "column" else _sum(before, row)
    return list(merged.values())


def as_data(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The report for a program to read: one entry a table, with its rules and columns."""
    tables: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = tables.setdefault(row["table"], {"table": row["table"], "rules": [], "columns": []})
        if row["check_type"] == "table":
            entry |= {name: row[name] for name in (*COUNTS, "failed_ratio", "status", "run_id")}
        elif row["check_type"] == "rule":
            entry["rules"].append({name: row[name] for name in ("check_name", "rows_failed", "failed_ratio", "status")})
        else:
            nulls = {
                "name": row["check_name"],
                "nulls": row["rows_failed"],
                "failed_ratio": row["failed_ratio"],
                "status": row["status"],
            }
            entry["columns"].append(nulls)
    return list(tables.values())


def show(out: Console, rows: list[dict[str, Any]], *, whole: bool = False) -> None:
    """Print the report: all tables, and the rules and columns that are not PASS, or all if `whole`."""
    out.print(_tables([row for row in rows if row["check_type"] == "table"]))
    for subject, name, counted in (("rule", "rule", "rows broken"), ("column", "column", "nulls")):
        each = [row for row in rows if row["check_type"] == subject]
        shown = [row for row in each if whole or row["status"] != "PASS"]
        out.print()
        if shown:
            out.print(_findings(shown, name, counted))
        if passed := len(each) - len(shown):
            others = f"{passed} other" if shown else f"All {passed}"
            out.print(f"{others} {subject}s PASS.", style="dim")


def _tables(rows: list[dict[str, Any]]) -> Any:
    shown = grid("table", "in", *COUNTS[1:], "", numbers=["in", *COUNTS[1:]])
    shown.columns[0].no_wrap = True
    layer = ""
    for row in rows:
        if layer != (layer := row["table"].partition(".")[0]):
            shown.add_row(Text(layer, style="dim"))
        name = row["table"].partition(".")[2]
        shown.add_row(name, *(number(row[count]) for count in COUNTS), status(row["status"]))
    return shown


def _findings(rows: list[dict[str, Any]], name: str, counted: str) -> Any:
    shown = grid("table", name, counted, "share", "", numbers=[counted, "share"])
    for row in rows:
        share = percent(row["failed_ratio"])
        shown.add_row(row["table"], row["check_name"], number(row["rows_failed"]), share, status(row["status"]))
    return shown


def _sum(before: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Two batches of one run taken together; the worse of the two judgements stays."""
    added = {name: _added(before[name], row[name]) for name in (*COUNTS, "rows_failed")}
    share = (added["rows_failed"] or 0) / added["rows_read"] if added["rows_read"] else 0.0
    return {**row, **added, "failed_ratio": share, "status": min(before["status"], row["status"], key=WORST.index)}


def _added(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
