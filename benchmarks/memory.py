"""Whether a run stays within its memory limit, and what the limit costs: the whole job with and without it.

Example: `python benchmarks/memory.py --events 24000000 --memory "3 GiB"`
"""

from __future__ import annotations

import argparse
from typing import Any

from findings import Finding, keep
from peers import SHOPLAKE
from rich.console import Console
from spine import landing, play

UNCAPPED = "1 TiB"


def main() -> None:
    """Run with and without the limit, print and store the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=24_000_000)
    parser.add_argument("--memory", default="3 GiB", help="resident in total, driver and engine")
    given = parser.parse_args()
    files, out = landing(given.events), Console()
    size = sum(file.stat().st_size for file in files.rglob("*") if file.is_file())
    runs: dict[str, dict[str, Any]] = {}
    for name, memory in ((given.memory, given.memory), ("no limit", UNCAPPED)):
        run = runs[name] = play(SHOPLAKE, files, memory)
        out.print(f"{name:<10} {run['seconds']:8.1f} s  {run['peak_mb']:6} MiB")
    figures = {"events": given.events, "bytes": size, "memory": given.memory, "runs": runs}
    out.print(keep("memory", finding(figures), figures))


def finding(figures: dict[str, Any]) -> Finding:
    """Summarize the two runs."""
    capped, free = figures["runs"].values()
    rows = [
        [name, f"{run['seconds']:.1f}", f"{run['cpu_seconds']:.0f}", f"{run['peak_mb']:,}"]
        for name, run in figures["runs"].items()
    ]
    return Finding(
        f"Does a run stay within its memory limit? {figures['events']:,} events, "
        f"{figures['bytes'] / 1e9:.1f} GB of files",
        ["memory limit", "s", "CPU s", "peak MiB resident"],
        rows,
        f"{figures['memory']} resident in total, driver and engine, in at most 1.1 × the time without a limit",
        f"With the limit it takes {capped['seconds'] / free['seconds']:.2f} × the time.",
    )


if __name__ == "__main__":
    main()
