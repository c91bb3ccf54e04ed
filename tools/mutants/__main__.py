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
TESTS = {
    "engine/write": "tests/engine/write",
    "pipeline/planner": "tests/pipeline/test_planner.py",
    "transforms/expectations": "tests/transforms/test_expectations.py",
}
"""The tests of each target: a mutant meets those of its own module first, and then the others."""
SECOND = ("tests/soak/test_write_modes.py",)
"""Tests that a mutant meets which the tests of its target do not notice."""
QUICK, NO_SPARK = "not slow and not spark", "not spark"
SLOW = f"slow and not hypothesis and {NO_SPARK}"
TIMEOUT_S = 120.0
"""Seconds of CPU time: on a busy machine a test that passes takes long."""
SLOW_TIMEOUT_S = 1200.0
OUTCOMES = ("killed", "timed out", "crashed", "unreachable")
"""What else becomes of a mutant than that it survives. One that no process can have is unreachable."""
MOST_OTHERS = 40
"""How many tests of other modules a mutant meets at most, the quickest ones."""


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
        self, mutant: Mutant | None, tests: Sequence[str], marks: str = NO_SPARK, timeout_s: float = TIMEOUT_S
    ) -> tuple[str, dict[str, list[str]]]:
        """Return what became of a mutant: killed, survived, unreachable, crashed or timed out.

        Of none, survived, and the tests that call each function.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"mutant": mutant and asdict(mutant), "tests": [*tests], "marks": marks}
        self._process.stdin.write(f"{json.dumps(order)}\n")
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
    parser.add_argument("--seed", default="", help="another sample than the usual one")
    parser.add_argument("--again", action="store_true", help="only those that survived the last time")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many minutes for each target")
    given = parser.parse_args(arguments)
    with Worker() as worker:
        for target in [given.target] if given.target else TARGETS:
            judge_target(worker, target, given)
    return 0


def judge_target(worker: Worker, target: str, given: argparse.Namespace) -> None:
    """Judge mutants of one target in an order that depends on nothing but the code and the seed.

    Of those that survived the last time, `again`, the others keep their outcomes.
    """
    everything = mutants_of(target)
    known = read_results().get("mutants", {}).get("targets", {}).get(target, {}) if given.again else {}
    chosen = choose(everything, target + given.seed, given.sample, known.get("survivors"))
    outcomes = Counter({name: known.get(name, 0) for name in OUTCOMES})
    survivors, end = [mutant.name for mutant in chosen] if given.again else [], time.monotonic() + given.minutes * 60
    for mutant in chosen:
        if time.monotonic() > end:
            break
        outcome = judge(worker, mutant, TESTS[target])
        outcomes[outcome] += outcome != "survived"
        survivors = [each for each in survivors if each != mutant.name]
        survivors += [mutant.name] if outcome == "survived" else []
        sys.stdout.write(f"{outcome}: {mutant.name}\n")
        sys.stdout.flush()
        record(target, len(everything), outcomes, survivors)


def choose(mutants: list[Mutant], seed: str, sample: int, names: Sequence[str] | None = None) -> list[Mutant]:
    """Return a random sample of mutants in random order, or those that have some names."""
    if names is not None:
        return [each for each in mutants if each.name in names]
    return random.Random(seed).sample(mutants, min(sample, len(mutants)))


def judge(worker: Worker, mutant: Mutant, target_tests: str) -> str:
    """Return what became of a mutant in the quick tests of its module and of its target, and then in slower ones.

    The slower ones are one of all write modes, and those of its module. Only tests that call its function can notice
    it. A change that no test reaches survives.
    """
    key = reach_key(str(ROOT / "src" / Path(*mutant.module.split("."))) + ".py", mutant.function)
    own = own_tests(mutant.module)
    quick = reaching_tests(worker, (target_tests,), QUICK).get(key, [])
    first = [test for test in quick if str(ROOT / test.partition("::")[0]) in own]
    for chosen in (first, [test for test in quick if test not in first][:MOST_OTHERS]):
        if chosen and (outcome := worker.judge(mutant, chosen)[0]) != "survived":
            return outcome
    for tests, marks in ((SECOND, NO_SPARK), (tuple(own), SLOW)):
        chosen = reaching_tests(worker, tests, marks).get(key, [])
        if chosen and (outcome := worker.judge(mutant, chosen, timeout_s=SLOW_TIMEOUT_S)[0]) != "survived":
            return outcome
    return "survived"


@cache
def reaching_tests(worker: Worker, tests: tuple[str, ...], marks: str) -> dict[str, list[str]]:
    """Return the tests that call each function, among those that some marks select.

    Raises RuntimeError where tests fail without a mutant: what they kill would mean nothing.
    """
    outcome, reach = worker.judge(None, [str(ROOT / each) for each in tests], marks, SLOW_TIMEOUT_S)
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
    counts: dict[str, object] = {"mutants": total, **{name: count for name, count in outcomes.items() if count}}
    counts |= {"survived": len(survivors), "survivors": sorted(survivors)}
    targets = before.get("targets", {}) | {target: counts}
    write_results("mutants", {"targets": targets, "reasons": reasons})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
