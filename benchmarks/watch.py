"""Time from the arrival of a small file until its rows are in the gold tables, with `run --watch`.

A shop's last day is dropped piece by piece, a file a second, into the landing folder of a lake with the days before.
Example: `python benchmarks/watch.py --seconds 90`
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

from deltalake import DeltaTable
from findings import Finding, keep
from increments import DATA, landing, link, split
from rich.console import Console
from rich.table import Table

from shoplake import lake as lakes
from shoplake.declare import Feed
from shoplake.feeds import KINDS
from shoplake.settings import Settings

WORK = DATA / "watch"
EVERY_S = 1.0
PATIENCE_S = 60.0
TARGET_S = 5.0


def opened() -> lakes.Lake:
    """The lake under test."""
    feed = Feed("shop", KINDS["zenith"], str(WORK / "landing"), "Europe/London", "GBP")
    return lakes.Lake(Settings(lake=str(WORK / "lake"), feeds=(feed,), memory_limit=8 << 30))


def keep_up(settle_s: int) -> None:
    """Watch until the process is stopped, and print a line when it is ready."""
    stop = threading.Event()
    lakes.WATCH_SETTLE_S = settle_s
    lake = opened()
    _ = lake.engine
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=stop.set).start())
    for number, _ in enumerate(lake.watch(stop, EVERY_S)):
        if not number:
            print("ready", flush=True)


def fill(events_a_day: int, days: int) -> list[bytes]:
    """A lake of all days but the last; the lines of the last day's events, in order."""
    files = landing(events_a_day, days + 1)
    shutil.rmtree(WORK, ignore_errors=True)
    held = split(files, WORK / "landing")
    events = next(file for file in held if file.parent.name == "events")
    for file in held:
        if file != events:
            link(file, files, WORK / "landing")
    opened().run()
    return events.read_bytes().splitlines(keepends=True)


def drop(lines: list[bytes], seconds: int, size: int) -> dict[str, float]:
    """Write a file of that many lines each second and return when each was renamed, in seconds since 1970."""
    dropped, began = {}, time.monotonic()
    for number in range(min(seconds, len(lines) // size)):
        name = f"events/live-{number:04}.json"
        path = WORK / "landing" / name
        part = path.with_suffix(".part")
        time.sleep(max(0.0, began + number - time.monotonic()))
        part.write_bytes(b"".join(lines[number * size : (number + 1) * size]))
        part.rename(path)
        dropped[name] = time.time()
    return dropped


def visible() -> dict[str, float]:
    """When the rows of each file could last be missing from a gold table: the time of the last commit of its run."""
    lake = WORK / "lake"
    runs = DeltaTable(str(lake / "ops/table_runs")).to_pyarrow_table(columns=["run_id", "table", "version"]).to_pylist()
    done: dict[str, float] = {}
    for row in (row for row in runs if row["table"].startswith("gold.")):
        commit = lake / row["table"].replace(".", "/") / "_delta_log" / f"{row['version']:020}.json"
        done[row["run_id"]] = max(done.get(row["run_id"], 0.0), commit.stat().st_mtime)
    files = DeltaTable(str(lake / "ops/files")).to_pyarrow_table(columns=["path", "run_id", "state"]).to_pylist()
    return {row["path"]: done[row["run_id"]] for row in files if row["state"] == "ingested" and row["run_id"] in done}


def busy() -> float:
    """The CPU seconds of all processes since the machine was started."""
    user, nice, system, *_ = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def used(pid: int) -> float:
    """The CPU seconds of a process."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def measured(lines: list[bytes], seconds: int, size: int, settle_s: int) -> dict[str, Any]:
    """The delays of all files in one watch session, and the load of the machine meanwhile."""
    command = [sys.executable, __file__, "--keep-up", str(settle_s)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    began, all_before, own_before = time.monotonic(), busy(), used(child.pid)
    dropped = drop(lines, seconds, size)
    until = time.monotonic() + PATIENCE_S
    while not dropped.keys() <= visible().keys() and time.monotonic() < until:
        time.sleep(1)
    own = used(child.pid) - own_before
    others = (busy() - all_before - own) / (time.monotonic() - began)
    child.send_signal(signal.SIGTERM)
    child.wait()
    seen = visible()
    if missing := dropped.keys() - seen.keys():
        raise RuntimeError(f"{len(missing)} files never came through")
    waits = sorted(seen[name] - at for name, at in dropped.items())
    cuts = quantiles(waits, n=100)
    runs = len({seen[name] for name in dropped})
    figures = {"p50_s": cuts[49], "p95_s": cuts[94], "max_s": waits[-1]}
    return {
        "settle_s": settle_s,
        "files": len(waits),
        "runs": runs,
        **{name: round(value, 2) for name, value in figures.items()},
        "cpu_s_a_run": round(own / runs, 2),
        "cores_taken_by_others": round(others, 2),
    }


def main() -> None:
    """Measure with and without the time that files are given to settle, print and keep the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events-a-day", type=int, default=24_000)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=90)
    parser.add_argument("--events", type=int, default=200, help="events a file")
    parser.add_argument("--keep-up", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.keep_up is not None:
        keep_up(given.keep_up)
        return
    rows = []
    for settle_s in (lakes.WATCH_SETTLE_S, 0):
        lines = fill(given.events_a_day, given.days)
        rows.append(measured(lines, given.seconds, given.events, settle_s))
    shutil.rmtree(WORK)
    table = Table("settles s", "files", "runs", "p50 s", "p95 s", "max s", "CPU s per run", "cores of others")
    for row in rows:
        waits = (f"{row[name]:.2f}" for name in ("p50_s", "p95_s", "max_s"))
        rest = (str(row[name]) for name in ("cpu_s_a_run", "cores_taken_by_others"))
        table.add_row(str(row["settle_s"]), str(row["files"]), str(row["runs"]), *waits, *rest)
    Console().print(table)
    figures = {"every_s": EVERY_S, "events_a_file": given.events, "rows": rows}
    keep("watch", finding(rows, given), figures, ["shoplake", "pysail", "deltalake"])


def finding(rows: list[dict[str, Any]], given: argparse.Namespace) -> Finding:
    """What the waits say."""
    names = ("p50_s", "p95_s", "max_s", "cpu_s_a_run", "cores_taken_by_others")
    cells = [
        [f"{row['settle_s']} s", f"{row['files']}", f"{row['runs']}", *(f"{row[name]:.2f}" for name in names)]
        for row in rows
    ]
    history = f"{given.events_a_day * given.days:,} events of {given.days} days"
    return Finding(
        f"How long does a file of {given.events} events take until it is in gold? One file per second, on {history}",
        ["minimum file age", "files", "runs", "p50 s", "p95 s", "max s", "CPU s per run", "cores used by others"],
        cells,
        f"p95 {TARGET_S:.0f} s or less on 2 cores with `run --watch --interval 1s` with defaults",
        f"19 of 20 files are in every gold table within {rows[0]['p95_s']} s of their arrival; a wait of "
        f"{rows[0]['settle_s']} s for files that are still being written is included.",
    )


if __name__ == "__main__":
    main()
