"""The quality report: what came of the rows, which rules they broke, which columns have gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from shoplake.cli.console import grid, number, percent, status
from shoplake.engine.state.ops_tables import QUALITY
from shoplake.errors import ShoplakeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from shoplake.lake import Lake

COUNTS = ("rows_in", "good", "quarantined", "duplicates", "conflicts")
WORST = ("FAIL", "WARN", "PASS")


def measured(lake: Lake, run_id: str | None = None) -> list[dict[str, Any]]:
    """The rows of `ops.quality` of that run, or of the last run that wrote each table."""
    last = lake.quality()
    if run_id is None:
        return last
    rows = [row for row in lake.ledger.rows(QUALITY) if row["run_id"] == run_id]
    if not rows:
        newest = max(last, key=lambda row: row["recorded_at"], default={"run_id": "none yet"})
        raise ShoplakeError(f"No run '{run_id}' has written anything. The last one is {newest['run_id']}.")
    return rows


def together(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row a subject: counts of the batches of one run added up, a column as it was left last."""
    merged: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        key = row["table"], row["subject"], row["name"]
        before = merged.get(key)
        merged[key] = dict(row) if before is None or row["subject"] == "column" else _sum(before, row)
    return list(merged.values())


def as_data(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The report for a program to read: one entry a table, with its rules and columns."""
    tables: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = tables.setdefault(row["table"], {"table": row["table"], "rules": [], "columns": []})
        if row["subject"] == "table":
            entry |= {name: row[name] for name in (*COUNTS, "share", "status", "run_id")}
        elif row["subject"] == "rule":
            entry["rules"].append({name: row[name] for name in ("name", "broken", "share", "status")})
        else:
            nulls = {"name": row["name"], "nulls": row["broken"], "share": row["share"], "status": row["status"]}
            entry["columns"].append(nulls)
    return list(tables.values())


def show(out: Console, rows: list[dict[str, Any]], *, whole: bool = False) -> None:
    """Print the report: all tables, and the rules and columns that are not PASS, or all if `whole`."""
    out.print(_tables([row for row in rows if row["subject"] == "table"]))
    for subject, name, counted in (("rule", "rule", "rows broken"), ("column", "column", "nulls")):
        each = [row for row in rows if row["subject"] == subject]
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
        share = percent(row["share"])
        shown.add_row(row["table"], row["name"], number(row["broken"]), share, status(row["status"]))
    return shown


def _sum(before: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Two batches of one run taken together; the worse of the two judgements stays."""
    added = {name: _added(before[name], row[name]) for name in (*COUNTS, "broken")}
    share = (added["broken"] or 0) / added["rows_in"] if added["rows_in"] else 0.0
    return {**row, **added, "share": share, "status": min(before["status"], row["status"], key=WORST.index)}


def _added(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
