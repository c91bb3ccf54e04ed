"""Scale: CPU, time and memory of a run of all tables into a new lake, 1 M to 100 M events, within a memory limit.

Each size is a run of its own; the figures of the other sizes are kept. The files are packed (zstd) day by day
while they are made, so that those of 100 M events take 4 GB. Example: `python benchmarks/scale.py --events 100000000`
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from full_build import DATA, generate_shop, run_system
from memory import command
from report import RESULTS, Finding, save_result
from rich.console import Console
from systems import SHOPLAKE

if TYPE_CHECKING:
    from pathlib import Path

NAME, BLOCK = "scale", 1 << 24


def generate_packed(events: int, out: Console) -> Path:
    """Generate the packed files of a shop with `events` events once; 2 % of the records are faulty."""
    folder = DATA / f"packed-{events}"

    def on_day(day: int, days: int, so_far: int) -> None:
        for file in folder.rglob("*.json"):
            pack(file)
        out.print(f"day {day + 1} of {days}, {so_far:,} events")

    return generate_shop(folder, events, on_day)


def pack(file: Path) -> None:
    """Replace a file by its packed copy."""
    with file.open("rb") as source, pa.CompressedOutputStream(f"{file}.zst", "zstd") as packed:
        shutil.copyfileobj(source, packed, BLOCK)
    file.unlink()


def measure(events: int, memory: str, out: Console) -> dict[str, Any]:
    """Run all tables into a new lake; return the figures."""
    files = generate_packed(events, out)
    size = sum(file.stat().st_size for file in files.rglob("*") if file.is_file())
    run = run_system(replace(SHOPLAKE, command=command), files, memory)
    kept = {name: value for name, value in run.items() if name not in ("answers", "report")}
    return kept | {"events": events, "memory": memory, "bytes": size}


def known_runs() -> dict[str, Any]:
    """Return the runs of the newest result by number of events."""
    newest = sorted(RESULTS.glob(f"{NAME}-2*.json"))[-1:]
    return json.loads(newest[0].read_text(encoding="utf-8"))["runs"] if newest else {}


def main() -> None:
    """Run one size, print and save the figures beside those of the other sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--memory", default="8 GiB", help="resident in total, driver and engine")
    parser.add_argument("--generate-only", action="store_true", help="make the files and end")
    options, out = parser.parse_args(), Console()
    if options.generate_only:
        out.print(generate_packed(options.events, out))
        return
    run = measure(options.events, options.memory, out)
    out.print(f"{run['cpu_seconds']:8.1f} CPU s  {run['seconds']:8.1f} s  {run['peak_mb']:6} MiB")
    runs = dict(sorted((known_runs() | {str(options.events): run}).items(), key=lambda item: int(item[0])))
    out.print(save_result(NAME, to_finding(runs), {"runs": runs}))


def to_finding(runs: dict[str, Any]) -> Finding:
    """Summarise the runs, a row each."""
    rows = [to_row(int(events), run) for events, run in runs.items()]
    return Finding(
        "What do a million events cost, from 1 M to 100 M?",
        ["events", "memory limit", "CPU s", "s", "peak MiB", "CPU s a million", "s a million", "MiB a million", "load"],
        rows,
        "100 M events complete within 8 GiB; a million costs the same at every size",
        "A run of all tables from packed files into a new lake, without the fit of customer value.",
    )


def to_row(events: int, run: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    millions = events / 1_000_000
    return [
        f"{events:,}",
        run["memory"],
        f"{run['cpu_seconds']:.0f}",
        f"{run['seconds']:.0f}",
        f"{run['peak_mb']:,}",
        f"{run['cpu_seconds'] / millions:.1f}",
        f"{run['seconds'] / millions:.1f}",
        f"{run['peak_mb'] / millions:,.0f}",
        f"{run['load_before']:.1f}",
    ]


if __name__ == "__main__":
    main()
