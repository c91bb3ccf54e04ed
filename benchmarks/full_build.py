"""The full build, raw files to gold, by each system in turn, every run in its own process.

Example: `python benchmarks/full_build.py --events 4000000 --rounds 3`
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from pathlib import Path
from statistics import median
from typing import Any

from answers import find_differences, read_answers
from paired import iter_turns
from process import measure
from report import Finding, save_result
from rich.console import Console
from rich.table import Table
from shoplake_job import peer_tables
from systems import DUCKDB, SHOPLAKE, SPARK, SYSTEMS, System

from shoplake.engine.session.spark import server
from shoplake.simulate import generate

HERE = Path(__file__).parent
DATA = HERE / "data"


def generate_files(events: int) -> Path:
    """Generate the files of a shop with `events` events once; 2 % of the records are faulty."""
    folder = DATA / f"landing-{events}"
    if not (folder / "ground_truth.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        customers, products = max(events // 100, 100), max(events // 400, 50)
        generate(folder, events=events, customers=customers, products=products, days=30, seed=7, error_rate=0.02)
    return folder


def run_system(system: System, files: Path, memory: str) -> dict[str, Any]:
    """Run a system into a new folder and measure it; its tables are read and deleted."""
    folder = DATA / f"run-{system.name}"
    shutil.rmtree(folder, ignore_errors=True)
    run = measure(system.command(files.resolve(), folder.resolve(), memory), DATA / f"run-{system.name}.log")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    answers = read_answers(system, folder)
    shutil.rmtree(folder)
    return {
        "system": system.name,
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_mb": run.peak_mb,
        "written_mb": round(size / 1e6, 1),
        "load_after": os.getloadavg()[0],
        "answers": answers,
        "report": json.loads(run.stdout),
    }


def run_rounds(systems: list[System], files: Path, memory: str, count: int, out: Console) -> list[dict[str, Any]]:
    """Run every system once per round, in alternating order. Raises RuntimeError if answers differ."""
    runs: list[dict[str, Any]] = []
    for number, system in iter_turns(systems, count):
        run = run_system(system, files, memory) | {"round": number}
        out.print(f"round {number}  {system.name:<10} {run['seconds']:8.1f} s  {run['peak_mb']:6} MiB")
        runs.append(run)
        wrong = find_differences(runs[0]["answers"], run["answers"])
        if wrong:
            names = f"{runs[0]['peer']} and {system.name}"
            raise RuntimeError(f"{names} answer differently:\n  " + "\n  ".join(wrong))
    return runs


def aggregate_runs(runs: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the medians and the range of the runs by system."""
    by_system: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        by_system.setdefault(run["system"], []).append(run)
    return {
        name: {
            **{what: median(run[what] for run in own) for what in ("seconds", "cpu_seconds", "peak_mb", "written_mb")},
            "fastest": min(run["seconds"] for run in own),
            "slowest": max(run["seconds"] for run in own),
        }
        for name, own in by_system.items()
    }


def restart_spark() -> float:
    """Restart the local Spark server; return the seconds."""
    server.stop_servers()
    began = time.perf_counter()
    server.start_server()
    return round(time.perf_counter() - began, 1)


def ratio(medians: dict[str, dict[str, float]], one: System, other: System) -> float | None:
    """Return the ratio of two systems' median times; None unless both ran."""
    if not {one.name, other.name} <= medians.keys():
        return None
    return round(medians[one.name]["seconds"] / medians[other.name]["seconds"], 3)


def print_table(out: Console, medians: dict[str, dict[str, float]], events: int) -> None:
    """Print the medians as a table."""
    table = Table(title=f"{events:,} events, raw files to gold (medians)")
    for name in ("system", "seconds", "fastest–slowest", "CPU s", "events/s", "peak MiB", "written MB"):
        table.add_column(name, justify="left" if name == "system" else "right")
    for name, median_values in medians.items():
        table.add_row(
            name,
            f"{median_values['seconds']:.1f}",
            f"{median_values['fastest']:.1f}–{median_values['slowest']:.1f}",
            f"{median_values['cpu_seconds']:.1f}",
            f"{events / median_values['seconds']:,.0f}",
            f"{median_values['peak_mb']:,.0f}",
            f"{median_values['written_mb']:,.0f}",
        )
    out.print(table)


def main() -> None:
    """Run, compare, print and save the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="8GB", help="memory limit of each system's engine")
    parser.add_argument("--systems", nargs="+", choices=sorted(SYSTEMS), default=[SHOPLAKE.name, DUCKDB.name])
    options = parser.parse_args()
    out = Console()
    systems = [SYSTEMS[name] for name in options.systems]
    started = restart_spark() if SPARK in systems else None
    runs = run_rounds(systems, generate_files(options.events), options.memory, options.rounds, out)
    medians = aggregate_runs(runs)
    print_table(out, medians, options.events)
    figures = {
        "events": options.events,
        "memory": options.memory,
        "ratio_shoplake_duckdb": ratio(medians, SHOPLAKE, DUCKDB),
        "ratio_spark_shoplake": ratio(medians, SPARK, SHOPLAKE),
        "spark_start_s": started,
        "medians": medians,
        "runs": runs,
    }
    packages = sorted({name for system in systems for name in system.packages})
    out.print(save_result("engines" if SPARK in systems else "full_build", to_finding(figures), figures, packages))


def to_finding(figures: dict[str, Any]) -> Finding:
    """Summarise the runs."""
    names = ("seconds", "fastest", "slowest", "cpu_seconds", "peak_mb", "written_mb")
    formats = ("{:.1f}", "{:.1f}", "{:.1f}", "{:.0f}", "{:,.0f}", "{:,.0f}")
    rows = [
        [system, *(form.format(median_values[name]) for name, form in zip(names, formats, strict=True))]
        for system, median_values in figures["medians"].items()
    ]
    shoplake_runs = [run["report"]["tables"] for run in figures["runs"] if run["system"] == SHOPLAKE.name]
    built = peer_tables()
    extra_seconds = median(
        [sum(step["duration_s"] for step in steps if step["table"] not in built) for steps in shoplake_runs or [[]]]
    )
    sentences = [
        text.format(figures[name])
        for name, text in (
            ("ratio_shoplake_duckdb", "shoplake takes {} times as long as the DuckDB SQL."),
            ("ratio_spark_shoplake", "The same code on Spark local takes {} times as long as on Sail."),
            ("spark_start_s", "Spark's start ({} s) is not in it, Sail's is."),
        )
        if figures[name] is not None
    ]
    return Finding(
        f"How long from raw files to gold? {figures['events']:,} events",
        ["system", "median s", "fastest", "slowest", "CPU s", "peak MiB", "written MB"],
        rows,
        "at most 0.8 times as long as hand-written DuckDB SQL; Spark with the same code at least 6 times as long",
        " ".join([*sentences, f"{extra_seconds:.1f} s of shoplake's go into tables that the SQL does not make."]),
    )


if __name__ == "__main__":
    main()
