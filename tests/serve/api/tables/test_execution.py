import duckdb
import pytest

from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.tables.execution import execute, query_problems
from tests.serve.fake_store import FakeGeneration


def test_a_value_of_another_type_is_a_problem_of_the_query():
    with pytest.raises(ProblemError, match="The query cannot be answered: Conversion Error") as raised:
        execute(FakeGeneration(), "SELECT CAST(? AS DATE)", ["yesterday"])

    assert raised.value.status == 422


def test_a_query_without_enough_memory_is_a_problem_of_its_size():
    with pytest.raises(ProblemError) as raised, query_problems():
        raise duckdb.OutOfMemoryException("no")

    assert raised.value.status == 504


def test_rows_are_returned():
    assert execute(FakeGeneration(), "SELECT ?::INT AS n", [1]).to_pylist() == [{"n": 1}]
