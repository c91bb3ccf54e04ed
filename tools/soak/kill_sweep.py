"""Kills commands at their crash points and repeats them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shoplake.engine.crash_hooks import set_crash_hook
from tools.soak.commands import COMMANDS
from tools.soak.world import DifferenceError, one_table_at_a_time

if TYPE_CHECKING:
    from pathlib import Path

    from tools.soak.world import World


@dataclass(frozen=True)
class Whole:
    """What a command reaches and makes of a scene when nothing happens: crash points in order, and rows by table."""

    reached: list[str]
    rows: dict[str, list[tuple[Any, ...]]]

    @property
    def points(self) -> list[str]:
        """The crash points, each once."""
        return [*dict.fromkeys(self.reached)]


def uninterrupted(scene: World, name: str, folder: Path) -> Whole:
    """Do a command in a copy of the scene."""
    world, reached = scene.fork(folder), list[str]()
    action = COMMANDS[name](world)
    set_crash_hook(reached.append)
    try:
        with one_table_at_a_time():
            action()
    finally:
        set_crash_hook(None)
    return Whole(reached, world.tables())


def check_kill(scene: World, name: str, point: str, whole: Whole, folder: Path) -> None:
    """Kill a command when it first reaches a crash point, in a copy of the scene, and repeat it.

    Raises DifferenceError where the lake is then not what the uninterrupted command makes of it.
    """
    world = scene.fork(folder)
    action = COMMANDS[name](world)
    with one_table_at_a_time():
        killed_at = world.kill(action, lambda reached: reached[-1] == point)
    if killed_at is None:
        raise DifferenceError(f"{name} did not come to {point} again")
    action()
    if world.tables() != whole.rows:
        raise DifferenceError(f"{name} killed at {point} and repeated: other rows")
    world.check_whole()
