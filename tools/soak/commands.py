"""The commands that write to a lake, each as an action that can be killed and repeated."""

from __future__ import annotations

import json
import shutil
from datetime import date
from random import Random
from typing import TYPE_CHECKING

from tools.soak import actions
from tools.soak.model import DATED
from tools.soak.random_records import RecordMaker
from tools.soak.tables import FAMILIES, LOOSE
from tools.soak.world import CLONE, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tools.soak.actions import Step

CHANCE = 5
"""The seed of what the commands choose."""
DAY = date(2026, 3, 2)
"""The day that is rebuilt."""
BY_RULE: dict[str, list[dict[str, object]]] = {
    "marks": [
        {"id": "r", "at": "2026-03-01T08:00:00Z", "who": "ada", "n": "3"},
        {"id": "r", "at": "2026-03-02T08:00:00Z", "who": "ada", "n": "-1"},
    ],
    "receipts": [{"id": "r", "day": "2026-03-02", "updated_at": "2026-03-02T08:00:00Z", "lines": ["9", "-1"]}],
}
"""Records of which another rule makes other rows: the mark has another day, the receipt a line more."""


def make_scene(folder: Path, engine: str = "sail", families: Sequence[str] = tuple(FAMILIES)) -> World:
    """Make a lake of families of tables with records in quarantine and a moment to go back to; more files have landed.

    Sail makes it; the commands are done on `engine`, which is slower to make a lake where it is Spark.
    """
    world, maker = World(folder, tuple(families)), RecordMaker(Random(8))
    for _ in range(2):
        for family in world.families:
            world.drop(family, maker.texts(family) + maker.texts(family))
        world.lake.run()
        world.model.ingest(world.model.waiting)
        world.remember()
    for family in world.families:
        world.drop(family, maker.texts(family) + maker.texts(family))
    world.check()
    world.engine = engine
    world.lake = world.open()
    return world


def run_dates(world: World) -> Callable[[], object]:
    """Return the rebuild of a day by another rule, while more files have landed; tables have kept their rows so far."""
    families = [family for family in DATED if family in world.families]
    for family in families:
        world.drop(family, [json.dumps(record) for record in BY_RULE[family]])
    world.open(engine="sail").run()
    world.model.ingest(world.model.waiting)
    world.limit = world.model.limit = LOOSE
    world.open(engine="sail").apply(keep=[f"silver.{family}" for family in families])
    for family in world.families:
        world.drop(family, RecordMaker(Random(CHANCE)).texts(family))
    world.lake = world.open()
    return lambda: world.lake.run(start=DAY, end=DAY)


def apply(world: World) -> Callable[[], object]:
    """Return the application of another rule."""
    world.limit = LOOSE
    world.lake = world.open()
    return lambda: world.lake.apply()


def clone(world: World) -> Callable[[], object]:
    """Return a clone beside the lake, unless it is there: a clone that was published is complete."""
    target = world.beside / CLONE
    return lambda: None if target.exists() else world.lake.clone(target)


def export(world: World) -> Callable[[], object]:
    """Return an export of a table of each family to Parquet files, in the place of an earlier export of one."""
    from shoplake.serve.export.destinations.targets import parse_target
    from shoplake.serve.export.export import export_tables

    target = str(world.beside / "export")
    export_tables(world.lake, parse_target(target, None), world.families[:1])
    return lambda: export_tables(world.lake, parse_target(target, None), world.families)


def metrics(world: World) -> Callable[[], object]:
    """Return the metrics of the lake in a file, in the place of an older text."""
    from shoplake.operations.observe.prometheus import write_metrics

    write_metrics(world.beside / "metrics.prom", "shoplake_old 1\n")
    return lambda: write_metrics(world.beside / "metrics.prom", world.lake.metrics())


def repair(world: World) -> Callable[[], object]:
    """Return the repair of a table that lost its data."""
    for partition in (world.path / "silver" / world.families[0]).glob("*=*"):
        shutil.rmtree(partition)
    world.lake = world.open()
    return lambda: world.lake.repair()


def _step(make: Callable[[World, Random], Step | None]) -> Callable[[World], Callable[[], object]]:
    def action(world: World) -> Callable[[], object]:
        step = make(world, Random(CHANCE))
        assert step is not None
        return step.act

    return action


COMMANDS: dict[str, Callable[[World], Callable[[], object]]] = {
    "run": lambda world: lambda: world.lake.run(),
    "run --full-refresh": lambda world: lambda: world.lake.run(full_refresh=True),
    "run --start --end": run_dates,
    "run --watch": _step(actions.watch),
    "apply": apply,
    "quarantine fix": _step(actions.fix),
    "quarantine discard": _step(actions.discard),
    "quarantine replay": _step(actions.replay),
    "maintain optimize": _step(actions.optimize),
    "maintain vacuum": _step(actions.vacuum),
    "maintain auto": _step(actions.maintain),
    "maintain restore": lambda world: lambda: world.lake.restore(world.moments[0].at),
    "clone": clone,
    "export": export,
    "metrics": metrics,
    "repair": repair,
}
"""What each command does to a scene, by its words."""
