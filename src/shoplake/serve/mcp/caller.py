"""Who calls a tool: the access and generation that the gate found for the request."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import anyio.to_thread
from mcp.server.mcpserver.exceptions import ToolError
from starlette.requests import Request

from shoplake.errors import ShoplakeError
from shoplake.serve.api.context import context_of
from shoplake.serve.api.problem import OUT_OF_RANGE, ProblemError
from shoplake.serve.mcp.part import GATE
from shoplake.serve.store.open_generation import QueryTimeoutError

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

    from shoplake.serve.api.access.gate import Gate
    from shoplake.serve.keys.role import Role
    from shoplake.serve.store.generation import Generation

P = ParamSpec("P")
T = TypeVar("T")


class Caller:
    """The caller of one tool."""

    def __init__(self, context: Context) -> None:
        request = context.request_context.request
        assert isinstance(request, Request), "tools are called over HTTP"
        self._request, self._context = request, context_of(request)

    @property
    def role(self) -> Role:
        """The role of the caller's key."""
        access = self._context.access
        assert access is not None, "the rule of the mount asks for a key"
        return access.role

    @property
    def generation(self) -> Generation:
        """The generation, with the columns that the caller may see. Raises ToolError where there is none yet."""
        if self._context.generation is None:
            raise ToolError("The store is being built. Fill the lake with: shoplake run. Then try again.")
        return self._context.generation

    def check_personal(self, tool: str, subject: str) -> None:
        """Raise ToolError unless the caller may see personal data; else record the look-up in the audit log."""
        if not self.role.can_see_personal:
            raise self.refused(tool)
        self.record_personal(subject)

    def record_personal(self, subject: str) -> None:
        """Record a look-up of personal data in the audit log."""
        gate: Gate = self._request.scope[GATE]
        gate.record_personal(self._request, subject)

    def refused(self, tool: str) -> ToolError:
        """Return the error of a role that may not use a tool."""
        return ToolError(f"The role '{self.role.name}' may not use the tool '{tool}'. Ask for another key.")

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the result of a function that runs in a thread. Raises ToolError for what a caller can correct."""
        try:
            return await anyio.to_thread.run_sync(partial(function, *args, **kwargs))
        except QueryTimeoutError as error:
            raise ToolError("The query took too long. Ask for less.") from error
        except OverflowError as error:
            raise ToolError(OUT_OF_RANGE) from error
        except (ShoplakeError, ProblemError) as error:
            raise ToolError(str(error)) from error
