"""Kills commands wherever the disk is another one than before, and repeats them."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from deltalake import DeltaTable

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.engine.storage.locks.lease_backends import LEASE_FILE
from tools.soak.commands import COMMANDS
from tools.soak.killable_lake import copy_lake, one_table_at_a_time
from tools.soak.outputs import outputs
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tools.soak.world import World

LAKE, BESIDE = "lake", "beside"
"""The folders of a copy of the disk."""
COMPANIONS = {
    "quarantine": ("file", "line", "raw", "reasons", "record_key"),
    "changelog": ("thing", "price", "changed_at"),
}
"""The tables beside those of the model, by the end of their names, and what of them says nothing of when they were
written."""


@dataclass(frozen=True)
class Whole:
    """What a command reaches and makes of a scene when nothing happens: crash points in order, and rows by table."""

    reached: list[str]
    rows: dict[str, list[tuple[Any, ...]]]

    @property
    def points(self) -> list[str]:
        """The crash points, each once."""
        return [*dict.fromkeys(self.reached)]


@dataclass(frozen=True)
class Kill:
    """What a kill leaves: a folder with a copy of the disk, and the crash points in a row at which it is that."""

    folder: Path
    points: list[str]


class KilledCommand:
    """A command that is done once, in a copy of a scene, and then repeated in what kills of it leave.

    The disk is copied each time a crash point is reached, unless no file has changed since the last copy.
    """

    def __init__(self, scene: World, name: str, folder: Path) -> None:
        self.kills: list[Kill] = []
        self._name, self._world, self._files = name, scene.fork(folder), frozenset[tuple[object, ...]]()
        self._action = COMMANDS[name](self._world)
        self.whole = _do(self._world, self._action, self._keep)
        self.output = outputs(self._world.beside)

    def first_at(self, point: str) -> Kill:
        """Return the first kill at a crash point."""
        return next(kill for kill in self.kills if point in kill.points)

    def check(self, kill: Kill) -> None:
        """Repeat the command in what a kill leaves, as another process.

        Raises DifferenceError where lake and output are then not what the uninterrupted command makes of them.
        """
        world, what = self._world, f"{self._name} killed at {kill.points[0]} ({kill.folder.name}) and repeated"
        shutil.rmtree(world.beside)
        shutil.copytree(kill.folder / BESIDE, world.beside, dirs_exist_ok=True)
        copy_lake(kill.folder / LAKE, world.folder / LAKE)
        world.resume(world.folder / LAKE)
        with one_table_at_a_time():
            self._action()
        rows = rows_of(world)
        if differing := sorted(name for name in self.whole.rows | rows if rows.get(name) != self.whole.rows.get(name)):
            raise DifferenceError(f"{what}: other rows in {differing}")
        if outputs(world.beside) != self.output:
            raise DifferenceError(f"{what}: another output")
        world.check_whole()

    def _keep(self, point: str) -> None:
        files = _files_of(self._world)
        if files != self._files or not self.kills:
            folder = self._world.folder / "kills" / f"{len(self.kills) + 1}"
            folder.mkdir(parents=True)
            copy_lake(self._world.path, folder / LAKE)
            shutil.copytree(self._world.beside, folder / BESIDE)
            self._files = files
            self.kills.append(Kill(folder, []))
        self.kills[-1].points.append(point)


def sweep(command: KilledCommand, every: int, end: float) -> dict[str, int] | None:
    """Check each n-th kill of a command, and count; None where the end comes first, by the monotonic clock."""
    chosen = command.kills[::every]
    for kill in chosen:
        if time.monotonic() > end:
            return None
        command.check(kill)
    whole = command.whole
    return {"points": len(whole.points), "times": len(whole.reached), "disks": len(command.kills), "kills": len(chosen)}


def uninterrupted(scene: World, name: str, folder: Path) -> Whole:
    """Do a command in a copy of the scene."""
    world = scene.fork(folder)
    return _do(world, COMMANDS[name](world), lambda _: None)


def _do(world: World, action: Callable[[], object], at_point: Callable[[str], None]) -> Whole:
    """Do an action, and something at each crash point that it reaches; other threads wait there."""
    reached, lock = list[str](), Lock()

    def hook(name: str) -> None:
        with lock:
            reached.append(name)
            at_point(name)

    set_crash_hook(hook)
    try:
        with one_table_at_a_time():
            action()
    finally:
        set_crash_hook(None)
    return Whole(reached, rows_of(world))


def rows_of(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the tables of a world have, and their quarantines and changelogs, with repeated rows."""
    found = world.tables()
    for kind, columns in COMPANIONS.items():
        for log in sorted(world.path.glob(f"silver/*_{kind}/_delta_log")):
            rows = DeltaTable(str(log.parent)).to_pyarrow_table(columns=list(columns)).to_pylist()
            found[f"silver/{log.parent.name}"] = sorted((tuple(row.values()) for row in rows), key=repr)
    return found


def _files_of(world: World) -> frozenset[tuple[object, ...]]:
    """Return the files and folders of a world as something that differs once one of them has changed.

    The record of the lease is left out: it changes every few seconds.
    """
    paths = [path for folder in (world.path, world.beside) for path in folder.rglob("*") if path.name != LEASE_FILE]
    states = ((path, path.stat()) for path in paths)
    return frozenset(
        (path, state.st_ino, state.st_size, path.is_file() and state.st_mtime_ns) for path, state in states
    )
