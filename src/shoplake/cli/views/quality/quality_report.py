"""View of the data quality: row counts, violated rules, null ratios."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.text import Text

from shoplake.cli.console import format_number, format_percent, styled_status, text_table
from shoplake.cli.views.run.run_result import print_unmatched

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console
    from rich.table import Table as TextTable

    from shoplake.lake import Lake
    from shoplake.quality.gates import GateResult

COUNTS = {
    "rows_read": "read",
    "rows_written": "written",
    "rows_quarantined": "quarantined",
    "rows_duplicate": "duplicates",
    "rows_conflicting": "conflicts",
    "rows_superseded": "superseded",
}
"""The counts of a table, and the names of their columns."""
WORST_FIRST = ("FAIL", "WARN", "PASS")


@dataclass(frozen=True)
class QualityReportView:
    """The rows of `ops.quality`, one row per table, rule or column; rules and columns with PASS only on demand."""

    rows: Sequence[dict[str, Any]]
    shows_all: bool = False
    open_rows: Mapping[str, int] = field(default_factory=dict)
    """How many quarantined records of a table still wait for a correction, by its name."""
    unmatched: Sequence[str] = ()
    budgets: Sequence[GateResult] = ()
    """Which share of each error budget is spent."""

    @classmethod
    def of(cls, lake: Lake, run_id: str | None = None, *, shows_all: bool = False) -> QualityReportView:
        """Read the quality of a run, or of the last run that wrote each table."""
        rows = merge_batches(lake.quality(run_id))
        open_rows, unmatched = lake.open_quarantined(), lake.unmatched_files()
        return cls(rows, shows_all, open_rows, unmatched, lake.error_budgets())

    def render(self, console: Console) -> None:
        """Print the tables, then the rules and the columns."""
        console.print(self._tables())
        for check_type, count_name in (("rule", "violations"), ("column", "nulls")):
            rows = [row for row in self.rows if row["check_type"] == check_type]
            shown = [row for row in rows if self.shows_all or row["status"] != "PASS"]
            console.print()
            if shown:
                console.print(_check_table(shown, check_type, count_name))
            if passed := len(rows) - len(shown):
                others = f"{passed} other" if shown else f"All {passed}"
                console.print(f"{others} {check_type}s PASS.", style="dim")
        if self.budgets:
            console.print()
            console.print(_budget_table(self.budgets))
        print_unmatched(console, self.unmatched)

    def to_json(self) -> list[dict[str, Any]]:
        """Return one object per table, with its rules and columns."""
        tables: dict[str, dict[str, Any]] = {}
        for row in self.rows:
            entry = tables.setdefault(row["table"], {"table": row["table"], "rules": [], "columns": []})
            if row["check_type"] == "table":
                entry |= {name: row[name] for name in (*COUNTS, "failed_ratio", "status", "run_id")}
                entry["rows_open"] = self.open_rows.get(row["table"], 0)
            elif row["check_type"] == "rule":
                names = ("check_name", "rows_failed", "failed_ratio", "status")
                entry["rules"].append({name: row[name] for name in names})
            else:
                ratio = {name: row[name] for name in ("failed_ratio", "status")}
                entry["columns"].append({"name": row["check_name"], "nulls": row["rows_failed"], **ratio})
        for each in self.budgets:
            if each.table in tables:
                tables[each.table].setdefault("error_budget_spent", {})[each.slice] = each.value
        return list(tables.values())

    def _tables(self) -> TextTable:
        output = text_table("table", *COUNTS.values(), "open", "", numbers=(*COUNTS.values(), "open"))
        output.columns[0].no_wrap = True
        layer = ""
        for row in self.rows:
            if row["check_type"] != "table":
                continue
            if layer != (layer := row["table"].partition(".")[0]):
                output.add_row(Text(layer, style="dim"))
            name, counts = row["table"].partition(".")[2], (format_number(row[count]) for count in COUNTS)
            remaining = format_number(self.open_rows.get(row["table"], 0))
            output.add_row(name, *counts, remaining, styled_status(row["status"]))
        return output


def merge_batches(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Merge the batches of a run into one row per table, rule or column.

    Counts are added, the worse status stays; of a column the last row stays.
    """
    merged: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        key = row["table"], row["check_type"], row["check_name"]
        before = merged.get(key)
        merged[key] = dict(row) if before is None or row["check_type"] == "column" else _add_rows(before, row)
    return list(merged.values())


def _budget_table(budgets: Sequence[GateResult]) -> TextTable:
    output = text_table("table", "error budget", "spent", "", numbers=["spent"])
    for each in budgets:
        output.add_row(each.table, each.slice, f"{each.value:.0%}", styled_status("WARN" if each.value > 1 else "PASS"))
    return output


def _check_table(rows: Sequence[dict[str, Any]], check_type: str, count_name: str) -> TextTable:
    output = text_table("table", check_type, count_name, "ratio", "", numbers=[count_name, "ratio"])
    for row in rows:
        ratio, status = format_percent(row["failed_ratio"]), styled_status(row["status"])
        output.add_row(row["table"], row["check_name"], format_number(row["rows_failed"]), ratio, status)
    return output


def _add_rows(before: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Add two batches of one run; the worse status stays."""
    sums = {name: _add(before[name], row[name]) for name in (*COUNTS, "rows_failed")}
    ratio = (sums["rows_failed"] or 0) / sums["rows_read"] if sums["rows_read"] else 0.0
    return {**row, **sums, "failed_ratio": ratio, "status": min(before["status"], row["status"], key=WORST_FIRST.index)}


def _add(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other
