"""What a table cost in its last run, and how the engine builds it."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.text import Text

from shoplake.cli.console import grid, number, percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from shoplake.lake import Lake

NODE = re.compile(
    r"^\s*(?P<node>\w+Exec)\b|^[\s:+-]*(?:\*\(\d+\) )?(?P<spark>[A-Z]\w+(?: \w+partitioning| SinglePartition)?)"
)
"""The operator that a line of a plan begins with: Sail's end in `Exec`, Spark's stand behind the branches of a tree."""
KINDS = {
    "joins": re.compile(r"Join|^CartesianProduct"),
    "exchanges": re.compile(r"^(Repartition|Coalesce|SortPreservingMerge)|Exchange"),
    "sorts": re.compile(r"^Sort(?!PreservingMerge|MergeJoin)"),
}
SCANS = ("DataSourceExec", "FileScan", "LocalTableScan")
FROM = re.compile(r"/(bronze|silver|gold|ops)/(\w+)[/\],]")
PUSHED = re.compile(r"\bpredicate=(.*?)(?:, (?:pruning_predicate|required_guarantees|dynamic_rg_pruning)=|$)")
FILTERS = re.compile(r"\b(?:PartitionFilters|PushedFilters): \[(.*?)\], (?=PushedFilters|ReadSchema)")


def explained(lake: Lake, name: str) -> dict[str, Any]:
    """A table's last run and its plan; no plan for bronze, which takes files as they arrive.

    Raises UnknownTableError for a name nobody declares, TableNotFoundError where nothing ran yet.
    """
    table = lake.catalog[name]
    named = table.qualified_name
    runs = lake.table("ops.table_runs").to_arrow().to_pylist()
    plan = plan_of(lake.explain(table.name)) if table.inputs else None
    return {"table": named, "last_run": last_run(runs, named), "plan": plan}


def last_run(runs: Iterable[dict[str, Any]], table: str) -> dict[str, Any] | None:
    """What the last run that wrote a table spent on it, of all that it spent on tables; None if none did."""
    runs = list(runs)
    newest = max((row for row in runs if row["table"] == table), key=lambda row: row["run_started_at"], default=None)
    if newest is None:
        return None
    whole = [row for row in runs if row["run_id"] == newest["run_id"]]
    own = [row for row in whole if row["table"] == table]
    seconds, spent = sum(row["duration_s"] for row in own), sum(row["duration_s"] for row in whole)
    return {
        "rows_read": sum(row["rows_read"] for row in own),
        "rows_written": sum(row["rows_written"] for row in own),
        "duration_s": round(seconds, 3),
        "share": round(seconds / spent, 4) if spent else None,
        "version": max(row["version"] for row in own),
        "run_id": newest["run_id"],
        "run_started_at": newest["run_started_at"].isoformat(),
    }


def plan_of(text: str) -> dict[str, Any]:
    """A physical plan, and how often it joins, exchanges and sorts, and what it reads with which predicate."""
    nodes = [(found["node"] or found["spark"], line) for line in text.splitlines() if (found := NODE.match(line))]
    named = Counter(node for node, _ in nodes)
    kinds = {kind: {n: count for n, count in named.items() if is_one.search(n)} for kind, is_one in KINDS.items()}
    return {**kinds, "scans": [_scan(line) for node, line in nodes if node in SCANS], "text": text}


def show(out: Console, said: dict[str, Any]) -> None:
    """Print what the last run spent, what the plan does in short, and the plan."""
    out.print(said["table"], style="bold")
    run, plan = said["last_run"], said["plan"]
    out.print()
    out.print(_spent(run) if run else "No run has written it yet.")
    out.print()
    if plan is None:
        out.print("It takes records from files as they arrive: there is no plan.")
        return
    out.print(_short(plan))
    out.print()
    for line in plan["text"].splitlines():
        if out.is_terminal:
            out.print(line, style="dim", no_wrap=True, overflow="ellipsis")
        else:
            out.print(line, soft_wrap=True)


def _spent(run: dict[str, Any]) -> Any:
    names = ("rows in", "rows_written", "seconds", "of the run", "version")
    shown = grid(*names, "run", "at (UTC)", numbers=names)
    counts = (number(run["rows_read"]), number(run["rows_written"]), f"{run['duration_s']:.2f}", percent(run["share"]))
    shown.add_row(*counts, str(run["version"]), run["run_id"][:8], run["run_started_at"][:19])
    return shown


def _short(plan: dict[str, Any]) -> Any:
    shown = grid("", "")
    shown.show_header = False
    for kind in KINDS:
        counted = ", ".join(f"{count} × {name}" for name, count in plan[kind].items())
        shown.add_row(Text(kind, style="bold"), counted or "none")
    for place, scan in enumerate(plan["scans"]):
        pushed = f" where {scan['predicate']}" if scan["predicate"] else ", all rows"
        shown.add_row(Text("" if place else "scans", style="bold"), f"{scan['table']}{pushed}")
    return shown


def _scan(line: str) -> dict[str, str | None]:
    source, pushed = FROM.search(line), PUSHED.search(line)
    filters = " AND ".join(re.sub(r"#\d+L?", "", each) for each in FILTERS.findall(line) if each)
    return {
        "table": f"{source[1]}.{source[2]}" if source else "rows in memory",
        "predicate": _predicate(pushed[1]) if pushed else filters or None,
    }


def _predicate(text: str) -> str:
    """A predicate without the places of its columns; said once if the engine says it twice."""
    plain = re.sub(r"@\d+", "", text)
    half = plain[: (len(plain) - len(" AND ")) // 2]
    return half if plain == f"{half} AND {half}" else plain
