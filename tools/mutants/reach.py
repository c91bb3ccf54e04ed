"""Which functions each test calls: a mutant is judged by the tests that call the function that it changes."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

SOURCE = str(Path(__file__).parents[2] / "src")


class ReachRecorder:
    """A pytest plugin that notes which functions of the package each test calls, with its fixtures.

    In any thread that began after `follow_threads`: those of a pool that stays work for many tests.
    """

    _now: ClassVar[set[tuple[str, str]] | None] = None

    def __init__(self) -> None:
        self._calls: dict[str, set[tuple[str, str]]] = {}
        self._seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note the calls of one test."""
        before, began = sys.gettrace(), time.perf_counter()
        ReachRecorder._now = self._calls.setdefault(item.nodeid, set())
        sys.settrace(self._note)
        try:
            return (yield)
        finally:
            sys.settrace(before)
            ReachRecorder._now = None
            self._seconds[item.nodeid] = time.perf_counter() - began

    @classmethod
    def follow_threads(cls) -> None:
        """Note also what threads call that begin from now on."""
        threading.settrace(cls._note)

    @classmethod
    def _note(cls, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if cls._now is not None and event == "call" and code.co_filename.startswith(SOURCE):
            cls._now.add((code.co_filename, code.co_qualname.partition(".<locals>")[0]))

    def tests(self) -> dict[str, list[str]]:
        """Return the tests that call each function, the quickest first, by `reach_key`."""
        found: dict[str, list[str]] = {}
        for test in sorted(self._calls, key=lambda each: self._seconds[each]):
            for file, function in self._calls[test]:
                found.setdefault(reach_key(file, function), []).append(test)
        return found


def reach_key(file: str, function: str) -> str:
    """Return the name of a function of a source file."""
    return f"{Path(file).relative_to(SOURCE)}:{function}"
