"""Flips single bits of a lake's files: each is named by `verify`, or every reader gets the same rows."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from deltalake import DeltaTable

from shoplake.engine import CHECKSUMS, Severity, file_paths, find_altered, find_damage, read_whole, table_problems
from shoplake.errors import ShoplakeError
from shoplake.lake import Lake
from tools.soak.random_records import RecordMaker
from tools.soak.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMED, HARMLESS, SILENT, CRASHED = "named", "harmless", "silent", "crashed"
RECORDS = ("_durable.json", "_checksums.sha256")
"""The files of a lake that say what its tables' files were."""
SKIPPED = ("_lease.lock",)
"""Files without content that counts."""


@dataclass(frozen=True)
class Flip:
    """One bit of a file: its path in the lake, the byte and the bit."""

    file: str
    byte: int
    bit: int

    @property
    def part(self) -> str:
        """What kind of file it is."""
        if "/_delta_log/" in self.file:
            return "log" if self.file.endswith(".json") else "checkpoint"
        if self.file.endswith(".parquet"):
            return "state" if self.file.startswith("ops/") else "data"
        return "other"


class BitRot:
    """Flips bits in copies of a lake. The copies are hard links, but for the file that is damaged."""

    def __init__(self, lake: Path, open_lake: Callable[[Path], Lake], folder: Path) -> None:
        self._lake, self._open, self._folder = lake, open_lake, folder
        paths = (each for each in lake.rglob("*") if each.is_file() and each.stat().st_size)
        self.files = sorted(str(each.relative_to(lake)) for each in paths if each.name not in SKIPPED)
        self._rows: dict[str, list[str]] = {}
        self._numbers = count()
        known = open_lake(lake)
        self._names = {each.path: each.qualified_name for each in known.known.values() if (lake / each.path).exists()}
        self._checksums: dict[str, dict[str, str]] = {}
        for row in known.state.read(CHECKSUMS, ["table", "file", "sha256"]):
            self._checksums.setdefault(row["table"], {})[row["file"]] = row["sha256"]

    def flips(self, random: Random) -> Iterator[Flip]:
        """Yield random flips for ever: any file as likely as another, then any of its bytes."""
        while True:
            file = random.choice(self.files)
            yield Flip(file, random.randrange((self._lake / file).stat().st_size), random.randrange(8))

    def outcome(self, flip: Flip) -> str:
        """Return whether a flip is named, harmless, silent, or ends `verify` itself.

        The table is judged alone; where that names nothing and its rows are others, the whole lake is verified.
        """
        table = "/".join(flip.file.split("/")[:2])
        if table not in self._names:
            with self._copy(flip) as copy:
                return self._verify(copy, table)
        with self._copy(flip, table) as copy:
            try:
                if self._has_problem(copy, table):
                    return NAMED
            except Exception:  # verify itself fails: it names nothing
                return CRASHED
            if self._is_equal(copy, table):
                return HARMLESS
        with self._copy(flip) as copy:
            return self._verify(copy, table)

    def count(self, flips: int, random: Random) -> tuple[Counter[str], list[Flip]]:
        """Return how many of so many flips had each outcome, by kind of file, and those that were silent."""
        counts, silent = Counter[str](), list[Flip]()
        for flip, _ in zip(self.flips(random), range(flips), strict=False):
            outcome = self.outcome(flip)
            counts[f"{flip.part}, {outcome}"] += 1
            silent += [flip] if outcome in (SILENT, CRASHED) else []
        return counts, silent

    @contextmanager
    def _copy(self, flip: Flip, table: str = "") -> Iterator[Path]:
        """Copy a table with the record of heads, or the whole lake; damage the copy. No path is used twice."""
        copy = self._folder / str(next(self._numbers))
        try:
            shutil.copytree(self._lake / table, copy / table, copy_function=os.link)
            if table:
                for name in RECORDS:
                    os.link(self._lake / name, copy / name)
            content = bytearray((self._lake / flip.file).read_bytes())
            content[flip.byte] ^= 1 << flip.bit
            (copy / flip.file).unlink(missing_ok=True)
            (copy / flip.file).write_bytes(content)
            yield copy
        finally:
            shutil.rmtree(copy)

    def _has_problem(self, copy: Path, table: str) -> bool:
        """Whether the check of one table's files names anything, as `verify` does for each."""
        heads = find_damage(str(copy), [table])
        at, checksums = str(copy / table), self._checksums.get(self._names[table], {})
        return (
            any(each.severity is not Severity.LEFTOVER for each in heads)
            or any(find_altered(str(copy), [table]))
            or any(table_problems(self._names[table], at, checksums))
            or (table.startswith("ops/") and any(read_whole(Path(at, file)) is None for file in file_paths(at)))
        )

    def _verify(self, copy: Path, table: str) -> str:
        try:
            if self._open(copy).verify():
                return NAMED
        except ShoplakeError:
            return NAMED
        except Exception:  # verify itself fails: it names nothing
            return CRASHED
        return SILENT if table in self._names else HARMLESS

    def _is_equal(self, copy: Path, table: str) -> bool:
        if table not in self._rows:
            self._rows[table] = _rows(self._lake / table)
        try:
            return _rows(copy / table) == self._rows[table]
        except Exception:  # a reader that fails is no reader that gets other rows, but nobody named the file
            return False


def _rows(table: Path) -> list[str]:
    return sorted(map(repr, DeltaTable(str(table)).to_pyarrow_table().to_pylist()))


def rot_of_small_lake(folder: Path, families: tuple[str, ...] = ("marks", "prices", "receipts")) -> BitRot:
    """Return bit rot of a lake that is made in `folder`: two runs of a few records of each family."""
    world, maker = World(folder / "world", families), RecordMaker(Random(1))
    for _ in range(2):
        for family in families:
            world.drop(family, maker.texts(family))
        world.lake.run()
    (folder / "copies").mkdir()

    def open_lake(path: Path) -> Lake:
        lake = world.lake
        return Lake(replace(lake.settings, lake=str(path)), project=lake.project, runtime=lake.runtime)

    return BitRot(world.path, open_lake, folder / "copies")
