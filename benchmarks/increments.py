"""Cost of one new day on top of a short and of a ten times longer history, and of a run without new files.

Example: `python benchmarks/increments.py --events-a-day 20000 --days 30`
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from findings import Finding, keep
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


def landing(events_a_day: int, days: int) -> Path:
    """Simulate the files of a shop of that many days, once."""
    folder = DATA / f"days-{events_a_day}-{days}"
    if not (folder / "truth.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        generate(folder, events=events_a_day * days, customers=5_000, products=1_000, days=days, seed=7, dirt=0.02)
    return folder


def split(files: Path, into: Path) -> list[Path]:
    """Links to all files but those of the last day, in a folder of their own; the last day's are returned."""
    shutil.rmtree(into, ignore_errors=True)
    last = max(file.stem[7:17] for file in (files / "events").iterdir())
    held = []
    for file in sorted(files.rglob("*-*-*-*.*")):
        if last in file.name:
            held.append(file)
        else:
            link(file, files, into)
    return held


def link(file: Path, files: Path, into: Path) -> None:
    """The file under the same name in another folder."""
    target = into / file.relative_to(files)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(file, target)


def timed(lake: Lake) -> tuple[float, RunResult]:
    """The seconds of a run, and its report; the engine is running."""
    began = time.perf_counter()
    report = lake.run()
    return time.perf_counter() - began, report


def measured(events_a_day: int, days: int) -> dict[str, Any]:
    """The seconds of the full build, of one more day on top, and of a run without new files."""
    files = landing(events_a_day, days + 1)
    work = DATA / "increment"
    shutil.rmtree(work, ignore_errors=True)
    held = split(files, work / "landing")
    feed = Feed("shop", KINDS["zenith"], str(work / "landing"), "Europe/London", "GBP")
    lake = Lake(Settings(lake=str(work / "lake"), feeds=(feed,), memory_limit=8 << 30))
    _ = lake.engine
    history, _ = timed(lake)
    for file in held:
        link(file, files, work / "landing")
    day, report = timed(lake)
    nothing, empty = timed(lake)
    if empty.tables or not report.files:
        raise RuntimeError("the second run had something to do, or the first had nothing")
    steps = {step.table: round(step.duration_s, 2) for step in report.tables}
    shutil.rmtree(work)
    return {"days": days, "full_s": history, "day_s": day, "nothing_s": nothing, "steps": steps}


def main() -> None:
    """Measure, print and store the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events-a-day", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--alone", action="store_true", help="not on ten times the history as well")
    given = parser.parse_args()
    rows = [measured(given.events_a_day, given.days * factor) for factor in ((1,) if given.alone else (1, TIMES))]
    ratio = rows[-1]["day_s"] / rows[0]["day_s"]
    table = Table("history", "full build s", "one day s", "no new files s", "day / full")
    for row in rows:
        seconds = (f"{row[name]:.2f}" for name in ("full_s", "day_s", "nothing_s"))
        table.add_row(f"{row['days']} days", *seconds, f"{row['day_s'] / row['full_s']:.3f}")
    out = Console()
    out.print(table)
    out.print(f"one day on {TIMES} × the history costs {ratio:.2f} × one day on 1 ×")
    keep(
        "day" if given.alone else "increments", finding(rows, given.events_a_day, ratio), {"rows": rows, "ratio": ratio}
    )


def finding(rows: list[dict[str, Any]], events_a_day: int, ratio: float) -> Finding:
    """Summarize the runs."""
    cells = [
        [
            f"{row['days']} days",
            *(f"{row[name]:.2f}" for name in ("full_s", "day_s", "nothing_s")),
            f"{row['day_s'] / row['full_s']:.1%}",
        ]
        for row in rows
    ]
    return Finding(
        f"What does one more day cost? {events_a_day:,} events per day",
        ["history", "full build s", "one day s", "no new files s", "day / full"],
        cells,
        f"one day on {TIMES} × the history costs 1.3 × one day on 1 × or less; one of thirty days a tenth of the full "
        "build or less; no new files 3 s or less",
        "" if len(rows) == 1 else f"One day on {TIMES} × the history costs {ratio:.2f} × one day on 1 ×.",
    )


if __name__ == "__main__":
    main()
