"""Mutants: what is changed of a module, and how a running process gets the change."""

import ast
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from shoplake.engine.write.table_plan import DateRange
from shoplake.transforms import expectations
from tools.mutants.__main__ import TARGETS, choose, mutants_of, own_tests
from tools.mutants.live import UnreachableError, mutated
from tools.mutants.mutator import Mutant, find_mutants, mutate
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
    assert Mutant("a.b", "f", 0, 3, "Eq to NotEq").name == "a.b:3 f: Eq to NotEq"


def test_a_sample_depends_on_its_seed_alone_and_survivors_are_chosen_by_their_names():
    mutants = mutants_of("pipeline/planner")

    first, second = choose(mutants, "a", 5), choose(mutants, "b", 5)

    assert len(first) == 5 and first == choose(mutants, "a", 5) != second
    assert choose(mutants, "a", 5, [mutants[3].name]) == [each for each in mutants if each.name == mutants[3].name]


def test_what_a_thread_that_stays_calls_is_noted_for_each_test():
    ReachRecorder.follow_threads()
    recorder, calls = ReachRecorder(), (str, DateRange().includes)
    with ThreadPoolExecutor(1) as pool:
        for name, call in zip(("first", "second"), calls, strict=True):
            steps = recorder.pytest_runtest_protocol(SimpleNamespace(nodeid=name))
            next(steps)
            pool.submit(call, "2026-03-01").result()
            steps.close()
    threading.settrace(None)

    assert recorder.tests() == {"shoplake/engine/write/table_plan.py:DateRange.includes": ["second"]}
