"""Mutants: what is changed of a module, and how a running process gets the change."""

import ast
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from shoplake.engine.write import table_plan
from shoplake.engine.write.staging.staged_files import value_range
from shoplake.engine.write.table_plan import DateRange
from shoplake.transforms import expectations
from tools.mutants.__main__ import TARGETS, choose, mutants_of
from tools.mutants.judging import Judge, Worker, file_of, own_tests
from tools.mutants.live import UnreachableError, mutated
from tools.mutants.mutator import Mutant, find_mutants, mutate
from tools.mutants.notes import Notes
from tools.mutants.reach import ReachRecorder

SOURCE = '''
def larger(one: int, other: int = 0) -> bool:
    """Whether one is larger; a docstring is no code."""
    log.info("compare %s", one)
    if one is None:
        raise ValueError("a message")
    return not one <= other and one + 1 > 0
'''


def changes(source):
    return [(mutant.line, mutant.change) for mutant in find_mutants("m", source)]


def test_operators_conditions_constants_and_results_are_mutated():
    found = changes(SOURCE)

    assert (2, "0 to 1") in found and (5, "Is to IsNot") in found and (5, "negate the condition") in found
    assert {(7, each) for each in ("return None", "And to Or", "LtE to Lt", "drop the negation", "Add to Sub")} <= set(
        found
    )


def test_docstrings_log_lines_and_messages_are_not_mutated():
    assert {line for line, _ in changes(SOURCE)} == {2, 5, 7}


def test_a_sentence_is_not_mutated_and_the_name_of_a_column_is():
    found = changes('def plan():\n    return Plan(reason="Dates are requested.", column="day", names=", ".join(NAMES))')

    assert [change for _, change in found if change != "return None"] == ["'day' to 'xday'", "', ' to 'x, '"]


@pytest.mark.parametrize("target", TARGETS)
def test_each_mutant_has_a_name_of_its_own(target):
    names = [mutant.name for mutant in mutants_of(target)]

    assert len({*names}) == len(names)


def test_each_mutant_is_another_text_and_one_change():
    texts = {ast.unparse(mutate(SOURCE, mutant)) for mutant in find_mutants("m", SOURCE)}

    assert len(texts) == len(changes(SOURCE)) and ast.unparse(ast.parse(SOURCE)) not in texts


def test_a_running_process_has_the_change_meanwhile_and_not_after():
    mutant = next(each for each in mutants_of("transforms/expectations") if each.function == "_no_names")
    before = expectations._no_names.__code__

    with mutated(mutant):
        assert expectations._no_names.__code__ is not before
    assert expectations._no_names.__code__ is before


def test_a_function_that_the_module_does_not_have_is_an_error():
    mutants = find_mutants("tools.mutants.live", "def gone():\n    return 1\n")

    with pytest.raises(KeyError), mutated(mutants[0]):
        pass


@pytest.mark.sample
@pytest.mark.parametrize("target", TARGETS)
def test_every_function_with_a_mutant_is_found_in_the_process(target):
    functions = {(mutant.module, mutant.function): mutant for mutant in mutants_of(target)}

    unreachable = {mutant.function for mutant in functions.values() if not is_reachable(mutant)}
    assert unreachable <= {"DeltaEngine.__init__", "UnsharedFolderError.__init__"}


def is_reachable(mutant):
    """Whether a mutant can be put into the process: not where it takes away the only use of `super`."""
    try:
        with mutated(mutant):
            return True
    except UnreachableError:
        return False


@pytest.mark.parametrize("target", TARGETS)
def test_each_module_of_a_target_has_mutants_and_tests(target):
    modules = {mutant.module for mutant in mutants_of(target)}

    assert modules and all(own_tests(module) for module in modules)


def test_a_mutant_is_named_by_its_place_and_change():
    assert Mutant("a.b", "f", 0, 3, "Eq to NotEq", text="return a == b").name == "a.b f: Eq to NotEq, in return a == b"


def test_two_mutants_of_equal_lines_have_two_names():
    source = "def f(a):\n    if a:\n        return 1\n    return 1\n"

    names = [mutant.name for mutant in find_mutants("m", source) if mutant.change.startswith("return None")]
    assert names == ["m f: return None, in return 1", "m f: return None (2), in return 1"]


def test_a_sample_depends_on_the_target_alone_and_is_the_beginning_of_a_larger_one():
    mutants = mutants_of("pipeline/planner")

    first, second = choose(mutants, "a", 5), choose(mutants, "b", 5)

    assert len(first) == 5 and first == choose(mutants, "a", 9)[:5] != second


@pytest.mark.parametrize("most", [1, 2])
def test_a_mutant_meets_so_many_quick_tests_of_other_modules_at_most(most):
    mutant, tests = mutants_of("pipeline/planner")[0], {"tests/a.py::test_a", "tests/b.py::test_b"}
    line = (file_of(mutant.module), mutant.first)
    judge = Judge(None, tests, most_others=most, seconds=dict.fromkeys(tests, 1.0), tests={line: tests})

    assert len(judge.choose(mutant)) == most


def test_the_lines_of_a_mutant_are_those_of_its_innermost_statement_without_its_body():
    source = """
def f(a, b=0):
    if (a and
            b):
        return [a,
                b + 1]
    return a
"""
    lines = {mutant.change: (mutant.first, mutant.last) for mutant in find_mutants("m", source)}

    assert lines["And to Or"] == lines["negate the condition"] == (3, 4)
    assert lines["Add to Sub"] == (5, 6) and lines["0 to 1"] == (2, 7)


def test_a_default_that_is_a_constant_is_changed_in_the_running_process():
    mutant = next(each for each in mutants_of("engine/write") if "value_range: True to False" in each.name)

    with mutated(mutant):
        assert not all(value_range.__kwdefaults__.values())
    assert all(value_range.__kwdefaults__.values())


def test_what_a_thread_that_stays_comes_to_is_noted_for_each_test():
    ReachRecorder.follow_threads()
    recorder, calls = ReachRecorder(str(table_plan.__file__)), (str, DateRange().includes)
    with ThreadPoolExecutor(1) as pool:
        for name, call in zip(("first", "second"), calls, strict=True):
            steps = recorder.pytest_runtest_protocol(SimpleNamespace(nodeid=name))
            next(steps)
            pool.submit(call, "2026-03-01").result()
            steps.close()
    threading.settrace(None)

    code = DateRange.includes.__code__
    assert not recorder.lines["first"] and (code.co_filename, code.co_firstlineno) in recorder.lines["second"]


def test_the_seconds_of_a_test_are_those_of_its_cpu_time():
    recorder = ReachRecorder(str(table_plan.__file__))
    steps = recorder.pytest_runtest_protocol(SimpleNamespace(nodeid="waits"))
    next(steps)
    time.sleep(0.3)
    steps.close()

    assert recorder.seconds["waits"] < 0.2


JUDGED = """
import pytest
from shoplake.engine.write import table_plan
from shoplake.engine.write.staging.staged_files import value_range
from shoplake.engine.write.table_plan import DateRange

@pytest.fixture(scope="module")
def shared():
    return DateRange("2026-03-01", None)

def test_it_does_not_come_there():
    pass

def test_it_does_not_look(shared):
    shared.includes("2026-03-02")

def test_it_notices(shared):
    assert shared.includes("2026-03-02")

@pytest.mark.slow
def test_it_is_slow(shared):
    assert shared.includes("2026-03-02")
"""


@pytest.mark.sample
def test_a_mutant_meets_the_tests_that_come_to_it_and_one_of_them_notices(tmp_path):
    mutant = next(each for each in mutants_of("engine/write") if each.function == "DateRange.includes")
    (tmp_path / "test_judged.py").write_text(JUDGED, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow", encoding="utf-8")

    with Worker(file_of(mutant.module), [str(tmp_path / "test_judged.py")]) as worker:
        marks = worker.marks()
        judge = Judge(worker, {test for test in marks if "slow" not in marks[test]})
        judge.learn(judge.quick, Notes(tmp_path / "notes.json", tmp_path, []))
        chosen = {test.rpartition("::")[2] for test in judge.choose(mutant)}

        assert chosen == {"test_it_does_not_look", "test_it_notices"} and judge.judge(mutant) == "killed"
