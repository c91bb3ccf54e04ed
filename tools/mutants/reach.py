"""Which lines each test comes to: a mutant is judged by the tests that come to the statement that it changes."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

    from _typeshed import TraceFunction

Line = tuple[str, int]


class ReachRecorder:
    """A pytest plugin that notes which lines of some source files each test comes to, with its fixtures.

    In any thread that began after `follow_threads`: those of a pool that stays work for many tests. A fixture that
    several tests share counts for each of them.
    """

    _now: ClassVar[list[set[Line]]] = []
    _files: ClassVar[str] = " "

    def __init__(self, files: str) -> None:
        """Begin to note the lines of the files whose paths begin with `files`."""
        ReachRecorder._files = files
        self.lines: dict[str, set[Line]] = {}
        self.seconds: dict[str, float] = {}
        """The CPU time of each test: on a busy machine a mutant shall not meet fewer tests."""
        self.shared: dict[str, set[Line]] = {}
        """The lines that each fixture comes to that several tests share, by its name."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note the lines of one test."""
        before, began = sys.gettrace(), time.process_time()
        lines = self.lines.setdefault(item.nodeid, set())
        ReachRecorder._now.append(lines)
        sys.settrace(self._note)
        try:
            return (yield)
        finally:
            sys.settrace(before)
            ReachRecorder._now.pop()
            self.seconds[item.nodeid] = time.process_time() - began
            lines.update(*(self.shared.get(name, ()) for name in getattr(item, "fixturenames", ())))

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Note the lines of a fixture that several tests share."""
        if fixturedef.scope == "function":
            return (yield)
        lines = self.shared.setdefault(fixturedef.argname, set())
        ReachRecorder._now.append(lines)
        try:
            return (yield)
        finally:
            ReachRecorder._now.pop()

    @classmethod
    def follow_threads(cls) -> None:
        """Note also the lines of threads that begin from now on."""
        threading.settrace(cls._note)

    @classmethod
    def leave_threads(cls) -> None:
        """Follow no thread any more: each would be slower until its end."""
        threading.settrace(None)
        cls._files = ""

    @classmethod
    def _note(cls, frame: FrameType, _event: str, _argument: Any) -> TraceFunction | None:
        """Begin to follow a function; one of other files is not followed."""
        if not cls._files:
            sys.settrace(None)
        if not cls._now or not frame.f_code.co_filename.startswith(cls._files):
            return None
        return cls._note_line(frame, "call", None)

    @classmethod
    def _note_line(cls, frame: FrameType, _event: str, _argument: Any) -> TraceFunction:
        for lines in cls._now:
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return cls._note_line
