"""Cost of the same new day on a short and on a ten times longer history, and of a run without new files.

CPU seconds are those of the process, embedded engine included, and of a local Spark server. Tables that are updated at
the same time share them by the order in which they finish, so that only their sum is exact.

Example: `python benchmarks/increments.py --events-a-day 20000 --days 30`
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from process import cpu_seconds
from pyspark.sql.connect.client.core import SparkConnectClient
from report import Finding, save_result
from rich.console import Console
from rich.table import Table

from shoplake.declare import Feed
from shoplake.engine.session.spark import server
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings
from shoplake.simulate import generate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shoplake.pipeline.run_result import RunResult, TableResult

HERE = Path(__file__).parent
DATA = HERE / "data"
TIMES = 10
LASTING = ("customers", "products")
"""Streams whose old files say what is true today."""
MOST_COSTLY = 15
"""Tables that are printed."""


def generate_files(events_a_day: int, days: int) -> Path:
    """Generate the files of a shop of `days` days once."""
    folder = DATA / f"days-{events_a_day}-{days}"
    if not (folder / "ground_truth.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        generate(
            folder, events=events_a_day * days, customers=5_000, products=1_000, days=days, seed=7, error_rate=0.02
        )
    return folder


def split(files: Path, into: Path, days: int | None = None) -> list[Path]:
    """Link all files but those of the last day into a folder, or those of `days` days; return those of the last day.

    All files of customers and products are linked, however old they are.
    """
    shutil.rmtree(into, ignore_errors=True)
    dates = sorted({file.stem[7:17] for file in (files / "events").iterdir()})
    last, old = dates[-1], set(dates[: -days - 1] if days else ())
    last_day = []
    for file in sorted(files.rglob("*-*-*-*.*")):
        if last in file.name:
            last_day.append(file)
        elif file.parent.name in LASTING or not any(date in file.name for date in old):
            link(file, files, into)
    return last_day


def link(file: Path, files: Path, into: Path) -> None:
    """Link the file under the same name into another folder."""
    target = into / file.relative_to(files)
    target.parent.mkdir(parents=True, exist_ok=True)
    os.link(file, target)


class CpuListener:
    """Measures the CPU seconds of a run by table."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._seen = time.process_time()

    def started(self, table: str) -> None:
        """Nothing: the seconds between two tables count for the second."""

    def finished(self, step: TableResult) -> None:
        """Add the seconds since the last table was finished."""
        now = time.process_time()
        self.seconds[step.table] = self.seconds.get(step.table, 0.0) + now - self._seen
        self._seen = now


@contextmanager
def count_executions() -> Iterator[list[None]]:
    """Yield a list that grows by one with each execution by the engine."""
    counted, execute = list[None](), SparkConnectClient._execute_and_fetch

    def counting(*arguments: Any, **options: Any) -> Any:
        counted.append(None)
        return execute(*arguments, **options)

    with patch.object(SparkConnectClient, "_execute_and_fetch", counting):
        yield counted


@dataclass(frozen=True)
class Timing:
    """A run: wall and CPU seconds, executions by the engine, CPU seconds by table, and its result."""

    wall_s: float
    cpu_s: float
    executions: int
    tables: dict[str, float]
    result: RunResult


def cpu_so_far() -> float:
    """Return the CPU seconds so far of this process, and of the local Spark server where one runs."""
    running = server.running_server()
    return time.process_time() + (0.0 if running is None else cpu_seconds(running.pid))


def time_run(lake: Lake, **options: Any) -> Timing:
    """Measure a run with the options of `Lake.run` on a running engine."""
    listener, began, cpu = CpuListener(), time.perf_counter(), cpu_so_far()
    with count_executions() as executions:
        result = lake.run(listener, **options)
    wall_s, cpu_s = time.perf_counter() - began, cpu_so_far() - cpu
    by_cost = sorted(listener.seconds.items(), key=lambda item: -item[1])
    tables = {name: round(seconds, 2) for name, seconds in by_cost}
    return Timing(round(wall_s, 3), round(cpu_s, 3), len(executions), tables, result)


def measure_case(events_a_day: int, days: int, of_days: int | None = None, **settings: Any) -> dict[str, Any]:
    """Time the full build, one more day, and a run without new files, on the engine of `settings` (else Sail).

    The day is the last one of a shop of `days` days before it, or of `of_days`, of which the last `days` are built.
    """
    files = generate_files(events_a_day, (of_days or days) + 1)
    work = DATA / "increment"
    shutil.rmtree(work, ignore_errors=True)
    last_day = split(files, work / "landing", days)
    feed = Feed("shop", KINDS["zenith"], str(work / "landing"), "Europe/London", "GBP")
    lake = Lake(Settings(lake=str(work / "lake"), feeds=(feed,), memory_limit=8 << 30, **settings))
    _ = lake.engine
    full = time_run(lake)
    for file in last_day:
        link(file, files, work / "landing")
    day, idle = time_run(lake), time_run(lake)
    if idle.result.tables or not day.result.files:
        raise RuntimeError("the second run had something to do, or the first had nothing")
    shutil.rmtree(work)
    return {
        "days": days,
        **{f"{name}_s": run.wall_s for name, run in (("full", full), ("day", day), ("nothing", idle))},
        **{f"{name}_cpu_s": run.cpu_s for name, run in (("full", full), ("day", day), ("nothing", idle))},
        "executions": day.executions,
        "load": round(os.getloadavg()[0], 1),
        "tables_cpu_s": day.tables,
    }


def main() -> None:
    """Measure, print and save the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events-a-day", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--alone", action="store_true", help="not on ten times the history as well")
    options = parser.parse_args()
    factors = (1,) if options.alone else (1, TIMES)
    whole = options.days * factors[-1]
    rows = [measure_case(options.events_a_day, options.days * factor, whole) for factor in factors]
    ratio = rows[-1]["day_cpu_s"] / rows[0]["day_cpu_s"]
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*to_cells(row))
    out = Console()
    out.print(table)
    out.print(f"one day on {TIMES} × the history costs {ratio:.2f} × the CPU seconds of one day on 1 ×")
    for name, seconds in list(rows[-1]["tables_cpu_s"].items())[:MOST_COSTLY]:
        out.print(f"{seconds:6.2f} CPU s  {name}")
    save_result(
        f"day_of_{options.events_a_day}" if options.alone else "increments",
        to_finding(rows, options.events_a_day, ratio),
        {"rows": rows, "ratio": ratio},
    )


COLUMNS = ("history", "full CPU s", "day CPU s", "day / full", "nothing CPU s", "day wall s", "executions", "load")


def to_cells(row: dict[str, Any]) -> list[str]:
    """Return the cells of one history, CPU seconds first."""
    full, day, idle = (row[f"{name}_cpu_s"] for name in ("full", "day", "nothing"))
    cpu = [f"{full:.1f}", f"{day:.2f}", f"{day / full:.1%}", f"{idle:.2f}"]
    return [f"{row['days']} days", *cpu, f"{row['day_s']:.2f}", str(row["executions"]), str(row["load"])]


def to_finding(rows: list[dict[str, Any]], events_a_day: int, ratio: float) -> Finding:
    """Summarise the runs."""
    return Finding(
        f"What does one more day cost? {events_a_day:,} events a day",
        COLUMNS,
        [to_cells(row) for row in rows],
        f"one day on {TIMES} × the history costs 1.2 × one day on 1 × or less; one of thirty days a tenth of the full "
        "build or less; nothing new 0.1 s or less",
        ""
        if len(rows) == 1
        else f"The same day on {TIMES} × the history costs {ratio:.2f} × the CPU of that day on 1 ×.",
    )


if __name__ == "__main__":
    main()
