"""`python -m tools.mutants` judges a sample of mutants of the modules that decide what is written, and records it."""

from __future__ import annotations

import argparse
import json
import random
import select
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Self

from tools.mutants.mutator import Mutant, find_mutants
from tools.soak.results import read_results, write_results

ROOT = Path(__file__).parents[2]
TARGETS = {
    "engine/write": "src/shoplake/engine/write",
    "pipeline/planner": "src/shoplake/pipeline/planner.py",
    "transforms/expectations": "src/shoplake/transforms/expectations.py",
}
SECOND = ("tests/soak/test_write_modes.py",)
"""Tests that a mutant meets which the tests of its own module do not notice."""
TIMEOUT_S = 240.0


class Worker:
    """A process that judges mutants; one that hangs is ended, and another one begins."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tools.mutants.worker"]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=-1, stdout=-1, text=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def judge(self, mutant: Mutant | None, tests: list[str], timeout_s: float = TIMEOUT_S) -> str:
        """Return what became of a mutant: killed, survived, unreachable, crashed or timed out; of none, survived."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"mutant": mutant and asdict(mutant), "tests": tests}) + "\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], timeout_s)
        if answer := self._process.stdout.readline().strip() if ready else "":
            return answer
        self.__exit__()
        self.__enter__()
        return "crashed" if ready else "timed out"


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
    """Return what became of a mutant in the tests of its module, and then in those of all write modes."""
    own = own_tests(mutant.module)
    check_tests(worker, tuple(own))
    outcome = worker.judge(mutant, own) if own else "survived"
    if outcome == "survived":
        outcome = worker.judge(mutant, [str(ROOT / each) for each in SECOND])
    return outcome


@cache
def check_tests(worker: Worker, tests: tuple[str, ...]) -> None:
    """Raise RuntimeError where tests fail without a mutant: what they kill would mean nothing."""
    if tests and worker.judge(None, [*tests]) != "survived":
        raise RuntimeError(f"tests fail without a mutant: {', '.join(tests)}")


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
