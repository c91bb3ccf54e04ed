"""Runs tests against one mutant after another in one process; `python -m tools.mutants.worker FILES TESTS…`.

The tests are collected once, and what all of them share stays. Orders come as lines of JSON on standard input; each is
answered by a line of JSON: without a mutant how long each test takes and which lines of FILES it comes to, else what
became of the mutant and the test that noticed it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tools.mutants.live import UnreachableError, mutated
from tools.mutants.mutator import Mutant
from tools.mutants.reach import ReachRecorder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

    from tools.mutants.reach import Line

OPTIONS = ["-q", "-n0", "-p", "no:cacheprovider", "--no-header", "--tb=no"]
MARKS = ("slow", "spark", "hypothesis")


class KeepShared:
    """What pytest takes for the next test at the end of some: one that needs what all tests share, and no more."""

    def __init__(self, session: pytest.Session) -> None:
        """Keep the fixtures of a session."""
        self._session = session

    def listchain(self) -> list[pytest.Session]:
        """Return what is kept."""
        return [self._session]


class JudgePlugin:
    """A pytest plugin that runs tests by order, each as often as it is asked to."""

    def __init__(self, files: str, orders: Iterable[str], answers: Any) -> None:
        """Judge mutants of the files whose paths begin with `files`."""
        self._files, self._orders, self._answers = files, orders, answers
        self._failed = False

    @staticmethod
    def pytest_sessionstart() -> None:
        """Let properties be tried with the same examples each time, and end at the first that fails."""
        from hypothesis import Phase, settings  # after pytest looked at it

        settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), derandomize=True, database=None)
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Answer orders until there are none."""
        items = {item.nodeid: item for item in session.items}
        for line in self._orders:
            order = json.loads(line)
            given = [items[each] for each in order["tests"] if each in items]
            answer: object = _marks(session.items)
            if order["what"] == "reach":
                answer = self._reach(session, given)
            elif order["what"] == "judge":
                answer = self._judge(session, Mutant(**order["mutant"]), given, order["anew"])
            self._answers.write(f"{json.dumps(answer)}\n")
            self._answers.flush()
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note that a test fails."""
        self._failed = self._failed or report.failed

    def _reach(self, session: pytest.Session, items: list[pytest.Item]) -> dict[str, Any]:
        """Return how long some tests take and which lines they come to; or the one that fails."""
        recorder = ReachRecorder(self._files)
        session.config.pluginmanager.register(recorder)
        try:
            failed = self._first_failure(session, items, keep=False)
        finally:
            session.config.pluginmanager.unregister(recorder)
            ReachRecorder.leave_threads()
        tests = {name: (recorder.seconds[name], _by_file(lines)) for name, lines in recorder.lines.items()}
        return {"failed": failed, "tests": tests, "shared": _by_file(set().union(*recorder.shared.values()))}

    def _judge(self, session: pytest.Session, mutant: Mutant, items: list[pytest.Item], anew: bool) -> list[str]:
        """Return what became of a mutant: killed, survived, unreachable, or spoilt where a test fails also without it.

        `anew` makes what all tests share with the mutant.
        """
        try:
            change: AbstractContextManager[None] = mutated(mutant)
            if anew:
                self._end(session)
            with change:
                failed = self._first_failure(session, items, keep=not anew)
        except UnreachableError:
            return ["unreachable", ""]
        if failed is None:
            return ["survived", ""]
        again = [item for item in items if item.nodeid == failed]
        return ["spoilt" if self._first_failure(session, again, keep=True) else "killed", failed]

    def _first_failure(self, session: pytest.Session, items: list[pytest.Item], *, keep: bool) -> str | None:
        """Run tests until one fails, and return its name; what they share stays if it is to be kept."""
        for item, after in zip(items, [*items[1:], None], strict=True):
            self._failed = False
            following: Any = after or (KeepShared(session) if keep else None)
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                self._end(session, keep=keep)
                return item.nodeid
        return None

    @staticmethod
    def _end(session: pytest.Session, *, keep: bool = False) -> None:
        """End the fixtures of tests that ended."""
        with contextlib.suppress(Exception):  # of a fixture that has a mutant; the next test shows what it left
            session._setupstate.teardown_exact(KeepShared(session) if keep else None)  # type: ignore[arg-type]
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.stats.clear()


def _by_file(lines: set[Line]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for file, line in sorted(lines):
        found.setdefault(file, []).append(line)
    return found


def _marks(items: Iterable[pytest.Item]) -> dict[str, list[str]]:
    return {item.nodeid: [mark for mark in MARKS if item.get_closest_marker(mark)] for item in items}


def main(files: str, tests: list[str]) -> None:
    """Collect some tests and answer orders."""
    orders, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    ReachRecorder.follow_threads()
    pytest.main([*OPTIONS, *tests], [JudgePlugin(files, orders, answers)])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
