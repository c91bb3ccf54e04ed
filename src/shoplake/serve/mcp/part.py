"""The tools as a part of the application, at `/mcp`, behind the keys and limits of the server."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from shoplake.serve.api.access.rules import ANY_ROLE
from shoplake.serve.app import Part

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from anyio.abc import TaskGroup, TaskStatus
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/mcp"
GATE = "shoplake.gate"


def mcp_part() -> Part:
    """Return the mounted server of the tools."""
    server = FirstUseServer()
    return Part(mounts={PATH: (server, ANY_ROLE)}, lifespan=server.lifespan)


class FirstUseServer:
    """Starts the server of the tools with its first request: the SDK takes 30 MB of each worker that has loaded it."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._tasks: TaskGroup | None = None
        self._starting = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with the gate of the outer application."""
        if scope["type"] == "http" and "app" in scope:
            scope = {**scope, GATE: scope["app"].state.gate}
        await (self._app or await self._start())(scope, receive, send)

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Let the server run until the end."""
        async with anyio.create_task_group() as self._tasks:
            yield
            self._tasks.cancel_scope.cancel()

    async def _start(self) -> ASGIApp:
        assert self._tasks is not None, "the lifespan is open while requests are answered"
        async with self._starting:
            if self._app is None:
                self._app = await self._tasks.start(self._run)
        return self._app

    async def _run(self, *, task_status: TaskStatus[ASGIApp]) -> None:
        app, opened = await anyio.to_thread.run_sync(_build)
        async with opened():
            task_status.started(app)
            await anyio.sleep_forever()


def _build() -> tuple[ASGIApp, Callable[[], AbstractAsyncContextManager[None]]]:
    from shoplake.serve.mcp.mcp_server import build_server

    return build_server()
