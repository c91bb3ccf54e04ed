import subprocess
import sys

import anyio
import httpx2
import pytest

from shoplake.serve.app import create_app
from shoplake.serve.mcp.part import mcp_part
from shoplake.settings.serve_settings import ServeSettings

from ..fake_store import FakeStore

UNLIMITED = ServeSettings(requests_per_second=10_000)
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
JSON = {"Accept": "application/json, text/event-stream"}


def post(assistant, secret=None, host="127.0.0.1", times=1, settings=UNLIMITED, **headers):
    """The status of the last of some requests to the server of the tools."""

    async def send():
        app = create_app(FakeStore(assistant.generation), assistant.keys, settings, [mcp_part()])
        bearer = {"Authorization": f"Bearer {secret}"} if secret else {}
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=f"http://{host}") as client,
        ):
            answers = [await client.post("/mcp/", json=CALL, headers=JSON | bearer | headers) for _ in range(times)]
            return answers[-1].status_code

    return anyio.run(send)


def test_the_tools_are_listed_as_read_only_with_their_parameters(assistant):
    listed = assistant.ask("analyst", lambda client: client.list_tools()).tools

    assert sorted(tool.name for tool in listed) == ["customer", "describe", "funnel", "query", "sales"]
    assert all(tool.annotations.read_only_hint and not tool.annotations.destructive_hint for tool in listed)
    [sales] = [tool for tool in listed if tool.name == "sales"]
    assert sales.input_schema["properties"]["grain"]["enum"] == ["day", "week", "month", "total"]
    assert "context" not in sales.input_schema["properties"]


def test_without_a_key_and_with_a_wrong_one_there_is_no_answer(assistant):
    assert post(assistant) == 401
    assert post(assistant, assistant.secrets["analyst"][::-1]) == 401


def test_pages_of_other_sites_and_foreign_hosts_are_refused(assistant):
    secret = assistant.secrets["analyst"]

    assert post(assistant, secret, Origin="https://evil.example") == 403
    assert post(assistant, secret, host="evil.example") == 400


def test_calls_count_against_the_limit_of_the_key(assistant):
    secret = assistant.secrets["analyst"]

    assert post(assistant, secret, times=5) == 200
    assert post(assistant, secret, times=5, settings=ServeSettings(requests_per_second=1)) == 429


@pytest.mark.sample
def test_the_sdk_is_loaded_with_the_first_request():
    script = "import sys; from shoplake.serve.mcp.part import mcp_part; mcp_part(); sys.exit('mcp' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
