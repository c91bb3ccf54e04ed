"""The whole job, raw files to gold, by each peer in turn, every run a process of its own.

Example: `python benchmarks/spine.py --events 4000000 --rounds 3`
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from answers import answers, differences
from peers import DUCKDB, PEERS, SHOPLAKE, Peer
from process import measure
from rich.console import Console
from rich.table import Table

from shoplake.simulate import generate

HERE = Path(__file__).parent
DATA, RESULTS = HERE / "data", HERE / "results"


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
    for number in range(count):
        for peer in peers if number % 2 == 0 else reversed(peers):
            run = play(peer, files, memory) | {"round": number + 1}
            out.print(f"round {number + 1}  {peer.name:<10} {run['seconds']:8.1f} s  {run['peak_mb']:6} MiB")
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


def ratio(medians: dict[str, dict[str, float]]) -> float | None:
    """How much longer shoplake takes than DuckDB, by the medians; None unless both ran."""
    if not {SHOPLAKE.name, DUCKDB.name} <= medians.keys():
        return None
    return round(medians[SHOPLAKE.name]["seconds"] / medians[DUCKDB.name]["seconds"], 3)


def machine() -> dict[str, Any]:
    """What it ran on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": platform.platform(),
        "load_before": os.getloadavg()[0],
    }


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
    parser.add_argument("--peers", nargs="+", choices=sorted(PEERS), default=list(PEERS))
    given = parser.parse_args()
    out, now, ran_on = Console(), datetime.now(UTC), machine()
    peers = [PEERS[name] for name in given.peers]
    runs = rounds(peers, landing(given.events), given.memory, given.rounds, out)
    medians = compared(runs)
    show(out, medians, given.events)
    found = {
        "at": now.isoformat(timespec="seconds"),
        "events": given.events,
        "memory": given.memory,
        "machine": ran_on,
        "versions": {"python": sys.version.split()[0]}
        | {name: version(name) for peer in peers for name in peer.packages},
        "ratio_shoplake_duckdb": ratio(medians),
        "medians": medians,
        "runs": runs,
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"spine-{now:%Y-%m-%d}.json"
    file.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    out.print(f"shoplake / duckdb: {found['ratio_shoplake_duckdb']}   {file}")


if __name__ == "__main__":
    main()
