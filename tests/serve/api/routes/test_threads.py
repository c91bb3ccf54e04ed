import threading
from types import SimpleNamespace

import anyio
import pytest
from starlette.requests import Request

from shoplake.serve.api.context import context_of
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.routes.threads import run_in_thread
from shoplake.serve.store.open_generation import QueryTimeoutError
from shoplake.settings.serve_settings import ServeSettings


@pytest.fixture
def request_():
    state = SimpleNamespace(settings=ServeSettings(query_timeout_s=7))
    return Request({"type": "http", "app": SimpleNamespace(state=state)})


def test_a_function_runs_beside_the_event_loop_and_is_timed(request_):
    ran_in = anyio.run(lambda: run_in_thread(request_, threading.get_ident))

    assert ran_in != threading.get_ident()
    assert "query" in context_of(request_).timings


def test_a_query_that_takes_too_long_is_a_problem(request_):
    def slow():
        raise QueryTimeoutError

    with pytest.raises(ProblemError, match="more than 7 s") as raised:
        anyio.run(lambda: run_in_thread(request_, slow))

    assert raised.value.status == 504
