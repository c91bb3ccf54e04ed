import inspect

import pytest

from shoplake.engine.memory import MemoryEngine
from shoplake.engine.protocol import Engine, WriteResult
from shoplake.engine.write.delta_engine import DeltaEngine

VERBS = [name for name in vars(Engine) if not name.startswith("_")]


def test_two_writes_add_up_count_by_count_and_rule_by_rule():
    one, other = WriteResult(10, 6, 2, 2, 1, {"a": 1, "b": 2}), WriteResult(5, 3, 1, 1, 0, {"b": 1, "c": 1})

    assert one + other == WriteResult(15, 9, 3, 3, 1, {"a": 1, "b": 3, "c": 1})


def test_nothing_written_adds_nothing():
    one = WriteResult(10, 6, 2, 2, 1, {"a": 1})

    assert one + WriteResult(0, 0) == WriteResult(0, 0) + one == one


@pytest.mark.parametrize("kind", [DeltaEngine, MemoryEngine])
@pytest.mark.parametrize("verb", VERBS)
def test_every_engine_does_what_is_asked_of_one_in_the_same_words(kind, verb):
    asked, offered = inspect.signature(getattr(Engine, verb)), inspect.signature(getattr(kind, verb))

    assert list(offered.parameters) == list(asked.parameters)
