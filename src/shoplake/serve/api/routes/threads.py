"""Runs what may take long in a few threads, so that look-ups never wait for it."""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import anyio.to_thread
from starlette.requests import Request

from shoplake.serve.api.context import context_of
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.store.open_generation import QueryTimeoutError

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 4


async def run_in_thread(request: Request, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return the result of a function that runs in a thread. Raises ProblemError 504 where its query took too long."""
    state = request.app.state
    if not hasattr(state, "threads"):
        state.threads = anyio.CapacityLimiter(THREADS)
    began = time.perf_counter()
    try:
        return await anyio.to_thread.run_sync(lambda: function(*args, **kwargs), limiter=state.threads)
    except QueryTimeoutError as error:
        seconds = state.settings.query_timeout_s
        raise ProblemError(504, f"The query took more than {seconds} s. Ask for less.") from error
    finally:
        context_of(request).time("query", began)
