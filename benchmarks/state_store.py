"""Cost of a run without new files when the state store is large: many known files, many past runs.

The state store of a small lake is filled with synthetic runs; then separate processes run the lake and are measured
from outside. Example: `python benchmarks/state_store.py --files 1000000 --runs 100000`
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import CommitProperties, Transaction, write_deltalake
from increments import DATA
from process import measure
from report import Finding, save_result
from rich.console import Console
from rich.table import Table

from shoplake.declare import Feed
from shoplake.engine.state.ops_tables import CHECKSUMS, FILES, QUALITY, TABLE_RUNS
from shoplake.engine.state.state_store import RESULTS_MARKER, RUN_MARKER
from shoplake.engine.storage import delta_log
from shoplake.feeds import KINDS
from shoplake.lake import Lake
from shoplake.settings import Settings
from shoplake.simulate import generate

if TYPE_CHECKING:
    from shoplake.declare import Table as Declared

Columns = dict[str, Callable[[int], Any]]
"""Functions from row number to cell, by column name."""

WORK = DATA / "state_store"
BLOCK = 500_000
TABLES = 13
QUALITIES = 150
"""Rows of `ops.quality` that a run writes."""
START = datetime(2020, 1, 1, tzinfo=UTC)
MEASURED = {
    "nothing new": 0,
    "one small file": 1,
}


def open_lake() -> Lake:
    """Open the lake under test."""
    feed = Feed("shop", KINDS["zenith"], str(WORK / "landing"), "Europe/London", "GBP")
    return Lake(Settings(lake=str(WORK / "lake"), feeds=(feed,)))


def run_once() -> None:
    """Run the lake once in the process under test; print the seconds without the start of Python and the engine."""
    lake = open_lake()
    _ = lake.engine
    began = time.perf_counter()
    report = lake.run()
    print(json.dumps({"run_s": time.perf_counter() - began, "files": report.files}))


def fill_table(lake: Lake, table: Declared[...], count: int, marks: dict[str, int], columns: Columns) -> None:
    """Append `count` rows to a table of the state store in few files, as after compaction."""
    schema = delta_log.arrow_schema(table)
    for first in range(0, count, BLOCK):
        numbers = range(first, min(count, first + BLOCK))
        cells = {
            field.name: pa.array(
                map(columns[field.name], numbers) if field.name in columns else [None] * len(numbers), field.type
            )
            for field in schema
        }
        properties = CommitProperties(app_transactions=[Transaction(*mark) for mark in marks.items()])
        write_deltalake(lake.state.path(table), pa.table(cells), mode="append", commit_properties=properties)


def build_history(files: int, runs: int, in_folder: int) -> None:
    """Build a lake with so many known files and runs; `in_folder` of the files are still in the landing folder."""
    shutil.rmtree(WORK, ignore_errors=True)
    generate(WORK / "landing", events=2_000, customers=100, products=50, days=3, seed=7)
    lake = open_lake()
    lake.run()
    folder = WORK / "landing" / "events"
    stamp = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(in_folder):
        path = folder / f"old-{number:07}.json"
        path.write_bytes(b"{}")
        os.utime(path, (stamp.timestamp(), stamp.timestamp()))
    same: Columns = {"feed": lambda _: "shop", "stream": lambda _: "events_raw", "state": lambda _: "ingested"}
    known: Columns = {"path": lambda n: f"events/old-{n:07}.json", "size": lambda _: 2, "modified_at": lambda _: stamp}
    digest: Columns = {
        "sha256": lambda n: f"{n:064x}",
        "batch_id": lambda _: "b000000001",
        "run_id": lambda n: f"{n:032x}",
    }
    fill_table(lake, FILES, files, {"batch/": 1}, {"recorded_at": run_time} | same | known | digest)
    _runs(lake, runs)


def _runs(lake: Lake, runs: int) -> None:
    """Append the rows of past runs."""
    last_run = lake.state.marker(TABLE_RUNS, RUN_MARKER) or 0
    markers = {RUN_MARKER: last_run, RESULTS_MARKER: lake.state.marker(TABLE_RUNS, RESULTS_MARKER) or 0}
    when: Columns = {"recorded_at": lambda n: run_time(n // TABLES)}
    named: Columns = {"table": lambda n: f"silver.table{n % TABLES}", "run_id": lambda n: f"{n // TABLES:032x}"}
    counts: Columns = {name: lambda _: 7 for name in ("rows_read", "rows_written", "rows_total", "version")}
    offsets: Columns = {"offsets": lambda n: json.dumps({"upstream": [None, n]}), "duration_s": lambda _: 0.1}
    fill_table(lake, TABLE_RUNS, runs * TABLES, markers, when | named | counts | offsets)
    checksums: Columns = {"file": lambda n: f"part-{n:032x}.parquet", "sha256": lambda n: f"{n:064x}"}
    fill_table(lake, CHECKSUMS, runs * TABLES, {RUN_MARKER: last_run}, when | named | checksums)
    quality: Columns = {
        "check_type": lambda _: "column",
        "check_name": lambda n: f"column{n % QUALITIES}",
        "rows_failed": lambda _: 0,
    }
    wide: Columns = {"table": named["table"], "run_id": lambda n: f"{n // QUALITIES:032x}"}
    wide |= {"recorded_at": lambda n: run_time(n // QUALITIES)}
    count = min(runs * QUALITIES, 3_000_000)
    fill_table(lake, QUALITY, count, {}, wide | quality)


def run_time(number: int) -> datetime:
    """Return the time of a past run: one per minute, all before the lake's own runs."""
    return START + timedelta(minutes=number)


def measure_case(name: str, new_files: int) -> dict[str, Any]:
    """Measure one run in its own process, after `new_files` small files arrived."""
    for number in range(new_files):
        event = {"event_id": f"{name}-{time.time()}-{number}", "event_ts": "2026-03-02T10:00:00Z", "user_id": "C1"}
        path = WORK / "landing" / "events" / f"new-{time.time_ns()}.json"
        path.write_text(json.dumps(event | {"event_name": "page_view"}) + "\n", encoding="utf-8")
    run = measure([sys.executable, str(Path(__file__)), "--run-once"], WORK / "errors.log")
    output = json.loads(run.stdout)
    assert output["files"] == new_files
    return {
        "what": name,
        "run_s": round(output["run_s"], 3),
        "process_s": run.seconds,
        "cpu_s": run.cpu_seconds,
        "peak_mb": run.peak_mb,
    }


def main() -> None:
    """Measure with a small and a large state store, print and save the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument(
        "--in-folder", type=int, default=10_000, help="known files that are still in the landing folder"
    )
    parser.add_argument("--fill", type=int, nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--run-once", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        build_history(*options.fill)
        return
    if options.run_once:
        run_once()
        return
    rows = []
    for files, runs, in_folder in ((0, 0, 0), (options.files, options.runs, options.in_folder)):
        numbers = map(str, (files, runs, in_folder))
        subprocess.run([sys.executable, __file__, "--fill", *numbers], check=True)  # its memory is not to count
        for name, new_files in MEASURED.items():
            rows.append({"files": files, "runs": runs, "in_folder": in_folder} | measure_case(name, new_files))
    shutil.rmtree(WORK)
    table = Table("known files", "past runs", "in the folder", "what", "run s", "process s", "CPU s", "peak MiB")
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)
    save_result("state_store", to_finding(rows), {"rows": rows}, ["shoplake", "deltalake"])


def to_finding(rows: list[dict[str, Any]]) -> Finding:
    """Summarise the runs."""
    names = ("files", "runs", "in_folder", "what", "run_s", "process_s", "cpu_s", "peak_mb")
    cells = [[f"{row[name]:,}" if isinstance(row[name], int) else str(row[name]) for name in names] for row in rows]
    idle = [row for row in rows if row["what"] == "nothing new"]
    return Finding(
        "What does a run cost at its start when the state store is large?",
        ["known files", "past runs", "in the folder", "what", "run s", "process s", "CPU s", "peak MiB"],
        cells,
        "a run with nothing new 3 s or less with 1,000,000 known files and 100,000 past runs",
        f"A run without new files takes {idle[-1]['run_s']} s with the large state store, "
        f"{idle[0]['run_s']} s with the small one, "
        f"and {idle[-1]['peak_mb'] - idle[0]['peak_mb']} MiB more.",
    )


if __name__ == "__main__":
    main()
