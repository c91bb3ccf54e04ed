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

    truth: simulate.Truth | retailrocket.Truth
    bytes: int
    seconds: float


def drop(out: Console, folder: Path, kind: str = "zenith", **arguments: Any) -> Dropped:
    """Generate a shop into `folder`, with a bar on a terminal."""
    generate: Callable[..., simulate.Truth | retailrocket.Truth] = (
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

        truth = generate(folder, **arguments, on_day=on_day)
    seconds = time.perf_counter() - began
    return Dropped(truth, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()), seconds)


def show(out: Console, dropped: Dropped, folder: Path) -> None:
    """Print what was written, stream by stream."""
    truth = dropped.truth
    shown = grid("stream", "files", "records", "of them dirty", numbers=["files", "records", "of them dirty"])
    for stream, files in truth["files"].items():
        added = sum(truth["quarantined"][stream].values()) + sum(truth["duplicates"][stream].values())
        shown.add_row(stream, number(files), number(truth["lines"][stream]), number(added))
    out.print(shown)
    rate = round(truth["lines"]["events"] / dropped.seconds)
    out.print(
        f"\n{dropped.bytes / 1e6:,.1f} MB into {folder} in {dropped.seconds:.1f} s: "
        f"{number(rate)} events/s. What is true of them is in {folder / 'truth.json'}.",
        soft_wrap=True,
    )


def as_data(dropped: Dropped, folder: Path) -> dict[str, Any]:
    """The same for a program to read."""
    truth = dropped.truth
    return {
        "landing": str(folder),
        "files": truth["files"],
        "records": truth["lines"],
        "quarantined": truth["quarantined"],
        "duplicates": truth["duplicates"],
        "bytes": dropped.bytes,
        "seconds": round(dropped.seconds, 3),
        "events_per_second": round(truth["lines"]["events"] / dropped.seconds),
    }
