"""Runs tests against one mutant after another in one process; `python -m tools.mutants.worker`.

Orders come as lines of JSON on standard input; each is answered by a line of JSON: killed, survived or unreachable, and
without a mutant the tests that call each function.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

import pytest

from tools.mutants.live import UnreachableError, mutated
from tools.mutants.mutator import Mutant
from tools.mutants.reach import ReachRecorder

OPTIONS = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "--no-header", "--tb=no"]
OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # the second time in one process, plugins are imported


def main() -> None:
    """Answer orders until there are none."""
    answers = os.fdopen(os.dup(1), "w")
    ReachRecorder.follow_threads()
    for line in sys.stdin:
        order = json.loads(line)
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):  # noqa: PTH123
            answer = judge(order["mutant"], order["tests"], order["marks"])
        answers.write(f"{json.dumps(answer)}\n")
        answers.flush()


def judge(mutant: dict[str, object] | None, tests: list[str], marks: str) -> tuple[str, dict[str, list[str]]]:
    """Return what became of a mutant; without one, whether the tests pass at all, and which call each function.

    Only tests that `marks` selects are run.
    """
    tests = ["-m", marks, *tests]
    with contextlib.redirect_stderr(io.StringIO()):
        if mutant is None:
            reach = ReachRecorder()
            return _outcome(tests, [reach]), reach.tests()
        try:
            with mutated(Mutant(**mutant)):  # type: ignore[arg-type]
                return _outcome(tests), {}
        except UnreachableError:
            return "unreachable", {}


def _outcome(tests: list[str], plugins: list[object] | None = None) -> str:
    passed = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    return "survived" if pytest.main([*OPTIONS, *tests], plugins) in passed else "killed"


if __name__ == "__main__":
    main()
