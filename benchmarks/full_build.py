"""The full build, raw files to gold, by each system in turn, every run in its own process.

CPU seconds of the process tree come first, because other work on the machine changes them least.

Example: `python benchmarks/full_build.py --events 4000000 --rounds 3`
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import sysconfig
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from answers import find_differences, read_answers
from paired import iter_turns
from process import cpu_seconds, measure
from report import Finding, save_result
from rich.console import Console
from rich.table import Table
from systems import DUCKDB, SHOPLAKE, SPARK, SYSTEMS, System
from table_ratios import TableRatio, compare_tables, fit_seconds

from shoplake.engine.session.spark import server
from shoplake.simulate import generate

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
DATA = HERE / "data"


def generate_files(events: int) -> Path:
    """Generate the files of a shop with `events` events once; 2 % of the records are faulty."""
    return generate_shop(DATA / f"landing-{events}", events)


def generate_shop(folder: Path, events: int, on_day: Callable[[int, int, int], None] | None = None) -> Path:
    """Generate the files of a shop into a folder unless they are there; `on_day` is called after each of 30 days."""
    if not (folder / "ground_truth.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        customers, products = max(events // 100, 100), max(events // 400, 50)
        generate(
            folder,
            events=events,
            customers=customers,
            products=products,
            days=30,
            seed=7,
            error_rate=0.02,
            on_day=on_day,
        )
    return folder


def run_system(system: System, files: Path, memory: str) -> dict[str, Any]:
    """Run a system into a new folder and measure it without the fit of value models; its tables are deleted."""
    folder = DATA / f"run-{system.name}"
    shutil.rmtree(folder, ignore_errors=True)
    load, before = os.getloadavg()[0], server_cpu_seconds(system)
    run = measure(system.command(files.resolve(), folder.resolve(), memory), DATA / f"run-{system.name}.log")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    answers = read_answers(system, folder)
    shutil.rmtree(folder)
    report = json.loads(run.stdout)
    fit_s, fit_cpu_s = fit_seconds(system.name, report)
    return {
        "system": system.name,
        "seconds": run.seconds - fit_s,
        "cpu_seconds": round(run.cpu_seconds + server_cpu_seconds(system) - before - fit_cpu_s, 3),
        "peak_mb": run.peak_mb,
        "written_mb": round(size / 1e6, 1),
        "load_before": load,
        "load_after": os.getloadavg()[0],
        "answers": answers,
        "report": report,
    }


def run_rounds(systems: list[System], files: Path, memory: str, count: int, out: Console) -> list[dict[str, Any]]:
    """Run every system once per round, in alternating order. Raises RuntimeError if answers differ."""
    runs: list[dict[str, Any]] = []
    for number, system in iter_turns(systems, count):
        run = run_system(system, files, memory) | {"round": number}
        figures = f"{run['cpu_seconds']:8.1f} CPU s  {run['seconds']:8.1f} s  {run['peak_mb']:6} MiB"
        out.print(f"round {number}  {system.name:<10} {figures}  load {run['load_before']:.1f}")
        runs.append(run)
        wrong = find_differences(runs[0]["answers"], run["answers"])
        if wrong:
            names = f"{runs[0]['system']} and {system.name}"
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
            "best_cpu_seconds": min(run["cpu_seconds"] for run in own),
            "fastest": min(run["seconds"] for run in own),
            "slowest": max(run["seconds"] for run in own),
        }
        for name, own in by_system.items()
    }


def compile_bytecode() -> None:
    """Compile all Python code before the first round, so that no round pays for it."""
    for folder in (sysconfig.get_path("purelib"), HERE, HERE.parent / "src"):
        compileall.compile_dir(str(folder), quiet=2, workers=0)


def server_cpu_seconds(system: System) -> float:
    """Return the CPU seconds so far of the server that a system runs on; 0 for one that runs in its own process."""
    running = server.running_server() if system is SPARK else None
    return 0.0 if running is None else cpu_seconds(running.pid)


def restart_spark() -> float:
    """Restart the local Spark server; return the seconds."""
    server.stop_servers()
    began = time.perf_counter()
    server.start_server()
    return round(time.perf_counter() - began, 1)


def ratio(medians: dict[str, dict[str, float]], one: System, other: System, of: str = "cpu_seconds") -> float | None:
    """Return the ratio of two systems' medians; None unless both ran."""
    if not {one.name, other.name} <= medians.keys():
        return None
    return round(medians[one.name][of] / medians[other.name][of], 3)


def print_systems(out: Console, medians: dict[str, dict[str, float]], events: int) -> None:
    """Print the medians and the best as a table."""
    table = Table(title=f"{events:,} events, raw files to gold (median, best)")
    for name in ("system", "CPU s", "best", "s", "fastest–slowest", "events/s", "peak MiB", "written MB"):
        table.add_column(name, justify="left" if name == "system" else "right")
    for name, values in medians.items():
        table.add_row(
            name,
            f"{values['cpu_seconds']:.1f}",
            f"{values['best_cpu_seconds']:.1f}",
            f"{values['seconds']:.1f}",
            f"{values['fastest']:.1f}–{values['slowest']:.1f}",
            f"{events / values['seconds']:,.0f}",
            f"{values['peak_mb']:,.0f}",
            f"{values['written_mb']:,.0f}",
        )
    out.print(table)


def print_tables(out: Console, ratios: list[TableRatio]) -> None:
    """Print the seconds of each table, and their ratio."""
    table = Table(title="Each table by itself (best of all rounds)")
    for name in ("table", "shoplake s", "duckdb s", "ratio"):
        table.add_column(name, justify="left" if name == "table" else "right")
    for each in ratios:
        table.add_row(*each.cells())
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
    compile_bytecode()
    started = restart_spark() if SPARK in systems else None
    runs = run_rounds(systems, generate_files(options.events), options.memory, options.rounds, out)
    medians = aggregate_runs(runs)
    print_systems(out, medians, options.events)
    ratios = compare_tables(runs)
    print_tables(out, ratios)
    figures = {
        "events": options.events,
        "memory": options.memory,
        "ratio_shoplake_duckdb": ratio(medians, SHOPLAKE, DUCKDB),
        "wall_ratio_shoplake_duckdb": ratio(medians, SHOPLAKE, DUCKDB, "seconds"),
        "ratio_spark_shoplake": ratio(medians, SPARK, SHOPLAKE, "seconds"),
        "spark_start_s": started,
        "medians": medians,
        "tables": [asdict(each) for each in ratios],
        "runs": runs,
    }
    packages = sorted({name for system in systems for name in system.packages})
    out.print(save_result("engines" if SPARK in systems else "full_build", to_finding(figures), figures, packages))


def to_finding(figures: dict[str, Any]) -> Finding:
    """Summarise the runs."""
    names = ("cpu_seconds", "best_cpu_seconds", "seconds", "fastest", "slowest", "peak_mb", "written_mb")
    formats = ("{:.1f}", "{:.1f}", "{:.1f}", "{:.1f}", "{:.1f}", "{:,.0f}", "{:,.0f}")
    rows = [
        [system, *(form.format(values[name]) for name, form in zip(names, formats, strict=True))]
        for system, values in figures["medians"].items()
    ]
    sentences = [
        text.format(figures[name])
        for name, text in (
            ("ratio_shoplake_duckdb", "shoplake takes {} times the CPU time of the DuckDB SQL of the same tables,"),
            ("wall_ratio_shoplake_duckdb", "and {} times as long."),
            ("ratio_spark_shoplake", "The same code on Spark local takes {} times as long as on Sail."),
            ("spark_start_s", "Spark's start ({} s) is not in it, Sail's is."),
        )
        if figures[name] is not None
    ]
    return Finding(
        f"How long from raw files to gold? {figures['events']:,} events",
        ["system", "median CPU s", "best", "median s", "fastest", "slowest", "peak MiB", "written MB"],
        rows,
        "at most 1.0 times the hand-written DuckDB SQL; Spark with the same code at least 6 times as long",
        " ".join(sentences),
    )


if __name__ == "__main__":
    main()
