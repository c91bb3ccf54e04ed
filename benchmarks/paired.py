"""Runs one job by shoplake on Sail and by DuckDB alternately, each run in its own process.

The job of a benchmark `NAME` is run as `NAME_job.py SYSTEM FILES OUT`.
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
from process import measure
from report import Finding, save_result
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).parent
DATA = HERE / "data"
SYSTEMS = ("shoplake", "duckdb")
MEASURES = {"seconds": "s", "cpu_seconds": "CPU s", "process_s": "whole process s", "peak_mb": "peak MiB"}

Runs = list[dict[str, Any]]
System = TypeVar("System")


def run_in_turns(name: str, files: Path, rounds: int, answer: str) -> Runs:
    """Run each system once per round, every second round in the opposite order; print each run.

    `answer` is SQL over the files of a run (`{}`). Raises RuntimeError where two runs answer differently.
    """
    out, runs = Console(), list[dict[str, Any]]()
    for number, system in iter_turns(SYSTEMS, rounds):
        runs.append(_run_system(name, system, files, answer) | {"round": number})
        output = runs[-1]
        out.print(f"round {number}  {system:<9} {output['seconds']:6.2f} s  {output['cpu_seconds']:6.2f} CPU s")
        if output["answer"] != runs[0]["answer"]:
            raise RuntimeError(f"the answers differ: {runs[0]['answer']} and {output['answer']}")
    return runs


def iter_turns(systems: Sequence[System], rounds: int) -> Iterator[tuple[int, System]]:
    """Yield every system once per round with the round's number; every second round in the opposite order."""
    for number in range(rounds):
        for system in systems if number % 2 == 0 else reversed(systems):
            yield number + 1, system


def _run_system(name: str, system: str, files: Path, answer: str) -> dict[str, Any]:
    """Run a system; measure the whole process, and the job without its start."""
    out = DATA / f"{name}-{system}"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    job = [sys.executable, str(HERE / f"{name}_job.py"), system, str(files), str(out)]
    run = measure(job, DATA / f"{name}-{system}.log")
    answer_values = [str(each) for each in duckdb.execute(answer.format(out / "**/*.parquet")).fetchall()[0]]
    bytes_written = sum(file.stat().st_size for file in out.rglob("*.parquet"))
    shutil.rmtree(out)
    measurements = {"process_s": run.seconds, "peak_mb": run.peak_mb, "written_mb": round(bytes_written / 1e6, 1)}
    return {
        "system": system,
        **json.loads(run.stdout),
        **measurements,
        "load_after": os.getloadavg()[0],
        "answer": answer_values,
    }


def save_comparison(name: str, question: str, aim: str, work: str, runs: Runs) -> None:
    """Save and print the medians of the systems; `work` describes one run."""
    by_system = {
        system: {what: median(run[what] for run in runs if run["system"] == system) for what in MEASURES}
        for system in SYSTEMS
    }
    rows = [[system, *(f"{value:,.1f}" for value in medians.values())] for system, medians in by_system.items()]
    ratios = [f"{by_system['shoplake'][what] / by_system['duckdb'][what]:.2f}" for what in MEASURES]
    method = (
        f"{work}; medians of {len(runs) // len(SYSTEMS)} rounds in turns. "
        f"The highest load average was {max(run['load_after'] for run in runs):.0f}."
    )
    finding = Finding(question, ["system", *MEASURES.values()], [*rows, ["ratio", *ratios]], aim, method)
    Console().print(str(save_result(name, finding, {"runs": runs}, ("shoplake", "pysail", "duckdb"))))
