"""`python -m tools.mutants` judges a sample of mutants of the modules that decide what is written, and records it."""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tools.mutants.mutator import Mutant, find_mutants
from tools.mutants.reach import reach_key
from tools.soak.results import read_results, write_results

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
TARGETS = {
    "engine/write": "src/shoplake/engine/write",
    "pipeline/planner": "src/shoplake/pipeline/planner.py",
    "transforms/expectations": "src/shoplake/transforms/expectations.py",
}
SECOND = ("tests/soak/test_write_modes.py",)
"""Tests that a mutant meets which the tests of its own module do not notice."""
TIMEOUT_S = 120.0
"""Seconds of CPU time: on a busy machine a test that passes takes long."""
TRACE_TIMEOUT_S = 1200.0


class Worker:
    """A process that judges mutants; one that hangs is ended, and another one begins."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tools.mutants.worker"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def judge(
        self, mutant: Mutant | None, tests: Sequence[str], timeout_s: float = TIMEOUT_S
    ) -> tuple[str, dict[str, list[str]]]:
        """Return what became of a mutant: killed, survived, unreachable, crashed or timed out.

        Of none, survived, and the tests that call each function.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"mutant": mutant and asdict(mutant), "tests": [*tests]}) + "\n")
        self._process.stdin.flush()
        ready = self._has_answer(timeout_s)
        if line := self._process.stdout.readline() if ready else "":
            outcome, reach = json.loads(line)
            return outcome, reach
        self.__exit__()
        self.__enter__()
        return "crashed" if ready else "timed out", {}

    def _has_answer(self, timeout_s: float) -> bool:
        """Wait for an answer: so many seconds of CPU time, or ten times as many of a process that only waits."""
        assert self._process.stdout is not None
        began, end = self._cpu_seconds(), time.monotonic() + 10 * timeout_s
        while time.monotonic() < end and self._cpu_seconds() - began < timeout_s:
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


def main(arguments: list[str]) -> int:
    """Judge the sample that is asked for, and record how many of each target were killed, and who survived."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("target", nargs="?", choices=[*TARGETS], help="all where none is named")
    parser.add_argument("--sample", type=int, default=10_000, help="how many mutants of each target")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many minutes for each target")
    given = parser.parse_args(arguments)
    with Worker() as worker:
        for target in [given.target] if given.target else TARGETS:
            judge_target(worker, target, given.sample, given.minutes)
    return 0


def judge_target(worker: Worker, target: str, sample: int, minutes: float) -> None:
    """Judge mutants of one target in an order that depends on nothing but the code."""
    everything = mutants_of(target)
    chosen = random.Random(target).sample(everything, min(sample, len(everything)))
    outcomes, survivors, end = Counter[str](), list[str](), time.monotonic() + minutes * 60
    for mutant in chosen:
        if time.monotonic() > end:
            break
        outcome = judge(worker, mutant)
        outcomes[outcome] += 1
        survivors += [mutant.name] if outcome == "survived" else []
        sys.stdout.write(f"{outcome}: {mutant.name}\n")
        sys.stdout.flush()
        record(target, len(everything), outcomes, survivors)


def judge(worker: Worker, mutant: Mutant) -> str:
    """Return what became of a mutant in the tests of its module, and then in those of all write modes.

    Only tests that call its function can notice it. A change that no test reaches survives.
    """
    file = str(ROOT / "src" / Path(*mutant.module.split("."))) + ".py"
    for tests in (own_tests(mutant.module), [str(ROOT / each) for each in SECOND]):
        chosen = reaching_tests(worker, tuple(tests)).get(reach_key(file, mutant.function), [])
        outcome, _ = worker.judge(mutant, chosen) if chosen else ("survived", {})
        if outcome != "survived":
            return outcome
    return "survived"


@cache
def reaching_tests(worker: Worker, tests: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the tests that call each function.

    Raises RuntimeError where tests fail without a mutant: what they kill would mean nothing.
    """
    if not tests:
        return {}
    outcome, reach = worker.judge(None, tests, TRACE_TIMEOUT_S)
    if outcome != "survived":
        raise RuntimeError(f"tests fail without a mutant: {', '.join(tests)}")
    return reach


def mutants_of(target: str) -> list[Mutant]:
    """Return all mutants of a module or of the modules in a folder."""
    path = ROOT / TARGETS[target]
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    names = {file: ".".join(file.relative_to(ROOT / "src").with_suffix("").parts) for file in files}
    return [each for file, name in names.items() for each in find_mutants(name, file.read_text(encoding="utf-8"))]


def own_tests(module: str) -> list[str]:
    """Return the test modules of a module: those that begin with its name, in the folder of the same name."""
    _, *folders, name = module.split(".")
    return sorted(map(str, (ROOT / "tests").joinpath(*folders).glob(f"test_{name}*.py")))


def record(target: str, total: int, outcomes: Counter[str], survivors: list[str]) -> None:
    """Write the results of a target; reasons that survivors have in the results stay."""
    before = read_results().get("mutants", {})
    reasons = before.get("reasons", {})
    targets = before.get("targets", {}) | {target: {"mutants": total, **dict(outcomes), "survivors": sorted(survivors)}}
    write_results("mutants", {"targets": targets, "reasons": reasons})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
