"""One life of a lake, from a seed: random steps and faults, each compared with the model."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tools.soak import actions, faults
from tools.soak.killable_lake import one_table_at_a_time
from tools.soak.random_records import RecordMaker
from tools.soak.signals.signals import SIGNAL, stop_by_signal
from tools.soak.tables import FAMILIES
from tools.soak.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tools.soak.actions import Step

ACTIONS: dict[Callable[..., Step | None], int] = {
    actions.run: 8,
    actions.watch: 1,
    actions.change: 2,
    actions.fix: 3,
    actions.discard: 2,
    actions.replay: 2,
    actions.optimize: 1,
    actions.vacuum: 1,
    actions.maintain: 1,
    actions.restore: 2,
}
"""Actions and how often each is chosen."""
FAULTS = {"none": 8, "kill": 5, "disk full": 2, "second writer": 1, "clock": 2}
WITH_SIGNALS = {"none": 4, "kill": 1, "disk full": 1, "clock": 1, SIGNAL: 7}
"""Faults and how often each befalls a step; most commands of the other lives are stopped by a signal."""
MOST_POINTS = 40
"""A kill comes at one of so many crash points; a step that reaches fewer is done."""


class SoakError(AssertionError):
    """A life in which the lake was not what the model says: its seed, and its steps up to then."""

    def __init__(self, seed: int, steps: list[str], cause: BaseException) -> None:
        lines = "\n  ".join(steps)
        super().__init__(f"seed {seed}: {type(cause).__name__}: {cause}\nsteps:\n  {lines}")
        self.seed, self.steps = seed, steps


@dataclass
class Life:
    """What happened in a life: its seed, its steps, and how often each kind of step, fault and kill."""

    seed: int
    steps: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    killed_at: Counter[str] = field(default_factory=Counter)


def simulate(
    seed: int,
    steps: int,
    templates: dict[tuple[str, ...], Path] | None = None,
    after_step: Callable[[World], None] = lambda world: None,
    faults: Mapping[str, int] = FAULTS,
) -> Life:
    """Live one life of so many steps, and return what happened. Raises SoakError with the steps that led to it.

    `templates` are lakes without rows by the families of their tables, which are copied instead of made. `faults` has
    how often each is chosen.
    """
    chance, families = random.Random(seed), choose_families(seed)
    with begun_life(seed) as (life, folder):
        world, maker = World(folder, families, (templates or {}).get(families)), RecordMaker(chance)
        for _ in range(steps):
            _live(world, maker, chance, life, faults)
            after_step(world)
        world.check_quarantine()
        world.check_whole()
    return life


def simulate_signals(seed: int, steps: int, templates: dict[tuple[str, ...], Path] | None = None) -> Life:
    """Live one life whose commands are stopped by signals."""
    return simulate(seed, steps, templates, faults=WITH_SIGNALS)


@contextmanager
def begun_life(seed: int) -> Iterator[tuple[Life, Path]]:
    """Begin a life in a folder of its own, which is deleted at its end. Raises SoakError with the steps so far."""
    life, folder = Life(seed), Path(tempfile.mkdtemp(prefix="soak"))
    try:
        with one_table_at_a_time():
            yield life, folder
    except Exception as error:
        raise SoakError(seed, life.steps, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_templates(folder: Path) -> dict[tuple[str, ...], Path]:
    """Make a lake without rows for each choice of families; to copy one takes a tenth of the time of making it."""
    templates = {}
    for families in {choose_families(seed) for seed in range(7)}:
        world = World(folder / "-".join(families), families)
        world.create_tables()
        templates[families] = world.path
    return templates


def choose_families(seed: int) -> tuple[str, ...]:
    """Return the families of a life: one of them, or every seventh time all."""
    names = [*FAMILIES]
    return tuple(names) if seed % 7 == 6 else (names[seed % 3],)


def _live(world: World, maker: RecordMaker, chance: random.Random, life: Life, weights: Mapping[str, int]) -> None:
    """Let files land, do a step, maybe with a fault and then once more, and compare."""
    for family in world.families:
        if chance.random() < 0.8:
            world.drop(family, maker.texts(family))
    step = _choose_step(world, chance)
    fault = chance.choices([*weights], [*weights.values()])[0]
    if fault == SIGNAL and not step.command:
        fault = "none"
    life.steps.append(f"{step.name}, {fault}")
    life.counts.update([step.name, fault])
    world.is_disturbed |= fault in ("kill", "disk full", SIGNAL)
    with world.clock():
        _befall(world, step, fault, chance, life)
    with world.clock():
        step.act()
    step.effect()
    world.check()
    world.remember()


def _befall(world: World, step: Step, fault: str, chance: random.Random, life: Life) -> None:
    """Let a fault befall a step, which is done once more afterwards."""
    if fault == "second writer":
        faults.second_writer(world, step)
    elif fault == "disk full":
        faults.disk_full(world, step, chance)
    elif fault == "clock":
        actions.jump_clock(world, chance)
    elif fault == SIGNAL:
        stop_by_signal(world, step, chance, MOST_POINTS, life)
    elif fault == "kill":
        nth = chance.randint(1, MOST_POINTS)
        point = world.kill(step.act, lambda reached: len(reached) == nth)
        life.steps[-1] += f" at {point}"
        life.killed_at.update([point] if point else [])


def _choose_step(world: World, chance: random.Random) -> Step:
    """Return a step that is possible now: while the code differs from what was applied, only its application is."""
    if not world.moments:
        return actions.run(world, chance)
    if world.limit != world.model.limit:
        return _apply(world)
    step = None
    while step is None:
        action = chance.choices([*ACTIONS], [*ACTIONS.values()])[0]
        step = action(world, chance)
    return step


def _apply(world: World) -> Step:
    def effect() -> None:
        world.model.limit = world.limit
        world.model.judge_again(world.model.ingested)

    return actions.Step("apply", lambda: world.lake.apply(), effect)
