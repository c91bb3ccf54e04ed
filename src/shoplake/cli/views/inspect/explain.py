"""View of a table's last run and of the engine's physical plan for it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from shoplake.cli.console import format_number, format_percent, text_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.table import Table as TextTable

    from shoplake.lake import Lake

NODE = re.compile(
    r"^\s*(?P<node>\w+Exec)\b|^[\s:+-]*(?:\*\(\d+\) )?(?P<spark>[A-Z]\w+(?: \w+partitioning| SinglePartition)?)"
)
"""The operator at the start of a plan line: Sail's end in `Exec`, Spark's follow the branches of a tree."""
KINDS = {
    "joins": re.compile(r"Join|^CartesianProduct"),
    "exchanges": re.compile(r"^(Repartition|Coalesce|SortPreservingMerge)|Exchange"),
    "sorts": re.compile(r"^Sort(?!PreservingMerge|MergeJoin)"),
}
SCANS = ("DataSourceExec", "FileScan", "LocalTableScan")
SOURCE = re.compile(r"/(bronze|silver|gold|ops)/(\w+)[/\],]")
PUSHED = re.compile(r"\bpredicate=(.*?)(?:, (?:pruning_predicate|required_guarantees|dynamic_rg_pruning)=|$)")
FILTERS = re.compile(r"\b(?:PartitionFilters|PushedFilters): \[(.*?)\], (?=PushedFilters|ReadSchema)")


@dataclass(frozen=True)
class ExplainView:
    """A table's last run, None if there is none, and its plan, None for bronze."""

    table: str
    last_run: dict[str, Any] | None
    plan: dict[str, Any] | None

    @classmethod
    def of(cls, lake: Lake, name: str) -> ExplainView:
        """Explain a table by its name. Raises UnknownTableError for an unknown name."""
        table = lake.catalog[name]
        runs = lake.table("ops.table_runs").to_arrow().to_pylist()
        plan = summarize_plan(lake.explain(table.name)) if table.inputs else None
        return cls(table.qualified_name, find_last_run(runs, table.qualified_name), plan)

    def render(self, console: Console) -> None:
        """Print the last run, a summary of the plan, and the plan."""
        console.print(self.table, style="bold")
        console.print()
        console.print(_run_table(self.last_run) if self.last_run else "Not built by any run yet.")
        console.print()
        if self.plan is None:
            console.print("Bronze tables are ingested from files: there is no plan.")
            return
        console.print(_plan_table(self.plan))
        console.print()
        for line in self.plan["text"].splitlines():
            if console.is_terminal:
                console.print(line, style="dim", no_wrap=True, overflow="ellipsis")
            else:
                console.print(line, soft_wrap=True)

    def to_json(self) -> dict[str, Any]:
        """Return the table, its last run and its plan."""
        return {"table": self.table, "last_run": self.last_run, "plan": self.plan}


def find_last_run(runs: Iterable[dict[str, Any]], table: str) -> dict[str, Any] | None:
    """Sum up the last run that wrote a table, with its share of the run's duration; None if no run wrote it."""
    runs = list(runs)
    newest = max((row for row in runs if row["table"] == table), key=lambda row: row["run_started_at"], default=None)
    if newest is None:
        return None
    all_rows = [row for row in runs if row["run_id"] == newest["run_id"]]
    own_rows = [row for row in all_rows if row["table"] == table]
    own_s, all_s = sum(row["duration_s"] for row in own_rows), sum(row["duration_s"] for row in all_rows)
    return {
        "rows_read": sum(row["rows_read"] for row in own_rows),
        "rows_written": sum(row["rows_written"] for row in own_rows),
        "duration_s": round(own_s, 3),
        "share": round(own_s / all_s, 4) if all_s else None,
        "version": max(row["version"] for row in own_rows),
        "run_id": newest["run_id"],
        "run_started_at": newest["run_started_at"].isoformat(),
    }


def summarize_plan(text: str) -> dict[str, Any]:
    """Count the joins, exchanges and sorts of a physical plan, and list its scans with their predicates."""
    nodes = [(match["node"] or match["spark"], line) for line in text.splitlines() if (match := NODE.match(line))]
    counts = Counter(node for node, _ in nodes)
    kinds = {
        kind: {node: count for node, count in counts.items() if pattern.search(node)} for kind, pattern in KINDS.items()
    }
    return {**kinds, "scans": [_scan(line) for node, line in nodes if node in SCANS], "text": text}


def _run_table(run: dict[str, Any]) -> TextTable:
    numbers = ("rows read", "written", "duration", "of the run", "version")
    output = text_table(*numbers, "run", "started (UTC)", numbers=numbers)
    counts = (format_number(run["rows_read"]), format_number(run["rows_written"]), f"{run['duration_s']:.2f} s")
    version, started_at = str(run["version"]), run["run_started_at"][:19]
    output.add_row(*counts, format_percent(run["share"]), version, run["run_id"][:8], started_at)
    return output


def _plan_table(plan: dict[str, Any]) -> TextTable:
    output = text_table("", "")
    output.show_header = False
    for kind in KINDS:
        counts = ", ".join(f"{count} × {node}" for node, count in plan[kind].items())
        output.add_row(Text(kind, style="bold"), counts or "none")
    for index, scan in enumerate(plan["scans"]):
        predicate = f" where {scan['predicate']}" if scan["predicate"] else ", all rows"
        output.add_row(Text("" if index else "scans", style="bold"), f"{scan['table']}{predicate}")
    return output


def _scan(line: str) -> dict[str, str | None]:
    source, pushed = SOURCE.search(line), PUSHED.search(line)
    filters = " AND ".join(re.sub(r"#\d+L?", "", each) for each in FILTERS.findall(line) if each)
    return {
        "table": f"{source[1]}.{source[2]}" if source else "rows in memory",
        "predicate": _predicate(pushed[1]) if pushed else filters or None,
    }


def _predicate(text: str) -> str:
    """Return a predicate without the positions of its columns, and once where the engine repeats it."""
    plain = re.sub(r"@\d+", "", text)
    half = plain[: (len(plain) - len(" AND ")) // 2]
    return half if plain == f"{half} AND {half}" else plain
