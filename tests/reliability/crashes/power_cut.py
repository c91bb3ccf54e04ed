"""Power cuts: the files of a lake at each sync, and copies of it in which what came after the last one is damaged."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from shoplake.engine.storage.durability import sync
from shoplake.engine.storage.durability.durable_heads import FILE as DURABLE
from tools.soak.power_cuts import files_in, surviving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tools.soak.power_cuts import Files


@dataclass
class SyncLog:
    """The files of a lake as each sync flushed them, in order, from an empty lake to the end."""

    lake: Path
    states: list[Files] = field(default_factory=lambda: [{}], repr=False)

    def record(self, work: Callable[[], object]) -> None:
        """Do some work on the lake, and record what each sync during it flushes."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sync, "_syncfs", lambda: self._sync)
            work()

    def close(self) -> None:
        """Record the files as they are at the end."""
        self.states.append(files_in(self.lake))

    def cut(self, target: Path, seed: int) -> int:
        """Write to `target` what a power cut may leave; the number of the last sync before it."""
        chance = random.Random(seed)
        last = chance.randrange(len(self.states) - 1)
        flushed, written = self.states[last], self.states[last + 1]
        odds = [chance.random() for _ in range(4)]
        for name in sorted(flushed.keys() | written.keys()):
            content = self._survivor(name, flushed.get(name), written.get(name), chance, odds)
            if content is not None:
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return last

    def _survivor(
        self, name: str, old: bytes | None, new: bytes | None, chance: random.Random, odds: list[float]
    ) -> bytes | None:
        """What is left of a file: as flushed, as written, emptied or cut off."""
        if name == DURABLE:  # flushed by itself: the old one or the new, whole; the first before any table is made
            return new if old is None else chance.choice([old, new])
        return surviving(old, new, chance, odds)

    def _sync(self, _descriptor: int) -> int:
        self.states.append(files_in(self.lake))
        return 0
