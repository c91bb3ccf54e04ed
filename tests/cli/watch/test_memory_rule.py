import math

import pytest

from shoplake.cli.watch.memory_rule import MemoryRule
from shoplake.engine.protocol import WriteResult
from shoplake.pipeline.runner import RunResult, TableResult

GIB = 1 << 30
WRITTEN = RunResult("r", tables=[TableResult("bronze.events_raw", WriteResult(1, 1), 0.5, 1, 1)])
NOTHING = RunResult("r")


def exceeded(rule_of, *runs):
    """After which runs a process is too large: pairs of a result, and of what is resident in GiB."""
    sizes = iter([size for _, size in runs])
    rule = rule_of(lambda: int(next(sizes) * GIB))
    return [rule.is_exceeded_after(result) for result, _ in runs]


@pytest.mark.parametrize(("memory_limit", "growth"), [(None, 1), (8 * GIB, 1), (2 * GIB, 0.5)])
def test_a_process_may_grow_by_1_gib_or_a_quarter_of_its_memory_limit(memory_limit, growth):
    sizes = (0.5, 0.5 + growth, 0.51 + growth)
    runs = [(WRITTEN, size) for size in sizes]
    assert exceeded(lambda resident: MemoryRule(None, memory_limit, resident), *runs) == [False, False, True]


def test_growth_counts_from_the_least_that_was_resident_after_a_run():
    runs = [(WRITTEN, 3), (NOTHING, 0.5), (WRITTEN, 1.4), (WRITTEN, 1.6)]
    assert exceeded(lambda resident: MemoryRule(None, None, resident), *runs) == [False, False, False, True]


def test_another_size_takes_the_place_of_the_rule():
    runs = [(WRITTEN, 0.5), (WRITTEN, 0.9), (WRITTEN, 1.1)]
    assert exceeded(lambda resident: MemoryRule(GIB, None, resident), *runs) == [False, False, True]


def test_a_process_that_has_written_nothing_is_not_too_large():
    runs = [(NOTHING, 1.5), (NOTHING, 4), (WRITTEN, 4)]
    assert exceeded(lambda resident: MemoryRule(GIB, None, resident), *runs) == [False, False, True]


def test_infinity_is_never_exceeded():
    runs = [(WRITTEN, 1), (WRITTEN, 1_000)]
    assert exceeded(lambda resident: MemoryRule(math.inf, 2 * GIB, resident), *runs) == [False, False]
