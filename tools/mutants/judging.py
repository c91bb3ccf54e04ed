"""Judges mutants with the tests that can notice them, the likeliest and quickest first."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tools.mutants.mutator import Mutant
    from tools.mutants.notes import Notes

ROOT = Path(__file__).parents[2]
PATIENCE_S = 30.0
"""Seconds of CPU time that tests have beside five times what they take: on a busy machine a test takes long."""
MEASURING_S = 3600.0
MOST_OTHERS = 40
"""How many quick tests of other modules a mutant meets at most."""


class Worker:
    """A process that judges mutants; one that hangs is ended, and another one begins."""

    def __init__(self, files: str, tests: Sequence[str]) -> None:
        """Judge mutants of the files whose paths begin with `files` by some tests."""
        self._command = [sys.executable, "-m", "tools.mutants.worker", files, *tests]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdin=-1, stdout=-1, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def marks(self) -> dict[str, list[str]]:
        """Return the marks of each test."""
        found: dict[str, list[str]] = self._ask({"what": "marks", "tests": []}, MEASURING_S)
        return found

    def reach(self, tests: Sequence[str]) -> dict[str, Any]:
        """Return the seconds and lines of each test.

        Raises RuntimeError where one fails without a mutant: what the tests kill would mean nothing.
        """
        found: dict[str, Any] = self._ask({"what": "reach", "tests": [*tests]}, MEASURING_S)
        if found["failed"]:
            raise RuntimeError(f"a test fails without a mutant: {found['failed']}")
        return found

    def judge(self, mutant: Mutant, tests: Sequence[str], *, anew: bool, seconds: float) -> tuple[str, str]:
        """Return what became of a mutant, and the test that noticed it.

        Killed, survived, unreachable, crashed or timed out. `seconds` is what the tests take. A kill after which the
        test fails without the mutant too is judged again in another process.
        """
        order = {"what": "judge", "mutant": asdict(mutant), "tests": [*tests], "anew": anew}
        for _ in range(2):
            try:
                outcome, test = self._ask(order, PATIENCE_S + 5 * seconds)
            except ProcessEndedError as error:
                outcome, test = str(error), ""
            if outcome in ("spoilt", "crashed", "timed out"):
                self.__exit__()
                self.__enter__()
                self.marks()
            if outcome != "spoilt":
                return outcome, test
        return "killed", test

    def _ask(self, order: dict[str, object], timeout_s: float) -> Any:
        """Return the answer to an order. Raises ProcessEndedError where none comes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        ready = self._has_answer(timeout_s)
        if line := self._process.stdout.readline() if ready else "":
            return json.loads(line)
        raise ProcessEndedError("crashed" if ready else "timed out")

    def _has_answer(self, timeout_s: float) -> bool:
        """Wait for an answer: so many seconds of CPU time, or ten times as many of a process that only waits.

        Seconds are counted, and no clock is read: both processes may be stopped for a while.
        """
        assert self._process.stdout is not None
        began = self._cpu_seconds()
        for _ in range(int(10 * timeout_s)):
            if self._cpu_seconds() - began >= timeout_s:
                return False
            if select.select([self._process.stdout], [], [], 1.0)[0]:
                return True
        return False

    def _cpu_seconds(self) -> float:
        """Return the CPU time of the process; 0 where the system does not say it."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class ProcessEndedError(Exception):
    """A worker crashed or timed out."""


@dataclass
class Judge:
    """What is known of some tests, and the process that runs them.

    Of each test how long it takes, which lines it comes to, and how often it met and noticed mutants of a function.
    """

    worker: Worker
    quick: set[str]
    """The tests of which a mutant meets those of its module and a few others."""
    at_most_s: float = 1e9
    """How many seconds of tests a mutant meets at most, but for the first one."""
    most_others: int = MOST_OTHERS
    """How many quick tests of other modules a mutant meets at most, the likeliest."""
    seconds: dict[str, float] = field(default_factory=dict)
    tests: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    """The tests that come to each line."""
    shared: set[tuple[str, int]] = field(default_factory=set)
    """The lines that fixtures come to which several tests share."""
    met: Counter[tuple[str, str]] = field(default_factory=Counter)
    noticed: Counter[tuple[str, str]] = field(default_factory=Counter)

    def learn(self, tests: Iterable[str], notes: Notes) -> None:
        """Note what tests take and reach without a mutant."""
        for known in notes.learn(self.worker, tests):
            self.shared |= {(file, line) for file, lines in known.get("shared", {}).items() for line in lines}
            if test := known.get("test"):
                self.seconds[test] = known["seconds"]
                for line in ((file, line) for file, lines in known["lines"].items() for line in lines):
                    self.tests.setdefault(line, set()).add(test)

    def judge(self, mutant: Mutant) -> str:
        """Return what became of a mutant. A change that no test reaches survives."""
        chosen, lines = self._within_time(self.choose(mutant)), lines_of(mutant)
        if not chosen:
            return "survived"
        seconds = sum(self.seconds[test] for test in chosen)
        outcome, test = self.worker.judge(mutant, chosen, anew=bool(lines & self.shared), seconds=seconds)
        for each in chosen[: chosen.index(test) + 1] if test else chosen:
            self.met[mutant.function, each] += 1
        self.noticed[mutant.function, test] += 1
        return outcome

    def choose(self, mutant: Mutant) -> list[str]:
        """Return the tests that come to the statement of a mutant, in the order of what a kill by them costs.

        All slow ones and those of its own module, and few others.
        """
        own = own_tests(mutant.module)
        reaching = {test for line in lines_of(mutant) for test in self.tests.get(line, ())}
        ordered = sorted(reaching, key=lambda test: (self._cost(mutant.function, test, own), test))
        others = [test for test in ordered if test in self.quick and not test.startswith(own)][self.most_others :]
        return [test for test in ordered if test not in {*others}]

    def _within_time(self, tests: list[str]) -> list[str]:
        """Return the first tests that do not take more than a mutant has."""
        ends = accumulate(self.seconds[test] for test in tests)
        return [test for test, end in zip(tests, ends, strict=True) if test == tests[0] or end <= self.at_most_s]

    def _cost(self, function: str, test: str, own: tuple[str, ...]) -> float:
        """Return the seconds of a test for each mutant that it notices, as far as known."""
        expected = 0.5 if test.startswith(own) else 0.1
        return self.seconds[test] * (self.met[function, test] + 1) / (self.noticed[function, test] + expected)


def file_of(module: str) -> str:
    """Return the source file of a module."""
    return f"{ROOT.joinpath('src', *module.split('.'))}.py"


def lines_of(mutant: Mutant) -> set[tuple[str, int]]:
    """Return the lines to one of which a test has to come to notice a mutant."""
    return {(file_of(mutant.module), line) for line in range(mutant.first, mutant.last + 1)}


def own_tests(module: str) -> tuple[str, ...]:
    """Return the test modules of a module: those that begin with its name, in the folder of the same name."""
    _, *folders, name = module.split(".")
    found = (ROOT / "tests").joinpath(*folders).glob(f"test_{name}*.py")
    return tuple(sorted(f"{path.relative_to(ROOT)}::" for path in found))
