"""Cost of one new day on a short and on a ten times longer history, and of a run without new files.

Example: `python benchmarks/increments.py --events-a-day 20000 --days 30`
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from report import Finding, save_result
from rich.console import Console
from rich.table import Table

from shoplake.declare import Feed
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings
from shoplake.simulate import generate

if TYPE_CHECKING:
    from shoplake.pipeline.runner import RunResult

HERE = Path(__file__).parent
DATA = HERE / "data"
TIMES = 10


def generate_files(events_a_day: int, days: int) -> Path:
    """Generate the files of a shop of `days` days once."""
    folder = DATA / f"days-{events_a_day}-{days}"
    if not (folder / "ground_truth.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        generate(
            folder, events=events_a_day * days, customers=5_000, products=1_000, days=days, seed=7, error_rate=0.02
        )
    return folder


def split(files: Path, into: Path) -> list[Path]:
    """Link all files but those of the last day into a folder; return those of the last day."""
    shutil.rmtree(into, ignore_errors=True)
    last = max(file.stem[7:17] for file in (files / "events").iterdir())
    last_day = []
    for file in sorted(files.rglob("*-*-*-*.*")):
        if last in file.name:
            last_day.append(file)
        else:
            link(file, files, into)
    return last_day


def link(file: Path, files: Path, into: Path) -> None:
    """Link the file under the same name into another folder."""
    target = into / file.relative_to(files)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(file, target)


def time_run(lake: Lake) -> tuple[float, RunResult]:
    """Time a run on a running engine; return the seconds and the result."""
    began = time.perf_counter()
    report = lake.run()
    return time.perf_counter() - began, report


def measure_case(events_a_day: int, days: int) -> dict[str, Any]:
    """Time the full build, one more day, and a run without new files."""
    files = generate_files(events_a_day, days + 1)
    work = DATA / "increment"
    shutil.rmtree(work, ignore_errors=True)
    last_day = split(files, work / "landing")
    feed = Feed("shop", KINDS["zenith"], str(work / "landing"), "Europe/London", "GBP")
    lake = Lake(Settings(lake=str(work / "lake"), feeds=(feed,), memory_limit=8 << 30))
    _ = lake.engine
    full_s, _ = time_run(lake)
    for file in last_day:
        link(file, files, work / "landing")
    day, report = time_run(lake)
    idle_s, empty = time_run(lake)
    if empty.tables or not report.files:
        raise RuntimeError("the second run had something to do, or the first had nothing")
    steps = {step.table: round(step.duration_s, 2) for step in report.tables}
    shutil.rmtree(work)
    return {"days": days, "full_s": full_s, "day_s": day, "nothing_s": idle_s, "steps": steps}


def main() -> None:
    """Measure, print and save the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events-a-day", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--alone", action="store_true", help="not on ten times the history as well")
    options = parser.parse_args()
    rows = [
        measure_case(options.events_a_day, options.days * factor) for factor in ((1,) if options.alone else (1, TIMES))
    ]
    ratio = rows[-1]["day_s"] / rows[0]["day_s"]
    table = Table("history", "full build s", "one day s", "nothing new s", "day / full")
    for row in rows:
        seconds = (f"{row[name]:.2f}" for name in ("full_s", "day_s", "nothing_s"))
        table.add_row(f"{row['days']} days", *seconds, f"{row['day_s'] / row['full_s']:.3f}")
    out = Console()
    out.print(table)
    out.print(f"one day on {TIMES} × the history costs {ratio:.2f} × one day on 1 ×")
    save_result(
        "day" if options.alone else "increments",
        to_finding(rows, options.events_a_day, ratio),
        {"rows": rows, "ratio": ratio},
    )


def to_finding(rows: list[dict[str, Any]], events_a_day: int, ratio: float) -> Finding:
    """Summarise the runs."""
    cells = [
        [
            f"{row['days']} days",
            *(f"{row[name]:.2f}" for name in ("full_s", "day_s", "nothing_s")),
            f"{row['day_s'] / row['full_s']:.1%}",
        ]
        for row in rows
    ]
    return Finding(
        f"What does one more day cost? {events_a_day:,} events a day",
        ["history", "full build s", "one day s", "nothing new s", "day / full"],
        cells,
        f"one day on {TIMES} × the history costs 1.3 × one day on 1 × or less; one of thirty days a tenth of the full "
        "build or less; nothing new 3 s or less",
        "" if len(rows) == 1 else f"One day on {TIMES} × the history costs {ratio:.2f} × one day on 1 ×.",
    )


if __name__ == "__main__":
    main()
