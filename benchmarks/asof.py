"""Point-in-time enrichment by shoplake on Sail and by DuckDB's ASOF JOIN, in turns, each run a process of its own.

What was true of each event's product, of changes of single properties as Retailrocket publishes them: read CSV, keep
the three properties that matter, carry each forward, join, write Parquet.

Example: `python benchmarks/asof.py --rounds 5`
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from findings import Finding, keep
from process import measure
from rich.console import Console

HERE = Path(__file__).parent
DATA = HERE / "data"
PEERS = ("shoplake", "duckdb")
ITEMS, CATEGORIES, WEEK_MS, START_MS = 235_000, 1_700, 7 * 86_400_000, 1_430_600_000_000
SHARES = {"categoryid": 0.039, "available": 0.074, "790": 0.088}
"""Of the published property rows; the others are of a thousand properties that nobody asks for."""
ANSWER = """
    SELECT count(*), count(category), count(parent), count_if(available), sum(price), count(price)
    FROM read_parquet('{}')
"""


def landing(events: int, changes: int) -> Path:
    """Events and property changes as CSV, made once."""
    folder = DATA / f"asof-{events}-{changes}"
    if not (folder / "category_tree.csv").exists():
        folder.mkdir(parents=True, exist_ok=True)
        chance = np.random.default_rng(1)
        _events(chance, events, folder / "events.csv")
        _changes(chance, changes, folder / "item_properties.csv")
        ids = np.arange(CATEGORIES)
        pc.write_csv(pa.table({"categoryid": ids, "parentid": ids // 7}), folder / "category_tree.csv")
    return folder


def _events(chance: np.random.Generator, count: int, file: Path) -> None:
    """Few items have many of the events."""
    items = chance.permutation(ITEMS)[np.minimum(chance.pareto(0.9, count) * 50, ITEMS - 1).astype(int)]
    at = np.sort(chance.integers(0, 20 * WEEK_MS, count)) + START_MS
    kinds = np.array(["view", "addtocart", "transaction"])[chance.choice(3, count, p=[0.967, 0.025, 0.008])]
    visitors = chance.integers(0, count // 2, count)
    pc.write_csv(pa.table({"timestamp": at, "visitorid": visitors, "event": kinds, "itemid": items}), file)


def _changes(chance: np.random.Generator, count: int, file: Path) -> None:
    """Taken weekly, as published."""
    other = chance.integers(1_000, 2_000, count).astype(str)
    kind = chance.choice([*SHARES, ""], count, p=[*SHARES.values(), 1 - sum(SHARES.values())])
    price = np.char.add(np.char.add("n", (chance.integers(1, 5_000, count) * 120).astype(str)), ".000")
    value = np.where(kind == "790", price, np.char.add(other, " 1116693 960601"))
    value = np.where(kind == "categoryid", chance.integers(0, CATEGORIES, count).astype(str), value)
    value = np.where(kind == "available", chance.integers(0, 2, count).astype(str), value)
    columns = {
        "timestamp": chance.integers(0, 18, count) * WEEK_MS + START_MS,
        "itemid": chance.integers(0, ITEMS, count),
        "property": np.where(kind == "", other, kind),
        "value": value,
    }
    pc.write_csv(pa.table(columns), file)


def play(peer: str, files: Path) -> dict[str, Any]:
    """One run of a peer, measured from outside and, without its start, from inside."""
    out = DATA / f"asof-{peer}"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    job = [sys.executable, str(HERE / "asof_job.py"), peer, str(files), str(out)]
    run = measure(job, DATA / f"asof-{peer}.log")
    answer = [str(each) for each in duckdb.execute(ANSWER.format(out / "**/*.parquet")).fetchall()[0]]
    size = sum(file.stat().st_size for file in out.rglob("*.parquet"))
    shutil.rmtree(out)
    told = json.loads(run.stdout)
    outside = {"process_s": run.seconds, "peak_mb": run.peak_mb, "written_mb": round(size / 1e6, 1)}
    return {"peer": peer, **told, **outside, "load_after": os.getloadavg()[0], "answer": answer}


def main() -> None:
    """Run, compare, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--changes", type=int, default=8_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    out, runs = Console(), list[dict[str, Any]]()
    files = landing(given.events, given.changes)
    for number in range(given.rounds):
        for peer in PEERS if number % 2 == 0 else reversed(PEERS):
            runs.append(play(peer, files) | {"round": number + 1})
            said = runs[-1]
            out.print(f"round {number + 1}  {peer:<9} {said['seconds']:6.2f} s  {said['cpu_seconds']:6.2f} CPU s")
            if said["answer"] != runs[0]["answer"]:
                raise RuntimeError(f"the answers differ: {runs[0]['answer']} and {said['answer']}")
    file = keep("asof", finding(given.events, given.changes, runs), {"runs": runs}, ("shoplake", "pysail", "duckdb"))
    out.print(str(file))


def finding(events: int, changes: int, runs: list[dict[str, Any]]) -> Finding:
    """Medians of the runs, side by side."""
    measures = {"seconds": "s", "cpu_seconds": "CPU s", "process_s": "whole process s", "peak_mb": "peak MiB"}
    medians = {peer: {what: _median(runs, peer, what) for what in measures} for peer in PEERS}
    ratios = {what: medians["shoplake"][what] / medians["duckdb"][what] for what in measures}
    rows = [[peer, *(f"{value:,.1f}" for value in found.values())] for peer, found in medians.items()]
    return Finding(
        "How fast is each event told what was true of its product?",
        ("peer", *measures.values()),
        [*rows, ["ratio", *(f"{value:.2f}" for value in ratios.values())]],
        "at most 1.0 × DuckDB's ASOF JOIN",
        f"{events:,} events and {changes:,} property changes from CSV, enriched and written as Parquet; medians of "
        f"{len(runs) // 2} rounds in turns. The highest load average was {max(run['load_after'] for run in runs):.0f}.",
    )


def _median(runs: list[dict[str, Any]], peer: str, what: str) -> float:
    return float(median(run[what] for run in runs if run["peer"] == peer))


if __name__ == "__main__":
    main()
