"""Memory limit: whether the full build of all tables stays within it, and its cost.

Example: `python benchmarks/memory.py --events 24000000 --memory "3 GiB"`
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from full_build import generate_files, run_system
from report import Finding, save_result
from rich.console import Console
from systems import SHOPLAKE

if TYPE_CHECKING:
    from pathlib import Path

UNCAPPED = "1 TiB"


def command(landing: Path, folder: Path, memory: str) -> list[str]:
    """Return the command of a run of all tables."""
    return [*SHOPLAKE.command(landing, folder, memory), "--all-tables"]


def main() -> None:
    """Run with and without a limit, print and save the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=24_000_000)
    parser.add_argument("--memory", default="3 GiB", help="resident in total, driver and engine")
    options = parser.parse_args()
    files, out = generate_files(options.events), Console()
    size = sum(file.stat().st_size for file in files.rglob("*") if file.is_file())
    runs: dict[str, dict[str, Any]] = {}
    for name, memory in ((options.memory, options.memory), ("no cap", UNCAPPED)):
        run = runs[name] = run_system(replace(SHOPLAKE, command=command), files, memory)
        out.print(f"{name:<10} {run['seconds']:8.1f} s  {run['peak_mb']:6} MiB")
    figures = {"events": options.events, "bytes": size, "memory": options.memory, "runs": runs}
    out.print(save_result("memory", to_finding(figures), figures))


def to_finding(figures: dict[str, Any]) -> Finding:
    """Summarise the two runs."""
    capped, free = figures["runs"].values()
    rows = [
        [name, f"{run['seconds']:.1f}", f"{run['cpu_seconds']:.0f}", f"{run['peak_mb']:,}"]
        for name, run in figures["runs"].items()
    ]
    return Finding(
        f"Does a run of all tables keep within its memory? {figures['events']:,} events, "
        f"{figures['bytes'] / 1e9:.1f} GB of files",
        ["memory", "s", "CPU s", "peak MiB resident"],
        rows,
        f"{figures['memory']} resident in total, driver and engine, in at most 1.1 × the time without a cap",
        f"With the cap it takes {capped['seconds'] / free['seconds']:.2f} × the time and "
        f"{capped['cpu_seconds'] / free['cpu_seconds']:.2f} × the CPU.",
    )


if __name__ == "__main__":
    main()
