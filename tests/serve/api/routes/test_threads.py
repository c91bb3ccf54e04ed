import asyncio
import threading
from types import SimpleNamespace

import anyio
import httpx
import pytest
from starlette.requests import Request

from shoplake.serve.api.context import context_of
from shoplake.serve.api.problem import ProblemError
from shoplake.serve.api.routes.threads import run_in_thread
from shoplake.serve.store.open_generation import QueryTimeoutError
from shoplake.settings.serve_settings import ServeSettings
from tests.serve.conftest import HOST, small_generations
from tests.serve.fake_store import FakeGeneration, FakeStore
from tests.serve.small_lake import CUSTOMERS, SALES, sale


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


class HeldGeneration(FakeGeneration):
    """Its queries wait until they are let go."""

    def __init__(self, generation):
        super().__init__(rows={SALES: [sale(1, "10.00")], CUSTOMERS: []}, documents=generation._documents)
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def query(self, sql, parameters=()):
        self.has_begun.set()
        assert self.may_end.wait(30)
        return super().query(sql, parameters)


def test_look_ups_are_answered_while_a_heavy_query_runs(own_site):
    held = HeldGeneration(small_generations()[1])
    site = own_site(store=FakeStore(held))
    headers = {"Authorization": f"Bearer {site.secrets['admin']}"}

    async def ask():
        transport = httpx.ASGITransport(site.app)
        async with httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers) as client:
            query = {"query": "SELECT count(*) AS days FROM gold.sales_daily"}
            heavy = asyncio.create_task(client.post("/v1/sql", json=query))
            await asyncio.to_thread(held.has_begun.wait, 30)
            found = await client.get("/v1/customers/C1/360?feed=shop")
            was_running = not heavy.done()
            held.may_end.set()
            return found, was_running, await heavy

    found, was_running, counted = asyncio.run(ask())

    assert (found.status_code, was_running) == (200, True)
    assert counted.json()["data"] == [{"days": 1}]
