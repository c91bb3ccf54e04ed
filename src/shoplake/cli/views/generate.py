"""View of simulated files, and the progress bar while they are written."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, Progress, TextColumn

from shoplake import simulate
from shoplake.cli.console import format_number, format_size, text_table
from shoplake.simulate import realistic, retailrocket, shopify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Set
    from pathlib import Path
    from typing import TypeAlias

    from rich.console import Console

    AnyGroundTruth: TypeAlias = (
        simulate.GroundTruth | retailrocket.GroundTruth | shopify.GroundTruth | realistic.RealisticGroundTruth
    )

GROUND_TRUTH = "ground_truth.json"
GENERATORS: dict[str, Callable[..., AnyGroundTruth]] = {
    "zenith": simulate.generate,
    "retailrocket": retailrocket.generate,
    "shopify": shopify.generate,
}


@dataclass(frozen=True)
class GenerateView:
    """The files that a simulated shop wrote, with their ground truth."""

    ground_truth: AnyGroundTruth
    folder: Path
    bytes: int
    duration_s: float

    @property
    def unit(self) -> str:
        """What the speed counts: events where the shop has any, else records of all streams."""
        return "events" if "events" in self.ground_truth["lines"] else "records"

    @property
    def units_per_second(self) -> int:
        """The events or records written per second."""
        lines = self.ground_truth["lines"]
        return round(lines.get("events", sum(lines.values())) / self.duration_s)

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
            f"\n{format_size(self.bytes)} into {self.folder} in {self.duration_s:.1f} s: "
            f"{format_number(self.units_per_second)} {self.unit}/s. Ground truth: {self.folder / GROUND_TRUTH}.",
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
            f"{self.unit}_per_second": self.units_per_second,
        }

    def _added(self, what: str, stream: str) -> int:
        counts: dict[str, dict[str, int]] = self.ground_truth[what]  # type: ignore[literal-required]
        return sum(counts[stream].values())


def generate_files(console: Console, folder: Path, kind: str = "zenith", **arguments: Any) -> GenerateView:
    """Simulate a shop into `folder`, with a progress bar on a terminal."""
    generate = realistic.generate_realistic if "features" in arguments else GENERATORS[kind]
    started = time.perf_counter()
    unit = "orders" if kind == "shopify" else "events"
    columns = (TextColumn("writing"), BarColumn(), TextColumn(f"{{task.fields[count]}} {unit}"))
    with _usage_errors(), Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("writing", total=None, count="0")

        def on_day(day: int, days: int, count: int) -> None:
            bar.update(task, total=days, completed=day + 1, count=format_number(count))

        ground_truth = generate(folder, **arguments, on_day=on_day)
    duration_s = time.perf_counter() - started
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return GenerateView(ground_truth, folder, size, duration_s)


def shop_arguments(arguments: Mapping[str, Any], given: Set[str]) -> dict[str, Any]:
    """Return the arguments of the generator from a command's options, of which some are `given`.

    The realistic shop has its own defaults.
    """
    own = {name: value for name, value in arguments.items() if name not in ("shop", "orders", "features")}
    if arguments.get("shop") != "realistic" and not given & {"orders", "features"}:
        return own
    listed = [name.strip() for name in (arguments["features"] or "").split(",") if name.strip()]
    names = listed or (realistic.DEFAULT_FEATURES if arguments["shop"] == "realistic" else ())
    chosen = {name: value for name, value in arguments.items() if name in given - {"shop", "features"}}
    return {**chosen, "features": tuple(names)}


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Report arguments that do not fit together as wrong usage."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from error
