"""View of simulated files, and the progress bar while they are written."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from rich.progress import BarColumn, Progress, TextColumn

from shoplake import simulate
from shoplake.cli.console import format_number, text_table
from shoplake.simulate import realistic, retailrocket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Set
    from pathlib import Path

    from rich.console import Console

GROUND_TRUTH = "ground_truth.json"
AnyGroundTruth: TypeAlias = simulate.GroundTruth | retailrocket.GroundTruth | realistic.RealisticGroundTruth


@dataclass(frozen=True)
class GenerateView:
    """The files that a simulated shop wrote, with their ground truth."""

    ground_truth: AnyGroundTruth
    folder: Path
    bytes: int
    duration_s: float

    @property
    def events_per_second(self) -> int:
        """The events written per second."""
        return round(self.ground_truth["lines"]["events"] / self.duration_s)

    def render(self, console: Console) -> None:
        """Print the files and records of each stream."""
        numbers = ("files", "records", "faulty")
        table = text_table("stream", *numbers, numbers=numbers)
        for stream, files in self.ground_truth["files"].items():
            faulty = self._added("quarantined", stream) + self._added("duplicates", stream)
            records = self.ground_truth["lines"][stream]
            table.add_row(stream, format_number(files), format_number(records), format_number(faulty))
        console.print(table)
        console.print(
            f"\n{self.bytes / 1e6:,.1f} MB into {self.folder} in {self.duration_s:.1f} s: "
            f"{format_number(self.events_per_second)} events/s. Ground truth: {self.folder / GROUND_TRUTH}.",
            soft_wrap=True,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the counts by stream, the bytes and the speed."""
        return {
            "landing": str(self.folder),
            "files": self.ground_truth["files"],
            "records": self.ground_truth["lines"],
            "quarantined": self.ground_truth["quarantined"],
            "duplicates": self.ground_truth["duplicates"],
            "bytes": self.bytes,
            "duration_s": round(self.duration_s, 3),
            "events_per_second": self.events_per_second,
        }

    def _added(self, what: str, stream: str) -> int:
        counts: dict[str, dict[str, int]] = self.ground_truth[what]  # type: ignore[literal-required]
        return sum(counts[stream].values())


def generate_files(console: Console, folder: Path, kind: str = "zenith", **arguments: Any) -> GenerateView:
    """Simulate a shop into `folder`, with a progress bar on a terminal."""
    generate = _generator(kind, arguments)
    started = time.perf_counter()
    columns = (TextColumn("writing"), BarColumn(), TextColumn("{task.fields[events]} events"))
    with _usage_errors(), Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("writing", total=None, events="0")

        def on_day(day: int, days: int, events: int) -> None:
            bar.update(task, total=days, completed=day + 1, events=format_number(events))

        ground_truth = generate(folder, **arguments, on_day=on_day)
    duration_s = time.perf_counter() - started
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return GenerateView(ground_truth, folder, size, duration_s)


def shop_arguments(arguments: Mapping[str, Any], given: Set[str]) -> dict[str, Any]:
    """Return the arguments of the generator from a command's options, of which some are `given`.

    The realistic shop has its own defaults; it has no faulty records. Raises UsageError for those.
    """
    own = {name: value for name, value in arguments.items() if name not in ("shop", "orders", "features")}
    if arguments.get("shop") != "realistic" and not given & {"orders", "features"}:
        return own
    if "error_rate" in given:
        raise click.UsageError("--error-rate is for --shop simple, not realistic.")
    listed = [name.strip() for name in (arguments["features"] or "").split(",") if name.strip()]
    names = listed or (realistic.FEATURES if arguments["shop"] == "realistic" else ())
    chosen = {name: value for name, value in arguments.items() if name in given - {"shop", "features"}}
    return {**chosen, "features": tuple(names)}


def _generator(kind: str, arguments: Mapping[str, Any]) -> Callable[..., AnyGroundTruth]:
    if kind == "retailrocket":
        return retailrocket.generate
    return realistic.generate_realistic if "features" in arguments else simulate.generate


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Report arguments that do not fit together as wrong usage."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from error
