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
from tools.soak.kill_sweep import rows_of
from tools.soak.killable_lake import KilledError, one_table_at_a_time
from tools.soak.outputs import is_part, outputs
from tools.soak.world import DifferenceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.soak.kill_sweep import Whole
    from tools.soak.world import World

BLOCK = 4096
END = "the end"
"""The cut after a command, before anything else happens."""
CUTS = ("lost", "torn")
"""What becomes of the files that were not flushed: they are as flushed, or each of its own luck."""
BESIDE = ("clone", "export", "metrics")
"""Commands that write beside the lake alone."""
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
    """What a disk has of a folder for sure. Each file is a name in a folder and a content; each is flushed for itself.

    `syncfs` flushes all names and contents, `fsync` of a file its content, `fsync` of a folder the names in it: a
    folder below it that was renamed takes along what was flushed of it.
    """

    lake: Path
    files: Files = field(default_factory=dict, repr=False)
    _contents: dict[int, bytes] = field(default_factory=dict, repr=False)
    _folders: dict[int, str] = field(default_factory=dict, repr=False)
    """The last flushed name of each folder, by its number."""

    @contextmanager
    def record(self) -> Iterator[None]:
        """Record the flushes inside `with`; all that is there before is on the disk."""
        self._take_all()
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
            self._take_all()
        return 0

    def _take_all(self) -> None:
        self.files = files_in(self.lake)
        folders = [path for path in self.lake.rglob("*") if path.is_dir()]
        self._folders = {path.stat().st_ino: str(path.relative_to(self.lake)) for path in folders}

    def _sync_one(self, descriptor: int) -> None:
        if (name := self._name(descriptor)) is None:
            return
        state, path = os.fstat(descriptor), self.lake / name
        if stat.S_ISDIR(state.st_mode):
            self._folders.setdefault(state.st_ino, name)
            self._flush_folders(path)
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

    def _flush_folders(self, folder: Path) -> None:
        """Let the flushed files of the folders in a folder have the names that these have now."""
        prefix = "" if folder == self.lake else f"{folder.relative_to(self.lake)}/"
        there = {f"{prefix}{each.name}": each.stat().st_ino for each in folder.iterdir() if each.is_dir()}
        was = {number: name for number, name in self._folders.items() if number in there.values()}
        before = {*was.values(), *(f"{prefix}{each}" for each in self._names_below(prefix))}
        kept = {name: text for name, text in self.files.items() if not any(_is_in(name, each) for each in before)}
        for name, number in there.items():
            old = was.get(number)
            moved = {each: text for each, text in self.files.items() if old is not None and _is_in(each, old)}
            kept |= {f"{name}{each.removeprefix(old or '')}": text for each, text in moved.items()}
        self._folders |= {number: name for name, number in there.items()}
        self.files = kept

    def _names_below(self, prefix: str) -> set[str]:
        """Return the names of the folders in a folder that have flushed files."""
        rests = (name.removeprefix(prefix) for name in self.files if name.startswith(prefix))
        return {rest.partition("/")[0] for rest in rests if "/" in rest}

    def _name(self, descriptor: int) -> str | None:
        """Return the path of an open file in the lake; None where it lies elsewhere."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        return str(path.relative_to(self.lake)) if path.is_relative_to(self.lake) else None


def _is_in(name: str, folder: str) -> bool:
    return name.startswith(f"{folder}/")


def cut_power(world: World, action: Callable[[], object], point: str, seed: int | None, folder: Path) -> bool:
    """Cut the power when a command first reaches a point; False where it never does. The world goes on after it.

    `folder` is what the command writes to: the lake, or the folder beside it.
    """
    disk, left = Disk(folder.resolve()), list[Files]()

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
        shutil.rmtree(folder)
        if folder == world.path:
            world.generation += 1
            folder = world.path
        folder.mkdir()
        for name, content in left[0].items():
            path = folder / name
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
    before, where = outputs(world.beside), world.beside if name in BESIDE else world.path
    if not cut_power(world, action, point, _seed(name, point) if cut == "torn" else None, where):
        raise DifferenceError(f"{name} did not come to {point} again")
    left = outputs(world.beside)
    if point == END and rows_of(world) != whole.rows:
        raise DifferenceError(f"{name} had ended when the power was cut ({cut}): other rows")
    with without_flushes():
        action()
        if rows_of(world) != whole.rows:
            raise DifferenceError(f"{name} cut at {point} ({cut}) and repeated: other rows")
        world.check_whole()
    after = outputs(world.beside)
    if left not in ([after] if point == END else [before, after]):
        raise DifferenceError(f"{name} cut at {point} ({cut}): neither the output before nor the new one")
    if hidden := sorted(path.name for path in world.beside.iterdir() if is_part(path.name)):
        raise DifferenceError(f"{name} cut at {point} ({cut}) and repeated: {hidden} is left")


def _seed(name: str, point: str) -> int:
    """Return the same luck each time a command is cut at a point."""
    return random.Random(f"{name} {point}").randrange(2**32)
