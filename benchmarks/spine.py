"""The whole job, raw files to gold, by each peer in turn, every run a process of its own.

Example: `python benchmarks/spine.py --events 4000000 --rounds 3`
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

from answers import answers, differences
from duel import turns
from findings import Finding, keep
from peers import DUCKDB, PEERS, SHOPLAKE, SPARK, Peer
from process import measure
from rich.console import Console
from rich.table import Table

from shoplake.engine.session.spark import server
from shoplake.simulate import generate

HERE = Path(__file__).parent
DATA = HERE / "data"
OURS_ALONE = ("silver.cart_activity", "gold.carts", "silver.events_enriched", "silver.categories")
"""Tables that the DuckDB job does not make."""


def landing(events: int) -> Path:
    """The files of a shop with so many events, made once; 2 % of the records are dirty."""
    folder = DATA / f"landing-{events}"
    if not (folder / "truth.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        customers, products = max(events // 100, 100), max(events // 400, 50)
        generate(folder, events=events, customers=customers, products=products, days=30, seed=7, dirt=0.02)
    return folder


def play(peer: Peer, files: Path, memory: str) -> dict[str, Any]:
    """One run of a peer into a fresh folder, measured; its tables are read and thrown away."""
    folder = DATA / f"run-{peer.name}"
    shutil.rmtree(folder, ignore_errors=True)
    run = measure(peer.command(files.resolve(), folder.resolve(), memory), DATA / f"run-{peer.name}.log")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    found = answers(peer, folder)
    shutil.rmtree(folder)
    return {
        "peer": peer.name,
        "seconds": run.seconds,
        "cpu_seconds": run.cpu_seconds,
        "peak_mb": run.peak_mb,
        "written_mb": round(size / 1e6, 1),
        "load_after": os.getloadavg()[0],
        "answers": found,
        "report": json.loads(run.stdout),
    }


def rounds(peers: list[Peer], files: Path, memory: str, count: int, out: Console) -> list[dict[str, Any]]:
    """Every peer once a round; every second round in the opposite order. Raises RuntimeError if answers differ."""
    runs: list[dict[str, Any]] = []
    for number, peer in turns(peers, count):
        run = play(peer, files, memory) | {"round": number}
        out.print(f"round {number}  {peer.name:<10} {run['seconds']:8.1f} s  {run['peak_mb']:6} MiB")
        runs.append(run)
        wrong = differences(runs[0]["answers"], run["answers"])
        if wrong:
            names = f"{runs[0]['peer']} and {peer.name}"
            raise RuntimeError(f"{names} answer differently:\n  " + "\n  ".join(wrong))
    return runs


def compared(runs: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """By peer: the medians and the spread of its runs."""
    by_peer: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        by_peer.setdefault(run["peer"], []).append(run)
    return {
        name: {
            **{what: median(run[what] for run in own) for what in ("seconds", "cpu_seconds", "peak_mb", "written_mb")},
            "fastest": min(run["seconds"] for run in own),
            "slowest": max(run["seconds"] for run in own),
        }
        for name, own in by_peer.items()
    }


def start_spark() -> float:
    """Start the local Spark server anew; how many seconds that took."""
    server.stop_servers()
    began = time.perf_counter()
    server.start_server()
    return round(time.perf_counter() - began, 1)


def ratio(medians: dict[str, dict[str, float]], one: Peer, other: Peer) -> float | None:
    """How much longer one peer takes than another, by the medians; None unless both ran."""
    if not {one.name, other.name} <= medians.keys():
        return None
    return round(medians[one.name]["seconds"] / medians[other.name]["seconds"], 3)


def show(out: Console, medians: dict[str, dict[str, float]], events: int) -> None:
    """Print the medians as a table."""
    table = Table(title=f"{events:,} events, raw files to gold (medians)")
    for name in ("peer", "seconds", "fastest–slowest", "CPU s", "events/s", "peak MiB", "written MB"):
        table.add_column(name, justify="left" if name == "peer" else "right")
    for name, found in medians.items():
        table.add_row(
            name,
            f"{found['seconds']:.1f}",
            f"{found['fastest']:.1f}–{found['slowest']:.1f}",
            f"{found['cpu_seconds']:.1f}",
            f"{events / found['seconds']:,.0f}",
            f"{found['peak_mb']:,.0f}",
            f"{found['written_mb']:,.0f}",
        )
    out.print(table)


def main() -> None:
    """Run, compare, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", default="8GB", help="the cap that each peer's engine is given")
    parser.add_argument("--peers", nargs="+", choices=sorted(PEERS), default=[SHOPLAKE.name, DUCKDB.name])
    given = parser.parse_args()
    out = Console()
    peers = [PEERS[name] for name in given.peers]
    started = start_spark() if SPARK in peers else None
    runs = rounds(peers, landing(given.events), given.memory, given.rounds, out)
    medians = compared(runs)
    show(out, medians, given.events)
    figures = {
        "events": given.events,
        "memory": given.memory,
        "ratio_shoplake_duckdb": ratio(medians, SHOPLAKE, DUCKDB),
        "ratio_spark_shoplake": ratio(medians, SPARK, SHOPLAKE),
        "spark_start_s": started,
        "medians": medians,
        "runs": runs,
    }
    packages = sorted({name for peer in peers for name in peer.packages})
    out.print(keep("engines" if SPARK in peers else "spine", finding(figures), figures, packages))


def finding(figures: dict[str, Any]) -> Finding:
    """What the runs say."""
    names = ("seconds", "fastest", "slowest", "cpu_seconds", "peak_mb", "written_mb")
    formats = ("{:.1f}", "{:.1f}", "{:.1f}", "{:.0f}", "{:,.0f}", "{:,.0f}")
    rows = [
        [peer, *(form.format(found[name]) for name, form in zip(names, formats, strict=True))]
        for peer, found in figures["medians"].items()
    ]
    ours = [run["report"]["tables"] for run in figures["runs"] if run["peer"] == SHOPLAKE.name]
    more = median([sum(step["seconds"] for step in steps if step["table"] in OURS_ALONE) for steps in ours or [[]]])
    said = [
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
        ["peer", "median s", "fastest", "slowest", "CPU s", "peak MiB", "written MB"],
        rows,
        "at most 0.8 times as long as hand-written DuckDB SQL; Spark with the same code at least 6 times as long",
        " ".join([*said, f"{more:.1f} s of shoplake's go into tables that the SQL does not make."]),
    )


if __name__ == "__main__":
    main()
