"""The pretend shop at work: a bar while it writes, and what it wrote."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich import progress

from shoplake import simulate
from shoplake.cli.console import grid, number
from shoplake.simulate import retailrocket

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console


@dataclass(frozen=True)
class Dropped:
    """What was written, and how long it took."""

    ground_truth: simulate.GroundTruth | retailrocket.GroundTruth
    bytes: int
    seconds: float


def drop(out: Console, folder: Path, kind: str = "zenith", **arguments: Any) -> Dropped:
    """Generate a shop into `folder`, with a bar on a terminal."""
    generate: Callable[..., simulate.GroundTruth | retailrocket.GroundTruth] = (
        retailrocket.generate if kind == "retailrocket" else simulate.generate
    )
    began = time.perf_counter()
    columns = (
        progress.TextColumn("writing"),
        progress.BarColumn(),
        progress.TextColumn("{task.fields[events]} events"),
    )
    with progress.Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("writing", total=None, events="0")

        def on_day(day: int, days: int, events: int) -> None:
            bar.update(task, total=days, completed=day + 1, events=number(events))

        ground_truth = generate(folder, **arguments, on_day=on_day)
    seconds = time.perf_counter() - began
    return Dropped(ground_truth, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()), seconds)


def show(out: Console, dropped: Dropped, folder: Path) -> None:
    """Print what was written, stream by stream."""
    ground_truth = dropped.ground_truth
    shown = grid("stream", "files", "records", "of them faulty", numbers=["files", "records", "of them faulty"])
    for stream, files in ground_truth["files"].items():
        added = sum(ground_truth["quarantined"][stream].values()) + sum(ground_truth["duplicates"][stream].values())
        shown.add_row(stream, number(files), number(ground_truth["lines"][stream]), number(added))
    out.print(shown)
    rate = round(ground_truth["lines"]["events"] / dropped.seconds)
    out.print(
        f"\n{dropped.bytes / 1e6:,.1f} MB into {folder} in {dropped.seconds:.1f} s: "
        f"{number(rate)} events/s. Their ground truth is in {folder / 'ground_truth.json'}.",
        soft_wrap=True,
    )


def as_data(dropped: Dropped, folder: Path) -> dict[str, Any]:
    """The same for a program to read."""
    ground_truth = dropped.ground_truth
    return {
        "landing": str(folder),
        "files": ground_truth["files"],
        "records": ground_truth["lines"],
        "quarantined": ground_truth["quarantined"],
        "duplicates": ground_truth["duplicates"],
        "bytes": dropped.bytes,
        "seconds": round(dropped.seconds, 3),
        "events_per_second": round(ground_truth["lines"]["events"] / dropped.seconds),
    }
