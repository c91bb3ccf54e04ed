"""The first table of docs/benchmarks.md: full build, one more day, nothing new and memory, at two sizes, beside peers.

Example: `python benchmarks/overview.py --rounds 2`
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from full_build import aggregate_runs, compile_bytecode, generate_files, restart_spark, run_rounds
from increments import measure_case
from report import Finding, save_result
from rich.console import Console
from systems import DUCKDB, SHOPLAKE, SPARK, SYSTEMS
from table_ratios import TableRatio, compare_tables

from shoplake.engine.session.spark import server

DAYS = 30
ENGINES: dict[str, dict[str, str]] = {SHOPLAKE.name: {}, SPARK.name: {"engine": "spark", "remote": "local"}}
"""Settings of the systems that can add a day; DuckDB's SQL builds everything again."""
COLUMNS = (
    *("system", "events", "full build CPU s", "best", "s", "peak MiB"),
    *("one more day CPU s", "s", "share of all tables", "nothing new CPU s", "s"),
)


def measure_size(events: int, names: list[str], rounds: int, memory: str, out: Console) -> dict[str, Any]:
    """Measure the full build of the tables that the SQL makes, and a day and nothing new with all tables."""
    systems = [SYSTEMS[name] for name in names]
    server.stop_servers()
    if SPARK in systems:
        restart_spark()
    runs = run_rounds(systems, generate_files(events), memory, rounds, out)
    days = {}
    for name in (each for each in names if each in ENGINES):
        if name != SPARK.name:
            server.stop_servers()
        days[name] = measure_case(events // DAYS, DAYS, None, **ENGINES[name])
        out.print(f"{name}: one more day {days[name]['day_cpu_s']:.1f} CPU s")
    return {
        "events": events,
        "medians": aggregate_runs(runs),
        "days": days,
        "tables": [asdict(each) for each in compare_tables(runs)],
        "loads": [run["load_before"] for run in runs],
    }


def to_rows(size: dict[str, Any]) -> list[list[str]]:
    """Return a row of each system."""
    rows = []
    for name, values in size["medians"].items():
        full = [f"{values[what]:.1f}" for what in ("cpu_seconds", "best_cpu_seconds", "seconds")]
        rows.append([name, f"{size['events']:,}", *full, f"{values['peak_mb']:,.0f}", *_day_cells(size, name)])
    return rows


def _day_cells(size: dict[str, Any], name: str) -> list[str]:
    day = size["days"].get(name)
    if day is None:
        again = size["medians"][name]
        return [f"{again['cpu_seconds']:.1f}", f"{again['seconds']:.1f}", "builds all again", "as a day", ""]
    share = f"{day['day_cpu_s'] / day['full_cpu_s']:.0%}"
    day_s, nothing = f"{day['day_s']:.1f}", (f"{day['nothing_cpu_s']:.2f}", f"{day['nothing_s']:.2f}")
    return [f"{day['day_cpu_s']:.1f}", day_s, share, *nothing]


def to_finding(sizes: list[dict[str, Any]]) -> Finding:
    """Summarise the sizes."""
    ratios = []
    for size in sizes:
        ours, theirs = (size["medians"][name] for name in (SHOPLAKE.name, DUCKDB.name))
        cpu, wall = (ours[what] / theirs[what] for what in ("cpu_seconds", "seconds"))
        ratios.append(f"{cpu:.2f} × the CPU and {wall:.2f} × the time at {size['events']:,} events")
    loads = [load for size in sizes for load in size["loads"]]
    return Finding(
        "What does it cost, beside DuckDB and Spark?",
        COLUMNS,
        [row for size in sizes for row in to_rows(size)],
        "a full build in at most 1.35 × DuckDB's CPU and time at 4,000,000 events; one more day of thirty a tenth of "
        "the full build; nothing new 0.1 s",
        f"shoplake takes {' and '.join(ratios)} for the tables that the SQL makes. A day and nothing new are measured "
        "with all tables, on the day after thirty, within a running process; their share is that of a full build of "
        "all tables. The SQL knows nothing of an earlier run. Spark's CPU has its server in it, its peak memory has "
        f"not. The load average before a run was {min(loads):.1f} to {max(loads):.1f}.",
    )


def main() -> None:
    """Measure both sizes, print and save the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 4_000_000])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--memory", default="8GB", help="memory limit of each system's engine")
    parser.add_argument("--spark-up-to", type=int, default=1_000_000, help="events up to which Spark is measured")
    options = parser.parse_args()
    out, sizes = Console(), []
    compile_bytecode()
    for events in options.events:
        names = [SHOPLAKE.name, DUCKDB.name, *([SPARK.name] if events <= options.spark_up_to else [])]
        sizes.append(measure_size(events, names, options.rounds, options.memory, out))
    out.print(save_result("overview", to_finding(sizes), {"sizes": sizes}, SHOPLAKE.packages + DUCKDB.packages))
    out.print(save_result("tables", tables_finding(sizes[-1]), {"events": sizes[-1]["events"]}))


def tables_finding(size: dict[str, Any]) -> Finding:
    """Return the seconds of each table by itself, and their ratio."""
    cells = [TableRatio(**each).cells() for each in size["tables"]]
    return Finding(
        f"How long does each table take in a full build? {size['events']:,} events",
        ("table", "shoplake s", "duckdb s", "ratio"),
        cells,
        "to know",
        "shoplake updates two tables at a time, so that its seconds include waiting for a core: their sum is more than "
        "the time of the run. The gold tables by themselves are measured by `gold_layer.py`.",
    )


if __name__ == "__main__":
    main()
