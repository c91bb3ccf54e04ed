"""CPU time of a replay of quarantined records against that of the rebuild which it stands for.

A rule quarantines about a thousand events of one day, as a tracker's mistake does. It is taken away; the lake replays
them, then rebuilds `silver.events` and all that is made of it. Example: `python benchmarks/replay.py`
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from gates import DATA, TABLES, cpu_seconds
from report import Finding, save_result
from rich.console import Console

from shoplake import Lake
from shoplake.declare import Feed, expect, extend
from shoplake.declare.catalog import Catalog
from shoplake.feeds import KINDS
from shoplake.operations.quarantine.life_cycle import QuarantineLifeCycle
from shoplake.pipeline.planner import RunSelection
from shoplake.pipeline.runner import PipelineRun
from shoplake.settings import Settings
from shoplake.simulate import generate

TARGET = 0.05


def tables(whole: Catalog) -> Catalog:
    """Return the tables of the benchmark of gates."""
    needed = set(TABLES)
    for table in reversed(whole.ordered):
        if table.name in needed or table.layer == "bronze":
            needed |= {table.name, *table.inputs}
    return Catalog([table for table in whole.values() if table.name in needed])


def measure(files: Path, records: int, events: int, days: int) -> dict[str, Any]:
    """Quarantine about so many records of the last whole day, replay them, then rebuild; return the CPU seconds."""
    work = DATA / "replay"
    shutil.rmtree(work, ignore_errors=True)
    feed = Feed("shop", KINDS["zenith"], str(files), "Europe/London", "GBP")
    lake = Lake(Settings(lake=str(work / "lake"), feeds=(feed,), memory_limit=6 << 30))
    day = sorted(file.stem.removeprefix("events-") for file in (files / "events").iterdir())[-2]
    every = max(1, events // days // records)
    rule = expect("tracker_works", f"event_date <> DATE '{day}' OR pmod(xxhash64(event_id), {every}) <> 0")
    loose = tables(lake.catalog)
    tight = loose.extended((), [extend("silver.events", expectations=[rule])])
    lake.__dict__["catalog"] = tight
    lake.run()
    began = cpu_seconds()
    cycle = QuarantineLifeCycle(lake.engine, loose, lake.state, lake.settings)
    done = cycle.replay(loose["events"], "tracker_works")
    replayed = cpu_seconds() - began
    began = cpu_seconds()
    selection = RunSelection(full_refresh=True, select="silver.events+")
    PipelineRun(lake.engine, loose, lake.state, lake.settings, selection=selection).execute()
    figures = {"records": done.records, "passed": done.passed, "replay_cpu_s": replayed}
    return figures | {"rebuild_cpu_s": cpu_seconds() - began}


def main() -> None:
    """Measure, print and save the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--records", type=int, default=1_000)
    options = parser.parse_args()
    files = DATA / f"gates-{options.events}-{options.days}"
    if not (files / "ground_truth.json").exists():
        generate(files, events=options.events, customers=20_000, products=2_000, days=options.days, seed=7)
    figures = measure(files, options.records, options.events, options.days)
    shutil.rmtree(DATA / "replay", ignore_errors=True)
    Console().print(figures)
    save_result("replay", to_finding(figures, options.events), figures, ["shoplake", "pysail", "deltalake"])


def to_finding(figures: dict[str, Any], events: int) -> Finding:
    """Summarise the CPU times."""
    share = figures["replay_cpu_s"] / figures["rebuild_cpu_s"]
    rows = [[name, f"{figures[f'{name}_cpu_s']:.1f}"] for name in ("replay", "rebuild")]
    return Finding(
        f"What does a replay of {figures['records']:,} of {events:,} records cost, against a rebuild?",
        ["what", "CPU s"],
        rows,
        f"at most {TARGET:.0%} of the rebuild",
        f"The replay of {figures['records']:,} records of one day costs {share:.1%} of the rebuild of "
        "silver.events and of what is made of it.",
    )


if __name__ == "__main__":
    main()
