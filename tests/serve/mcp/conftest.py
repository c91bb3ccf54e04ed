"""The application with the tools, over the tables of a small shop, and the SDK's client on it."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from shoplake.serve.app import create_app
from shoplake.serve.keys.key_store import KeyStore
from shoplake.serve.mcp.part import mcp_part
from shoplake.settings.serve_settings import ServeSettings

from ..answers.small_shop import SmallShop
from ..fake_store import FakeStore

ADDRESS = "http://127.0.0.1/mcp/"


class Assistant:
    """Calls tools as an assistant does, with a key of a role."""

    def __init__(self, folder, generation, **settings):
        self.keys, self.generation = KeyStore(folder / "keys.sqlite"), generation
        self._settings = ServeSettings(**{"requests_per_second": 10_000} | settings)
        self.secrets = {role: self.keys.create(role)[1] for role in ("analyst", "service", "admin")}
        self.app = None

    def call(self, role, tool, **arguments):
        """The result of a tool."""
        return self.ask(role, lambda client: client.call_tool(tool, arguments))

    def data(self, role, tool, **arguments):
        """The JSON in the data block of a result."""
        return block_of(self.call(role, tool, **arguments))

    def ask(self, role, question):
        async def answer():
            async with self._connected(role) as client:
                return await question(client)

        with ThreadPoolExecutor(1) as pool:  # a browser of another test may have a loop in this thread
            return pool.submit(anyio.run, answer).result()

    @asynccontextmanager
    async def _connected(self, role):
        self.app = create_app(FakeStore(self.generation), self.keys, self._settings, [mcp_part()])
        headers = {"Authorization": f"Bearer {self.secrets[role]}"}
        transport = httpx2.ASGITransport(self.app)
        async with (
            self.app.router.lifespan_context(self.app),
            httpx2.AsyncClient(transport=transport, headers=headers, base_url="http://127.0.0.1") as http,
            Client(streamable_http_client(ADDRESS, http_client=http)) as client,
        ):
            yield client


def block_of(result):
    assert not result.is_error, result.content
    preface, block = (each.text for each in result.content)
    tag = re.search(r"<(data-\w+)>", preface)[1]
    assert block.startswith(f"<{tag}>\n") and block.endswith(f"\n</{tag}>")
    return json.loads(block.removeprefix(f"<{tag}>").removesuffix(f"</{tag}>"))


@pytest.fixture(scope="module")
def generation():
    return SmallShop().generation()


@pytest.fixture(scope="module")
def assistant(tmp_path_factory, generation):
    return Assistant(tmp_path_factory.mktemp("mcp"), generation)
