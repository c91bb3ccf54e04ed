"""One job by shoplake on Sail and by DuckDB, alternating, each run in its own process.

The job of a benchmark `NAME` is run as `NAME_job.py PEER FILES OUT`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
from findings import Finding, keep
from process import measure
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent
DATA = HERE / "data"
PEERS = ("shoplake", "duckdb")
MEASURES = {"seconds": "s", "cpu_seconds": "CPU s", "process_s": "whole process s", "peak_mb": "peak MiB"}

Runs = list[dict[str, Any]]
Peer = TypeVar("Peer")


def in_turns(name: str, files: Path, rounds: int, answer: str) -> Runs:
    """Each peer's run of each round, every second round in the opposite order; prints each as it ends.

    `answer` is SQL over what a run has written (`{}`); raises RuntimeError where two runs answer differently.
    """
    out, runs = Console(), list[dict[str, Any]]()
    for number, peer in turns(PEERS, rounds):
        runs.append(_play(name, peer, files, answer) | {"round": number})
        run = runs[-1]
        out.print(f"round {number}  {peer:<9} {run['seconds']:6.2f} s  {run['cpu_seconds']:6.2f} CPU s")
        if run["answer"] != runs[0]["answer"]:
            raise RuntimeError(f"the answers differ: {runs[0]['answer']} and {run['answer']}")
    return runs


def turns(peers: Sequence[Peer], rounds: int) -> Iterator[tuple[int, Peer]]:
    """Every peer once a round, with the number of the round; every second round in the opposite order."""
    for number in range(rounds):
        for peer in peers if number % 2 == 0 else reversed(peers):
            yield number + 1, peer


def _play(name: str, peer: str, files: Path, answer: str) -> dict[str, Any]:
    """One run of a peer, measured from outside and, without its start, from inside."""
    out = DATA / f"{name}-{peer}"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    job = [sys.executable, str(HERE / f"{name}_job.py"), peer, str(files), str(out)]
    run = measure(job, DATA / f"{name}-{peer}.log")
    answers = [str(each) for each in duckdb.execute(answer.format(out / "**/*.parquet")).fetchall()[0]]
    written = sum(file.stat().st_size for file in out.rglob("*.parquet"))
    shutil.rmtree(out)
    outside = {"process_s": run.seconds, "peak_mb": run.peak_mb, "written_mb": round(written / 1e6, 1)}
    return {"peer": peer, **json.loads(run.stdout), **outside, "load_after": os.getloadavg()[0], "answer": answers}


def record(name: str, question: str, aim: str, work: str, runs: Runs) -> None:
    """Write the medians of the runs side by side into a result file; `work` describes one run."""
    of = {peer: {what: median(run[what] for run in runs if run["peer"] == peer) for what in MEASURES} for peer in PEERS}
    rows = [[peer, *(f"{value:,.1f}" for value in found.values())] for peer, found in of.items()]
    ratios = [f"{of['shoplake'][what] / of['duckdb'][what]:.2f}" for what in MEASURES]
    method = (
        f"{work}; medians of {len(runs) // len(PEERS)} rounds, alternating. "
        f"The highest load average was {max(run['load_after'] for run in runs):.0f}."
    )
    found = Finding(question, ["peer", *MEASURES.values()], [*rows, ["ratio", *ratios]], aim, method)
    Console().print(str(keep(name, found, {"runs": runs}, ("shoplake", "pysail", "duckdb"))))
