"""`python -m tools.mutants` judges mutants of the modules that decide what is written, and records what became of them.

It goes on where it stopped: it judges the mutants of functions that have other code than when they were judged.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from queue import Queue
from typing import TYPE_CHECKING

from tools.docs.reliability import EQUAL
from tools.mutants.judging import MOST_OTHERS, ROOT, Judge, Worker
from tools.mutants.mutator import Mutant, find_mutants
from tools.mutants.notes import Notes
from tools.mutants.verdicts import known_outcomes, recorded_outcomes
from tools.soak.results import read_results, write_results

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

TARGETS = {
    "engine/write": "src/shoplake/engine/write",
    "pipeline/planner": "src/shoplake/pipeline/planner.py",
    "transforms/expectations": "src/shoplake/transforms/expectations.py",
}
SECOND = ("tests/soak/test_write_modes.py",)
"""A test that each mutant of the engine meets, for it is one of all write modes."""
TESTS = {
    "engine/write": ("tests/engine/write", *SECOND),
    "pipeline/planner": ("tests/pipeline/test_planner.py",),
    "transforms/expectations": ("tests/transforms/test_expectations.py",),
}


def main(arguments: list[str]) -> int:
    """Judge the sample that is asked for, and record how many of each target were killed, and who survived."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("target", nargs="?", choices=[*TARGETS], help="all where none is named")
    parser.add_argument("--sample", type=int, default=10_000, help="how many mutants of each target")
    parser.add_argument("--only", default="", help="those of functions whose module and name have this text")
    parser.add_argument("--restart", action="store_true", help="begin with the first")
    parser.add_argument("--again", action="store_true", help="those that survived and are not equal, by all tests")
    parser.add_argument("--quick", action="store_true", help="without slow tests; `--again` has them")
    parser.add_argument("--seconds", type=float, default=1e9, help="of tests at most; `--again` has them all")
    parser.add_argument("--workers", type=int, default=1, help="how many processes")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop after so many minutes for each target")
    given = parser.parse_args(arguments)
    for target in [given.target] if given.target else TARGETS:
        judge_target(target, given)
    return 0


def judge_target(target: str, given: argparse.Namespace) -> None:
    """Judge mutants of one target that have no verdict, in an order that depends on nothing but the code.

    Of those that survived the last time and can be noticed, `again`; the others keep their outcomes.
    """
    everything, results = mutants_of(target), read_results().get("mutants", {})
    known = {} if given.restart else results.get("targets", {}).get(target, {})
    outcomes = known_outcomes(everything, known.get("functions", {}))
    equal = {name for name, reason in results.get("reasons", {}).items() if reason.startswith(EQUAL)}
    chosen = [mutant for mutant in choose(everything, target, given.sample) if mutant not in outcomes]
    if given.again:
        chosen = [each for each, outcome in outcomes.items() if outcome == "survived" and each.name not in equal]
    chosen = [mutant for mutant in chosen if given.only in mutant.place]
    record(target, everything, outcomes)
    for mutant, outcome in judge_all(chosen, target, given):
        outcomes[mutant] = outcome
        sys.stdout.write(f"{outcome}: {mutant.name}\n")
        sys.stdout.flush()
        record(target, everything, outcomes)


def judge_all(mutants: Sequence[Mutant], target: str, given: argparse.Namespace) -> Iterator[tuple[Mutant, str]]:
    """Yield what becomes of mutants, in their order, until the time is over; several processes judge side by side."""
    with ExitStack() as stack:
        workers = [Worker(str(ROOT / TARGETS[target]), TESTS[target]) for _ in range(given.workers)]
        judges = Queue[Judge]()
        for worker in workers:
            judges.put(learned(stack.enter_context(worker), target, given))
        end = time.monotonic() + given.minutes * 60

        def outcome_of(mutant: Mutant) -> str | None:
            if time.monotonic() > end:
                return None
            judge = judges.get()
            outcome = judge.judge(mutant)
            judges.put(judge)
            return outcome

        pool = stack.enter_context(ThreadPoolExecutor(given.workers))
        for mutant, outcome in zip(mutants, pool.map(outcome_of, mutants), strict=True):
            if outcome is None:
                return
            yield mutant, outcome


def learned(worker: Worker, target: str, given: argparse.Namespace) -> Judge:
    """Return a judge that knows the tests of a worker: the quick ones, and the slow ones of which one run is enough."""
    marks = {test: each for test, each in worker.marks().items() if "spark" not in each}
    quick = {test for test, each in marks.items() if "slow" not in each}
    second = {test for test in quick if test.startswith(SECOND)}
    slow = {test for test, each in marks.items() if "slow" in each and "hypothesis" not in each} | second
    judge = Judge(worker, quick - second, given.seconds, len(quick) if given.again else MOST_OTHERS)
    notes = Notes(ROOT / "build" / "mutants" / f"{target.replace('/', '_')}.json", ROOT, files_of(target))
    judge.learn((test for test in marks if test in (quick - second if given.quick else quick | slow)), notes)
    return judge


def choose(mutants: list[Mutant], seed: str, sample: int) -> list[Mutant]:
    """Return a random sample of mutants in random order: of a larger one, the first."""
    return random.Random(seed).sample(mutants, len(mutants))[:sample]


def files_of(target: str) -> list[Path]:
    """Return the module of a target, or the modules in its folder."""
    path = ROOT / TARGETS[target]
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def mutants_of(target: str) -> list[Mutant]:
    """Return all mutants of a target."""
    names = {file: ".".join(file.relative_to(ROOT / "src").with_suffix("").parts) for file in files_of(target)}
    return [each for file, name in names.items() for each in find_mutants(name, file.read_text(encoding="utf-8"))]


def record(target: str, mutants: Sequence[Mutant], outcomes: Mapping[Mutant, str]) -> None:
    """Write the results of a target; reasons that survivors have in the results stay."""
    before = read_results().get("mutants", {})
    survivors = sorted(mutant.name for mutant, outcome in outcomes.items() if outcome == "survived")
    counts = Counter(outcomes.values())
    about = {"mutants": len(mutants), "survivors": survivors, "functions": recorded_outcomes(mutants, outcomes)}
    targets = before.get("targets", {}) | {target: {**counts, **about}}
    write_results("mutants", {"targets": targets, "reasons": before.get("reasons", {})})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
