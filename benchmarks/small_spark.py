"""Cost of small runs on local Spark: a first run, runs of one more file, and one without new files.

The server is the benchmark's own and has just started: one that runs already has compiled its code. CPU seconds are
those of the server, and beside them those of its compilers of Java code (C1 and C2), of Linux. The catalogue is whole,
or some tables and those that they read (`--tables`), of which only event files arrive.

Example: `python benchmarks/small_spark.py --java "-XX:TieredStopAtLevel=1"`
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from increments import DATA, link, time_run
from process import cpu_seconds
from pyspark.sql.connect.client.core import SparkConnectClient
from report import Finding, save_result
from rich.console import Console
from rich.table import Table

from shoplake.declare import Feed
from shoplake.declare.catalog import Catalog
from shoplake.engine.session.spark import server
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings
from shoplake.simulate import generate

if TYPE_CHECKING:
    from collections.abc import Collection

DAYS, PIECES = 4, 30
"""The events of the last day arrive as so many files."""
COLUMNS = ("run", "wall s", "Java CPU s", "of it compilers", "executions", "analyses", "commits", "load")
COMPILERS = ("C1 Compiler", "C2 Compiler")


def compiler_seconds(pid: int) -> float:
    """Return the CPU seconds of the threads that compile Java code; 0 without /proc."""
    ticks = 0
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        name, _, fields = stat.read_text().partition("(")[2].rpartition(")")
        if name.startswith(COMPILERS):
            ticks += sum(map(int, fields.split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def split_last_day(files: Path, landing: Path, only: Collection[str] = ()) -> list[bytes]:
    """Link the files of all days but the last into a folder; return that day's events in pieces.

    With `only`, the files of some folders.
    """
    last = max(file.stem[7:17] for file in (files / "events").iterdir())
    for file in sorted(files.rglob("*-*-*-*.*")):
        if last not in file.name and (not only or file.parent.name in only):
            link(file, files, landing)
    lines = (files / "events" / f"events-{last}.json").read_bytes().splitlines(keepends=True)
    size = len(lines) // PIECES
    return [b"".join(lines[at * size : (at + 1) * size]) for at in range(PIECES)]


def with_read(catalog: Catalog, names: Collection[str]) -> Catalog:
    """Return the bronze tables, some others, and all that they read."""
    wanted = {catalog[name].name for name in names}
    for table in reversed(catalog.ordered):
        if table.layer == "bronze" or table.name in wanted:
            wanted |= {table.name, *table.inputs}
    return Catalog([table for table in catalog.values() if table.name in wanted])


def measure_run(name: str, lake: Lake, pid: int) -> dict[str, Any]:
    """Run the lake, and measure the run and the server."""
    analyses, analyze = list[None](), SparkConnectClient._analyze

    def counting(*arguments: Any, **options: Any) -> Any:
        analyses.append(None)
        return analyze(*arguments, **options)

    java, compilers, commits = cpu_seconds(pid), compiler_seconds(pid), count_commits(lake)
    with patch.object(SparkConnectClient, "_analyze", counting):
        run = time_run(lake)
    return {
        "run": name,
        "wall_s": run.wall_s,
        "java_cpu_s": round(cpu_seconds(pid) - java, 1),
        "compiler_cpu_s": round(compiler_seconds(pid) - compilers, 1),
        "executions": run.executions,
        "analyses": len(analyses),
        "commits": count_commits(lake) - commits,
        "load": round(os.getloadavg()[0], 1),
    }


def count_commits(lake: Lake) -> int:
    """Count the commit files of all tables."""
    return sum(1 for _ in Path(lake.settings.lake).rglob("_delta_log/*.json"))


def measure(events: int, files: int, tables: Collection[str]) -> list[dict[str, Any]]:
    """Measure a first run, runs of one more file of events, and one without any, on a server of their own."""
    simulated = DATA / f"small-{events}"
    if not simulated.exists():
        generate(simulated, events=events * 4 // 3, customers=100, products=50, days=DAYS, seed=7, error_rate=0.02)
    work = Path(tempfile.mkdtemp(prefix="small-spark-", dir=DATA))
    with patch.dict(os.environ, {"XDG_STATE_HOME": str(work / "state")}):
        try:
            pieces = split_last_day(simulated, work / "landing", {"events"} if tables else ())
            feed = Feed("shop", KINDS["zenith"], str(work / "landing"), "Europe/London", "GBP")
            lake = Lake(Settings(lake=str(work / "lake"), feeds=(feed,), engine="spark", remote="local"))
            if tables:
                lake.__dict__["catalog"] = with_read(lake.catalog, tables)
            _, pid = lake.engine, server.start_server().pid
            runs = [measure_run("first", lake, pid)]
            for number, piece in enumerate(pieces[:files]):
                (work / "landing" / "events" / f"events-piece-{number:02}.json").write_bytes(piece)
                runs.append(measure_run(f"one more file, {number + 1}", lake, pid))
            return [*runs, measure_run("nothing new", lake, pid)]
        finally:
            server.stop_servers()
            shutil.rmtree(work)


def main() -> None:
    """Measure, print and, of the whole catalogue and Java's own settings, save the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=2_000)
    parser.add_argument("--files", type=int, default=4, choices=range(1, PIECES + 1), metavar=f"1..{PIECES}")
    parser.add_argument("--tables", nargs="*", default=[])
    parser.add_argument("--java", default="", help="options for the server's Java")
    options = parser.parse_args()
    with patch.dict(os.environ, {"JDK_JAVA_OPTIONS": options.java} if options.java else {}):
        runs = measure(options.events, options.files, options.tables)
    cells = [[str(value) for value in run.values()] for run in runs]
    table = Table(*COLUMNS)
    for row in cells:
        table.add_row(*row)
    Console().print(table)
    if not options.tables and not options.java:
        question = f"What do small runs cost on local Spark? {options.events:,} events, all tables"
        aim = "first run 35 s or less, one more file 8 s or less"
        save_result(
            "small_spark", Finding(question, COLUMNS, cells, aim, "A server that has just started."), {"runs": runs}
        )


if __name__ == "__main__":
    main()
