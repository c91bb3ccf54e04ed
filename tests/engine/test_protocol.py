import inspect

import pytest
from fakes import FakeStateStore, FakeTables

from shoplake.engine.protocol import ChangeReader, PipelineEngine, StateReader, TableReader, TableWriter, WriteResult
from shoplake.engine.state.state_store import StateStore
from shoplake.engine.write.delta_engine import DeltaEngine

IMPLEMENTATIONS = [
    (TableReader, DeltaEngine),
    (TableReader, FakeTables),
    (TableWriter, DeltaEngine),
    (ChangeReader, DeltaEngine),
    (PipelineEngine, DeltaEngine),
    (StateReader, StateStore),
    (StateReader, FakeStateStore),
]
METHODS = [
    pytest.param(kind, getattr(protocol, name), id=f"{kind.__name__}.{name}")
    for protocol, kind in IMPLEMENTATIONS
    for name in vars(protocol)
    if not name.startswith("_") and callable(getattr(protocol, name))
]


def test_two_writes_add_up_count_by_count_and_rule_by_rule():
    one, other = (
        WriteResult(12, 6, 2, 2, 1, 2, 3, 2, {"a": 1, "b": 2}),
        WriteResult(5, 3, 1, 1, 0, 0, 1, 1, {"b": 1, "c": 1}),
    )

    assert one + other == WriteResult(17, 9, 3, 3, 1, 2, 4, 3, {"a": 1, "b": 3, "c": 1})


def test_nothing_written_adds_nothing():
    one = WriteResult(10, 6, 2, 2, 1, violations={"a": 1})

    assert one + WriteResult(0, 0) == WriteResult(0, 0) + one == one


@pytest.mark.parametrize(("kind", "method"), METHODS)
def test_implementations_and_fakes_take_the_parameters_of_their_protocol(kind, method):
    expected = inspect.signature(method)
    actual = inspect.signature(getattr(kind, method.__name__))

    assert list(actual.parameters) == list(expected.parameters)
