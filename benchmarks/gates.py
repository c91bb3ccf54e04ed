"""CPU time of rules and gates in a run: the same files with neither, with rules, and with rules and gates that stop.

Only the tables that the gates are about are built, and those that they are made of: of a run of all tables the share of
gates is smaller. Example: `python benchmarks/gates.py --events 1000000 --rounds 3`
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from report import Finding, save_result
from rich.console import Console

from shoplake import Lake
from shoplake.declare import (
    Feed,
    extend,
    fresh,
    nulls_like_history,
    references,
    rows_like_history,
    shares_like_history,
    unique,
)
from shoplake.declare.catalog import Catalog
from shoplake.feeds import KINDS
from shoplake.settings import Settings
from shoplake.simulate import generate

DATA = Path(__file__).parent / "data"
CASES = ("neither", "rules", "rules and gates")
TARGET = 0.1
TABLES = ("events", "order_lines", "sessions", "sales_daily", "funnel_daily", "customers")
GATES = (
    extend(
        "silver.events",
        gates=[
            unique("event_id", stop=True),
            fresh("event_at", within="26 hours"),
            rows_like_history("event_date", stop=True),
            nulls_like_history("customer_id", by="event_date", stop=True),
            shares_like_history("device", by="event_date", stop=True),
        ],
    ),
    extend(
        "silver.order_lines",
        gates=[
            unique("order_id", "document_id", "line_number", "kind", stop=True),
            references("product_id", "silver.products", missing_at_most=0.5, at="ordered_at", settles="7 days"),
            rows_like_history("order_date", stop=True),
        ],
    ),
    extend("gold.sales_daily", gates=[unique("sales_date", "currency", stop=True)]),
)


def catalog(whole: Catalog, case: str) -> Catalog:
    """Return the tables of a case."""
    chosen = whole.extended((), GATES) if case == "rules and gates" else whole
    needed = set(TABLES)
    for table in reversed(chosen.ordered):
        if table.name in needed or table.layer == "bronze":
            needed |= {table.name, *table.inputs}
    tables = [table for table in chosen.values() if table.name in needed]
    return Catalog([replace(table, rules=(), gates=()) if case == "neither" else table for table in tables])


def run_case(files: Path, case: str) -> None:
    """Run one case in this process into a new lake; print its CPU seconds as JSON."""
    work = DATA / "gates"
    shutil.rmtree(work, ignore_errors=True)
    feed = Feed("shop", KINDS["zenith"], str(files), "Europe/London", "GBP")
    lake = Lake(Settings(lake=str(work / "lake"), feeds=(feed,), memory_limit=6 << 30))
    lake.__dict__["catalog"] = catalog(lake.catalog, case)
    _ = lake.engine
    before, began = cpu_seconds(), time.perf_counter()
    result = lake.run()
    figures = {"cpu_s": cpu_seconds() - before, "wall_s": time.perf_counter() - began, "stops": len(result.stops)}
    print(json.dumps(figures))


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and its children, user and system."""
    usages = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> None:
    """Measure each case in a process of its own, print and save the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", choices=CASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    files = DATA / f"gates-{options.events}-{options.days}"
    if options.case is not None:
        run_case(files, options.case)
        return
    if not (files / "ground_truth.json").exists():
        generate(files, events=options.events, customers=20_000, products=2_000, days=options.days, seed=7)
    runs: dict[str, list[float]] = {case: [] for case in CASES}
    for number in range(options.rounds):
        for case in CASES[:: -1 if number % 2 else 1]:
            arguments = ["--events", str(options.events), "--days", str(options.days), "--case", case]
            command = [sys.executable, __file__, *arguments]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            runs[case].append(json.loads(done.stdout.splitlines()[-1])["cpu_s"])
            Console().print(case, done.stdout.splitlines()[-1])
    shutil.rmtree(DATA / "gates", ignore_errors=True)
    save_result("gates", to_finding(runs, options.events), {"cpu_s": runs}, ["shoplake", "pysail", "deltalake"])


def to_finding(runs: dict[str, list[float]], events: int) -> Finding:
    """Summarise the CPU times."""
    least = {case: min(times) for case, times in runs.items()}
    share = least["rules and gates"] / least["neither"] - 1
    rows = [
        [case, f"{median(runs[case]):.1f}", f"{least[case]:.1f}", f"{least[case] / least['neither'] - 1:+.1%}"]
        for case in CASES
    ]
    return Finding(
        f"What do rules and gates cost in a run of {events:,} events?",
        ["declared", "CPU s, median", "CPU s, least", "against neither"],
        rows,
        f"at most {TARGET:.0%} of a run of 1,000,000 events",
        f"All rules and nine gates cost {share:.1%} of the CPU time of a run of {len(TABLES)} tables and their inputs.",
    )


if __name__ == "__main__":
    main()
