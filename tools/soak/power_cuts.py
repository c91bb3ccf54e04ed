"""Cuts the power at crash points of commands, and repeats them: what was not flushed is lost or torn."""

from __future__ import annotations

import os
import random
import shutil
import stat
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from shoplake.engine.crash_hooks import set_crash_hook
from shoplake.engine.storage.durability import sync
from tools.soak.commands import COMMANDS
from tools.soak.world import DifferenceError, KilledError, one_table_at_a_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.soak.kill_sweep import Whole
    from tools.soak.world import World

BLOCK = 4096
END = "the end"
"""The cut after a command, before anything else happens."""
CUTS = ("lost", "torn")
"""What becomes of the files that were not flushed: they are as flushed, or each of its own luck."""
CUT_COMMANDS = tuple(name for name in COMMANDS if name not in ("clone", "export", "metrics"))
"""Those that write to the lake and not beside it."""
Files = dict[str, bytes]


def files_in(folder: Path) -> Files:
    """Return the content of every file, by its path in the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def surviving(old: bytes | None, new: bytes | None, chance: random.Random, odds: list[float]) -> bytes | None:
    """Return what a cut leaves of a file, flushed as `old` and written as `new`: one of them, nothing or a part."""
    if old == new:
        return new
    if new is None:
        return chance.choice([old, None])
    return chance.choices([old, b"", new[:BLOCK], new], odds)[0]


@contextmanager
def without_flushes() -> Iterator[None]:
    """Flush nothing inside `with`."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(sync, "_syncfs", lambda: lambda _descriptor: 0))
        stack.enter_context(mock.patch.object(os, "fsync", lambda _descriptor: None))
        yield


@dataclass
class Disk:
    """What a disk has of a lake for sure. Each file is a name in a folder and a content; each is flushed for itself.

    `syncfs` flushes all names and contents, `fsync` of a file its content, `fsync` of a folder the names in it.
    """

    lake: Path
    files: Files = field(default_factory=dict, repr=False)
    _contents: dict[int, bytes] = field(default_factory=dict, repr=False)

    @contextmanager
    def record(self) -> Iterator[None]:
        """Record the flushes inside `with`; all that is there before is on the disk."""
        self.files = files_in(self.lake)
        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(sync, "_syncfs", lambda: self._sync_all))
            stack.enter_context(mock.patch.object(os, "fsync", self._sync_one))
            yield

    def after_cut(self, seed: int | None) -> Files:
        """Return what a power cut at this instant leaves; without a seed, nothing but what was flushed."""
        if seed is None:
            return dict(self.files)
        chance, written, left = random.Random(seed), files_in(self.lake), Files()
        odds = [chance.random() for _ in range(4)]
        for name in sorted(self.files.keys() | written.keys()):
            content = surviving(self.files.get(name), written.get(name), chance, odds)
            if content is not None:
                left[name] = content
        return left

    def _sync_all(self, descriptor: int) -> int:
        if self._name(descriptor) is not None:
            self.files = files_in(self.lake)
        return 0

    def _sync_one(self, descriptor: int) -> None:
        if (name := self._name(descriptor)) is None:
            return
        state, path = os.fstat(descriptor), self.lake / name
        if stat.S_ISDIR(state.st_mode):
            self._flush_names(path)
            return
        self._contents[state.st_ino] = path.read_bytes()
        if name in self.files:
            self.files[name] = self._contents[state.st_ino]

    def _flush_names(self, folder: Path) -> None:
        there = {str(path.relative_to(self.lake)): path for path in folder.iterdir() if path.is_file()}
        prefix = "" if folder == self.lake else f"{folder.relative_to(self.lake)}/"
        gone = {name for name in self.files if name.rpartition("/")[0] == prefix[:-1] and name not in there}
        for name in gone:
            del self.files[name]
        for name, path in there.items():
            self.files[name] = self._contents.get(path.stat().st_ino, self.files.get(name, b""))

    def _name(self, descriptor: int) -> str | None:
        """Return the path of an open file in the lake; None where it lies elsewhere."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        return str(path.relative_to(self.lake)) if path.is_relative_to(self.lake) else None


def cut_power(world: World, action: Callable[[], object], point: str, seed: int | None) -> bool:
    """Cut the power when a command first reaches a point; False where it never does. The world goes on after it."""
    disk, left = Disk(world.path.resolve()), list[Files]()

    def hook(name: str) -> None:
        if name == point and not left:
            left.append(disk.after_cut(seed))
            raise KilledError

    set_crash_hook(hook)
    try:
        with disk.record(), one_table_at_a_time():
            action()
            hook(END)
    except KilledError:
        pass
    finally:
        set_crash_hook(None)
    if left:
        shutil.rmtree(world.path)
        world.generation += 1
        for name, content in left[0].items():
            path = world.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        world.lake = world.open()
    return bool(left)


def check_cut(scene: World, name: str, point: str, cut: str, whole: Whole, folder: Path) -> None:
    """Cut the power at a point of a command in a copy of the scene, and repeat the command.

    Raises DifferenceError where the lake is then not what the uninterrupted command makes of it, where it is not so
    before the repetition although the command had ended, and where the command does not come to the point.
    """
    world = scene.fork(folder)
    action = COMMANDS[name](world)
    if not cut_power(world, action, point, _seed(name, point) if cut == "torn" else None):
        raise DifferenceError(f"{name} did not come to {point} again")
    if point == END and world.tables() != whole.rows:
        raise DifferenceError(f"{name} had ended when the power was cut ({cut}): other rows")
    with without_flushes():
        action()
        if world.tables() != whole.rows:
            raise DifferenceError(f"{name} cut at {point} ({cut}) and repeated: other rows")
        world.check_whole()


def _seed(name: str, point: str) -> int:
    """Return the same luck each time a command is cut at a point."""
    return random.Random(f"{name} {point}").randrange(2**32)
