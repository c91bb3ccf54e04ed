"""How much memory a process may keep between two runs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from shoplake.engine import resident_memory

if TYPE_CHECKING:
    from collections.abc import Callable

    from shoplake.pipeline.run_result import RunResult

GROWTH = 1 << 30
"""Bytes by which a process may grow without a memory limit."""


class MemoryRule:
    """Says when the resident memory of a process, in bytes, is too much to go on with.

    By default that is `GROWTH` above the least that it was after a run, or a quarter of `memory_limit` above it where
    that is less; `above` is another size, infinity for never. A process that has written no table has not grown:
    starting it again would free nothing.
    """

    def __init__(
        self, above: float | None, memory_limit: int | None, resident: Callable[[], int] = resident_memory
    ) -> None:
        self._above, self._resident = above, resident
        self._growth = min(GROWTH, memory_limit // 4) if memory_limit else GROWTH
        self._least = math.inf
        self._has_written = False
        self.resident = 0

    @property
    def limit(self) -> float:
        """The most that may be resident after a run."""
        if not self._has_written:
            return math.inf
        return self._least + self._growth if self._above is None else self._above

    def is_exceeded_after(self, result: RunResult) -> bool:
        """Note a run; return whether more is resident than may be."""
        self._has_written = self._has_written or bool(result.tables)
        return self.is_exceeded()

    def is_exceeded(self) -> bool:
        """Return whether more is resident now than may be."""
        self.resident = self._resident()
        if self._has_written:
            self._least = min(self._least, self.resident)
        return self.resident > self.limit
