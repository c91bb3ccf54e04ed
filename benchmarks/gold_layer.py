"""Gold from silver: the CPU and time of all gold tables that the SQL makes, and of each, beside DuckDB's.

Both build silver first; then shoplake rebuilds gold alone, two tables at a time and then one by one, and the gold steps
of the SQL are summed. Example: `python benchmarks/gold_layer.py --events 4000000 --rounds 2`
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from full_build import DATA, HERE, compile_bytecode, generate_files
from increments import time_run
from report import Finding, save_result
from rich.console import Console
from shoplake_job import same_work
from systems import DUCKDB, SHOPLAKE
from table_ratios import FITTED_IN_PYTHON, steps_by_table

from shoplake import Lake
from shoplake.declare import Feed
from shoplake.feeds import KINDS
from shoplake.pipeline import runner
from shoplake.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Cost = tuple[float, float]
"""CPU seconds and seconds."""


def build(files: Path, folder: Path) -> Lake:
    """Build a lake of the tables that the SQL makes."""
    shutil.rmtree(folder, ignore_errors=True)
    feed = Feed("shop", KINDS["zenith"], str(files), "Europe/London", "GBP")
    lake = Lake(Settings(lake=str(folder), feeds=(feed,), memory_limit=8 << 30))
    lake.__dict__["catalog"] = same_work(lake.catalog)
    lake.run()
    return lake


def rebuild(lake: Lake, *, one_by_one: bool) -> tuple[Cost, dict[str, Cost]]:
    """Rebuild all gold tables; return what they cost together and each."""
    with patch.object(runner, "max_parallel", lambda *_: 1) if one_by_one else nullcontext():
        run = time_run(lake, full_refresh=True, layer="gold")
    seconds = {step.table: step.duration_s for step in run.result.tables}
    return (run.cpu_s, run.wall_s), {table: (cpu_s, seconds[table]) for table, cpu_s in run.tables.items()}


def run_sql(files: Path, folder: Path) -> tuple[Cost, dict[str, Cost]]:
    """Run the SQL; return what its gold steps cost together and each."""
    command = [sys.executable, str(HERE / "duckdb_job.py"), str(files), str(folder), "--memory", "8GB"]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    shutil.rmtree(folder)
    cpu, wall = (steps_by_table(report, clock) for clock in ("cpu_steps", "steps"))
    costs = {
        table: (cpu[table], wall[table]) for table in wall if table.startswith("gold.") and table != FITTED_IN_PYTHON
    }
    return (sum(cost[0] for cost in costs.values()), sum(cost[1] for cost in costs.values())), costs


def least(one: Mapping[str, Cost], other: Mapping[str, Cost]) -> dict[str, Cost]:
    """Return the cheaper of two measurements of each table."""
    return {table: min(cost, other.get(table, cost)) for table, cost in one.items()}


def measure(files: Path, rounds: int, out: Console) -> dict[str, Any]:
    """Measure in turns; return the best totals and the cheapest measurement of each table."""
    lake = build(files, DATA / "gold")
    totals: dict[str, list[Cost]] = {SHOPLAKE.name: [], DUCKDB.name: []}
    tables: dict[str, dict[str, Cost]] = {}
    for number in range(rounds):
        together, _ = rebuild(lake, one_by_one=False)
        _, ours = rebuild(lake, one_by_one=True)
        fit = ours.pop(FITTED_IN_PYTHON)
        together = together[0] - fit[0], together[1] - fit[1]
        sql, theirs = run_sql(files, DATA / "gold-duckdb")
        for name, total, costs in ((SHOPLAKE.name, together, ours), (DUCKDB.name, sql, theirs)):
            totals[name].append(total)
            tables[name] = least(costs, tables.get(name, {}))
            out.print(f"round {number}  {name:<10} {total[0]:8.1f} CPU s  {total[1]:8.1f} s")
    shutil.rmtree(DATA / "gold")
    return {"totals": {name: min(each) for name, each in totals.items()}, "rounds": totals, "tables": tables}


def main() -> None:
    """Measure, print and save the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=4_000_000)
    parser.add_argument("--rounds", type=int, default=2)
    options, out = parser.parse_args(), Console()
    compile_bytecode()
    figures = measure(generate_files(options.events), options.rounds, out)
    out.print(save_result("gold", to_finding(figures, options.events), figures, SHOPLAKE.packages + DUCKDB.packages))


def to_finding(figures: dict[str, Any], events: int) -> Finding:
    """Summarise the totals, and list each table, the dearest first."""
    (our_cpu, our_s), (their_cpu, their_s) = (figures["totals"][each.name] for each in (SHOPLAKE, DUCKDB))
    ours, theirs = (figures["tables"][each.name] for each in (SHOPLAKE, DUCKDB))
    rows = [["all", *_cells((our_cpu, our_s), (their_cpu, their_s))]]
    for table, cost in sorted(ours.items(), key=lambda item: -item[1][0]):
        if table in theirs:
            rows.append([table, *_cells(cost, theirs[table])])
    return Finding(
        f"How long do the gold tables take from silver? {events:,} events",
        ["table", "shoplake CPU s", "duckdb CPU s", "ratio", "shoplake s", "duckdb s", "ratio"],
        rows,
        "all gold tables in at most 1.0 × the SQL",
        f"All of them take {our_cpu / their_cpu:.2f} × the CPU and {our_s / their_s:.2f} × the time of the SQL; "
        "shoplake updates two tables at a time. Each table by itself is measured one at a time.",
    )


def _cells(ours: Cost, theirs: Cost) -> list[str]:
    pairs = [(ours[place], theirs[place]) for place in (0, 1)]
    return [cell for one, other in pairs for cell in (f"{one:.2f}", f"{other:.2f}", f"{one / max(other, 0.01):.1f}")]


if __name__ == "__main__":
    main()
